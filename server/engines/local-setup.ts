import { join } from 'node:path';
import { ModelStore } from '../../models/hub/store.node.ts';
import { engineInfo, type EngineId } from '../../models/registry.ts';
import { segmenterInfo, type SegmenterId } from '../../models/segmenters.ts';
import { loadConfig } from '../config.ts';
import { EngineCatalogue } from './catalogue.ts';
import { probeRuntime, type RuntimeFacts } from './runtime-probe.ts';
import type { EngineSetup } from './setup.ts';

/**
 * How an engine's network is to run on this machine, as the server's settings say; undefined for an engine without one.
 * @throws CodedError that says why it cannot run; ConfigError
 */
export async function localSetup(engine: EngineId): Promise<EngineSetup | undefined> {
	if (!engineInfo(engine).model) return undefined;
	return (await localCatalogue().ready(engine)).setup;
}

/** The same for a segmenter's networks. */
export async function localSegmenterSetup(segmenter: SegmenterId): Promise<EngineSetup | undefined> {
	if (!segmenterInfo(segmenter).model) return undefined;
	return (await localCatalogue().readySegmenter(segmenter)).setup;
}

/** The same for the translator. */
export function localTranslatorSetup(): Promise<EngineSetup> {
	return localCatalogue().readyTranslator();
}

/** What networks run on in this program, by what they may: finding out takes a process. */
const runtimes = new Map<string, Promise<RuntimeFacts>>();
/** The engines as the settings have them: weights that someone put there are read whole, once, to name them. */
const catalogues = new Map<string, EngineCatalogue>();

function localCatalogue(): EngineCatalogue {
	const config = loadConfig(process.env);
	return kept(catalogues, JSON.stringify(config), () => {
		const { providers, weights, workspace } = config;
		const runtime = kept(runtimes, providers.join(), () => probeRuntime(providers, () => {}));
		return new EngineCatalogue(new ModelStore(weights), join(workspace, 'weights'), runtime, config);
	});
}

function kept<T>(things: Map<string, T>, key: string, make: () => T): T {
	const thing = things.get(key) ?? make();
	things.set(key, thing);
	return thing;
}
