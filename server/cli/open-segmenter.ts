import { ModelStore } from '../../models/hub/store.node.ts';
import { findModel } from '../../models/registry.ts';
import { segmenterInfo, type SegmenterId } from '../../models/segmenters.ts';
import { loadConfig } from '../config.ts';
import { loadSegmenter, type LoadedSegmenter } from '../engines/load-segmenter.ts';
import { localSegmenterSetup } from '../engines/local-setup.ts';
import { standInNotice } from '../engines/run-job.ts';
import type { SegmenterRun } from '../protocol/prompts.ts';
import type { Notice } from '../protocol/schema.ts';
import type { TargetArgs } from './target-args.ts';

/**
 * The segmenter that a command uses: the one that was chosen; else SAM 3, where its weights are here or what only it understands was
 * said; else the classic one.
 */
export async function chooseSegmenter({ segmenter, concept }: TargetArgs): Promise<SegmenterId> {
	if (segmenter) return segmenter;
	if (concept) return 'sam3';
	const { weights } = loadConfig(process.env);
	const { state } = await new ModelStore(weights).inspect(findModel('sam3')!);
	return state === 'absent' || state === 'partial' ? 'classic' : 'sam3';
}

/**
 * Loads a segmenter as the server's settings say.
 * @throws CodedError that says why it cannot run; ConfigError
 */
export async function openSegmenter(id: SegmenterId): Promise<LoadedSegmenter> {
	return loadSegmenter(id, await localSegmenterSetup(id));
}

/** What is to be told of masks that a segmenter made. */
export function noticesOf({ segmenter, standIn }: SegmenterRun): Notice[] {
	return standIn ? [standInNotice(segmenterInfo(segmenter).model!)] : [];
}
