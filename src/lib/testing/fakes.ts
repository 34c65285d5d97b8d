import type { SavedSession } from '$lib/storage/types.ts';
import type { Clip, Health, Job, TrackJob } from '$protocol/schema.ts';

export const someHash = 'a'.repeat(64);

export const someClip: Clip = {
	hash: someHash,
	bytes: 4,
	width: 64,
	height: 36,
	pixelAspect: 1,
	duration: 1,
	frames: 25,
	frameRate: 25,
	container: 'mp4',
	codec: 'h264',
	audio: false
};

export function someHealth(change: Partial<Health> = {}): Health {
	return {
		name: 'splazmatte',
		version: '0.1.0',
		epoch: 'e1',
		limits: { seconds: 60, shortSide: 1080, bytes: 2 ** 31, chunkBytes: 2 ** 23 },
		engines: [],
		segmenters: [],
		runtime: { provider: 'cpu', reasons: [] },
		running: 0,
		queued: 0,
		diskFree: 2 ** 40,
		...change
	};
}

export function someJob(change: Partial<Job> = {}): Job {
	return {
		id: 'j1',
		key: 'b'.repeat(64),
		clip: someHash,
		name: 'clip.mp4',
		engine: 'classic',
		options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
		outputs: ['alpha', 'foreground'],
		state: 'queued',
		results: [],
		notices: [],
		created: 1000,
		...change
	};
}

export function someTrackJob(change: Partial<TrackJob> = {}): TrackJob {
	return {
		kind: 'track',
		id: 't1',
		key: 'c'.repeat(64),
		clip: someHash,
		name: 'clip.mp4',
		segmenter: 'classic',
		state: 'queued',
		results: [],
		notices: [],
		created: 1000,
		...change
	};
}

export function someSaved(change: Partial<SavedSession> = {}): SavedSession {
	return {
		id: 's1',
		name: 'clip.mp4',
		bytes: 4,
		uploaded: false,
		engine: 'classic',
		options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
		outputs: ['alpha', 'foreground'],
		jobs: [],
		results: [],
		created: 1000,
		updated: 1000,
		...change
	};
}

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
