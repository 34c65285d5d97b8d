import { createClassicMatter, createClassicSegmenter } from '../../models/classic/index.ts';
import { createMatAnyoneMatter } from '../../models/matanyone/matter.ts';
import type { Engine } from '../../models/matte-clip.ts';
import type { FloatType } from '../../models/onnx/types.ts';
import type { JobProgress } from '../../models/progress.ts';
import { engineInfo } from '../../models/registry.ts';
import { appError } from '../../server/protocol/errors.ts';
import type { JobRequest } from '../../server/protocol/schema.ts';
import { obtainModel } from '../models/obtain.ts';
import { maxWorkingPixels } from './limits.ts';

/** An engine that is ready to run. */
export interface LoadedEngine extends Engine {
	/** What it computes on, as shown and recorded. */
	readonly provider: string;
	/** Why not on something better, by code; absent where there is nothing better. */
	readonly reason?: string;
	/** What its network computes in; absent for an engine without one. */
	readonly precision?: FloatType;
	/** SHA-256 of the weights that the server has of it. */
	readonly weights?: string;
	/** Whether its weights come from a formula, so that its alpha means nothing. */
	readonly standIn: boolean;
}

/**
 * Loads an engine, fetching its weights first where this browser has not kept them.
 * @throws CodedError `engine-unavailable`, and what `obtainModel` throws
 */
export async function loadEngine(id: JobRequest['engine'], progress: JobProgress): Promise<LoadedEngine> {
	const { places, model } = engineInfo(id);
	if (!places.includes('browser')) throw appError('engine-unavailable', { engine: id });
	return model ? loadMatAnyone(id, model, progress) : loadClassic();
}

async function loadClassic(): Promise<LoadedEngine> {
	return {
		matter: await createClassicMatter(),
		segmenter: await createClassicSegmenter(),
		provider: 'browser',
		standIn: false
	};
}

async function loadMatAnyone(
	id: JobRequest['engine'],
	model: string,
	progress: JobProgress
): Promise<LoadedEngine> {
	let begun = false;
	const { about, weights } = await obtainModel(model, (stage, bytes, total) => {
		if (stage !== 'download') return;
		if (!begun) progress.begin('download', total);
		begun = true;
		progress.done(bytes);
	});
	if (begun) progress.begin('load', 0);
	// Only who computes with it loads ONNX Runtime.
	const [{ createWebRuntime }, { openOnTable, precisionOn }] = await Promise.all([
		import('../../models/runtime.web.ts'),
		import('../../models/matanyone/networks.web.ts')
	]);
	const runtime = await createWebRuntime();
	const precision = precisionOn(runtime);
	return {
		matter: createMatAnyoneMatter({
			...{ id, maxWorkingPixels: () => maxWorkingPixels },
			open: openOnTable(runtime, about, weights)
		}),
		...{ provider: runtime.provider, reason: runtime.reasons[0]?.code, precision },
		...{ weights: about.weights, standIn: about.standIn }
	};
}
