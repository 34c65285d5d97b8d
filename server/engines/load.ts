import { createClassicMatter } from '../../models/classic/index.ts';
import type { Size } from '../../models/frame.ts';
import { TOKEN } from '../../models/matanyone/canvas.ts';
import { buildMatAnyone, type MatAnyoneGraphs } from '../../models/matanyone/graph.ts';
import type { MatAnyoneNetworks } from '../../models/matanyone/loop.ts';
import { createMatAnyoneMatter } from '../../models/matanyone/matter.ts';
import type { MatAnyoneOptions } from '../../models/matanyone/options.ts';
import type { Matter } from '../../models/matter.ts';
import type { EngineId } from '../../models/registry.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import type { Network } from '../../models/runtime.ts';
import { attentionOn } from '../../models/videomama/attention.ts';
import { createVideoMaMaMatter } from '../../models/videomama/matter.ts';
import { videoMaMaOpener } from '../../models/videomama/open.node.ts';
import { warmUp } from '../../models/warm-up.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { Checkpoint } from '../../models/weights/checkpoint.ts';
import { checkUnchanged, openNetworks } from '../../models/weights/networks.node.ts';
import { appError } from '../protocol/errors.ts';
import { workingPixels } from './memory.ts';
import { openCvProvider } from './load-segmenter.ts';
import type { EngineSetup } from './setup.ts';
import { Slot } from './slot.ts';

/** An engine that is ready to run. */
export interface LoadedEngine {
	readonly matter: Matter;
	/** What it runs on, as shown and recorded. */
	readonly provider: string;
	/** What its network computes in; absent for an engine without one. */
	readonly precision?: EngineSetup['precision'];
	/** Whether its weights come from a formula, so that its alpha means nothing. */
	readonly standIn: boolean;
}

const slot = new Slot<LoadedEngine>(({ matter }) => matter.dispose());

/**
 * Loads an engine into this process, once: later calls get the same one, until another engine or other weights are asked for.
 * @param setup for an engine with weights
 * @throws CodedError `weights-…`, `out-of-memory`, `engine-unavailable`
 */
export async function loadEngine(id: EngineId, setup?: EngineSetup): Promise<LoadedEngine> {
	const checkpoint = setup && (await openCheckpoint(setup.folder));
	const key = JSON.stringify([id, setup, checkpoint?.identity]);
	return slot.get(key, () => load(id, setup, checkpoint));
}

/** Gives back the memory of the engine that is loaded. */
export function releaseEngine(): Promise<void> {
	return slot.empty();
}

function load(id: EngineId, setup?: EngineSetup, checkpoint?: Checkpoint): Promise<LoadedEngine> {
	if (id === 'classic') return loadClassic();
	if (!setup || !checkpoint) throw appError('engine-unavailable', { engine: id });
	return id === 'videomama' ? loadVideoMaMa(id, setup, checkpoint) : loadMatAnyone(id, setup, checkpoint);
}

async function loadClassic(): Promise<LoadedEngine> {
	return {
		matter: await createClassicMatter(),
		provider: openCvProvider,
		standIn: false
	};
}

async function loadMatAnyone(
	id: EngineId,
	setup: EngineSetup,
	checkpoint: Checkpoint
): Promise<LoadedEngine> {
	const { folder, cache, provider, precision, threads } = setup;
	const runtime = await createNodeRuntime({ providers: [provider], threads });
	const open = async (size: Size, signal?: AbortSignal): Promise<MatAnyoneNetworks> => {
		await checkUnchanged(checkpoint, folder);
		const graphs = buildMatAnyone(checkpoint.tensors, { ...size, precision });
		const weights = { checkpoint, folder, cache };
		const options = { occasional: ['seed', 'first'], signal } as const;
		const networks = await openNetworks(runtime, { ...graphs }, weights, options);
		if (provider !== 'cpu') await warmUpAll(networks, graphs, size);
		return networks;
	};
	const maxWorkingPixels = (options: MatAnyoneOptions) => workingPixels(setup, options);
	const matter = createMatAnyoneMatter({ id, open, maxWorkingPixels });
	return { matter, provider, precision, standIn: checkpoint.standIn };
}

async function warmUpAll(networks: MatAnyoneNetworks, graphs: MatAnyoneGraphs, size: Size): Promise<void> {
	const N = (size.width / TOKEN) * (size.height / TOKEN);
	try {
		for (const name of ['seed', 'first', 'step'] as const) await warmUp(networks[name], graphs[name], { N });
	} catch (error) {
		await Promise.all(Object.values<Network>({ ...networks }).map((network) => network.release()));
		throw error;
	}
}

async function loadVideoMaMa(
	id: EngineId,
	setup: EngineSetup,
	{ standIn }: Checkpoint
): Promise<LoadedEngine> {
	const { folder, cache, provider, precision, threads, memory: bytes } = setup;
	const runtime = await createNodeRuntime({ providers: [provider], threads });
	const open = await videoMaMaOpener({ folder, cache, runtime, precision, memory: bytes });
	const memory = { bytes, setup: { precision, attention: attentionOn(provider) } };
	return { matter: createVideoMaMaMatter({ id, open, memory }), provider, precision, standIn };
}
