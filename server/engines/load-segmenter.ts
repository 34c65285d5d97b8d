import { createClassicSegmenter } from '../../models/classic/index.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import { openSam3 } from '../../models/sam3/open.node.ts';
import type { Segmenter } from '../../models/segmenter.ts';
import type { SegmenterId } from '../../models/segmenters.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { Checkpoint } from '../../models/weights/checkpoint.ts';
import { appError } from '../protocol/errors.ts';
import type { SegmenterRun } from '../protocol/prompts.ts';
import type { EngineSetup } from './setup.ts';
import { Slot } from './slot.ts';

/** What the engines without networks run on. */
export const openCvProvider = 'CPU (OpenCV, WebAssembly)';

/** A segmenter that is ready to run, and as what it does. */
export interface LoadedSegmenter {
	readonly segmenter: Segmenter;
	readonly run: SegmenterRun;
}

const slot = new Slot<LoadedSegmenter>(({ segmenter }) => segmenter.dispose());

/**
 * Loads a segmenter into this process, once: later calls get the same one, until another or other weights are asked for.
 * @param setup for a segmenter with weights
 * @throws CodedError `weights-…`, `out-of-memory`, `engine-unavailable`
 */
export async function loadSegmenter(id: SegmenterId, setup?: EngineSetup): Promise<LoadedSegmenter> {
	const checkpoint = setup && (await openCheckpoint(setup.folder));
	const key = JSON.stringify([id, setup, checkpoint?.identity]);
	return slot.get(key, () => load(id, setup, checkpoint));
}

/** Gives back the memory of the segmenter that is loaded. */
export function releaseSegmenter(): Promise<void> {
	return slot.empty();
}

async function load(id: SegmenterId, setup?: EngineSetup, checkpoint?: Checkpoint): Promise<LoadedSegmenter> {
	if (id === 'classic') {
		const run = { segmenter: id, provider: openCvProvider, standIn: false };
		return { segmenter: await createClassicSegmenter(), run };
	}
	if (!setup || !checkpoint) throw appError('engine-unavailable', { engine: id });
	const { folder, cache, provider, precision, threads, weights } = setup;
	const runtime = await createNodeRuntime({ providers: [provider], threads });
	const segmenter = await openSam3({ folder, cache, runtime, precision });
	if (provider !== 'cpu') await warmUp(segmenter);
	return { segmenter, run: { segmenter: id, provider, precision, weights, standIn: checkpoint.standIn } };
}

/** Answers a click on an empty picture: a graphics card's first run takes far longer than those after it. */
async function warmUp(segmenter: Segmenter): Promise<void> {
	const size = { width: 64, height: 64 };
	try {
		const frame = await segmenter.encode({ ...size, data: new Uint8Array(4 * size.width * size.height) });
		await frame.segment([{ kind: 'point', x: 32, y: 32, positive: true }]);
		frame.dispose();
	} catch (error) {
		await segmenter.dispose();
		throw error;
	}
}
