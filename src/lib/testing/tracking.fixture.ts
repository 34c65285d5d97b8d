import { vi } from 'vitest';
import type { Player } from '$lib/state/player.svelte.ts';
import { Prompting } from '$lib/state/prompting.svelte.ts';
import type { ConnectionStatus } from '$lib/state/server-connection.svelte.ts';
import { TrackJobs } from '$lib/state/track-jobs.svelte.ts';
import type { TrackPlace } from '$lib/state/track-place.ts';
import type { SavedTracking } from '$lib/state/track-wish.ts';
import { Tracking, type TrackingParts } from '$lib/state/tracking.svelte.ts';
import type { Upload, UploadState } from '$lib/state/upload.svelte.ts';
import type { RunLengthMask } from '$models/mask.ts';
import { appError } from '$protocol/errors.ts';
import type { Health, TrackJob, TrackJobRequest } from '$protocol/schema.ts';
import type { TrackedMasks, WorkerTrackRequest } from '$workers/segment/types.ts';
import { someClip, someHash, someHealth, someTrackJob } from './fakes.ts';

export const frames = 10;
const size = { width: 4, height: 1 };

/** A mask of so many pixels at the left. */
export const someMask = (pixels: number): RunLengthMask => ({ ...size, counts: [0, pixels, 4 - pixels] });

export const sam3Here: Health['segmenters'] = [
	{ id: 'sam3', available: true, provider: 'cpu', standIn: false, concepts: true, loaded: false }
];

class FakeUpload {
	#waiting: (() => void)[] = [];

	constructor(public state: UploadState) {}

	async ended(): Promise<void> {
		while (this.state.kind !== 'done' && this.state.kind !== 'refused')
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Tells what it has come to. */
	reach(state: UploadState): void {
		this.state = state;
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}

class FakeSession {
	readonly player = {
		...{ index: 0, frames },
		info: {
			...{ ...size, decoder: 'webcodecs' },
			times: Float64Array.from({ length: frames }, (_, i) => i / 10)
		}
	} as unknown as Player;
	/** Of what is seen where a mark is. */
	pixels = 2;
	readonly prompting = new Prompting(this.player, {
		...{ hovers: false, refines: true, concepts: true },
		segment: async () => ({ mask: someMask(this.pixels), score: 1, engine: 'sam3', milliseconds: 1 }),
		detect: async () => undefined,
		prepare: async () => {}
	});
	readonly file = new Blob(['clip']);
	readonly hash = someHash;
	readonly name = 'clip.mp4';
	readonly state = 'ready';
	closed = false;
	lockedOut = false;
	tracking: SavedTracking | undefined;
	readonly arrived: UploadState = { kind: 'done', clip: { ...someClip, ...size }, sent: true };
	readonly upload = new FakeUpload(this.arrived) as FakeUpload & Upload;
	readonly sendAgain = vi.fn(async () => {});
	readonly save = vi.fn(async () => {});
}

/** Says of the active target on a frame what it is. */
export async function mark(session: FakeSession, frame: number): Promise<void> {
	session.player.index = frame;
	session.prompting.add({ kind: 'box', x: 1, y: 0, width: 2, height: 1 });
	await session.prompting.settled();
}

/** The frames of a request in the order of `trackClip`. */
function inOrder({ targets, from = 0, to = frames - 1 }: WorkerTrackRequest): number[] {
	const known = targets.flatMap(({ keyframes }) => keyframes.map(({ frame }) => frame));
	const first = Math.max(from, Math.min(...known));
	const all = Array.from({ length: to - from + 1 }, (_, i) => from + i);
	return [...all.filter((frame) => frame >= first), ...all.filter((frame) => frame < first).reverse()];
}

/** Tracks in a browser that is told when to stop, and what it finds besides. */
class FakeSegmentation {
	way: 'webgpu' | 'classic' = 'classic';
	readonly encodeMilliseconds = 100;
	readonly asked: WorkerTrackRequest[] = [];
	/** Called before each frame. */
	before: (index: number) => void | Promise<void> = () => {};
	found: (index: number) => TrackedMasks = () => [];

	async track(
		_file: Blob,
		_name: string,
		request: WorkerTrackRequest,
		onFrame: (index: number, masks: TrackedMasks) => void,
		signal: AbortSignal
	): Promise<void> {
		this.asked.push(request);
		for (const index of inOrder(request)) {
			await this.before(index);
			signal.throwIfAborted();
			onFrame(index, [...request.targets.map(({ id }) => [id, someMask(3)] as const), ...this.found(index)]);
		}
	}
}

class FakeConnection {
	status: ConnectionStatus = 'online';
	health = someHealth();
	#waiting: (() => void)[] = [];
	readonly suspect = vi.fn(() => {
		this.status = 'away';
	});

	online(): Promise<void> {
		if (this.status === 'online') return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	comeBack(): void {
		this.status = 'online';
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}

/** A masks file with one target that is seen on all frames. */
export function masksFile({ from, to }: { from: number; to: number }, ids: readonly number[] = [1]) {
	const all = Array.from({ length: to - from + 1 }, (_, i) => from + i);
	const header = {
		...{ format: 'splazmatte-masks', version: 1, ...size, clipFrames: frames, frames: all.length },
		...{ segmenter: 'sam3', revision: '1', provider: 'cpu', standIn: false },
		targets: ids.map((id) => ({ id, frames: all.length }))
	};
	const masks = Object.fromEntries(ids.map((id) => [id, [0, 3, 1]]));
	const lines = [header, ...all.map((frame) => ({ frame, time: frame / 10, masks }))];
	return new Blob(lines.map((line) => `${JSON.stringify(line)}\n`)).stream() as ReadableStream<
		Uint8Array<ArrayBuffer>
	>;
}

export function trackingFixture(session = new FakeSession()) {
	const segmentation = new FakeSegmentation();
	const connection = new FakeConnection();
	const requests: TrackJobRequest[] = [];
	const api = {
		tracks: vi.fn(async (): Promise<TrackJob[]> => []),
		createTrack: vi.fn(async (request: TrackJobRequest) => {
			if (connection.status !== 'online') throw appError('server-away');
			requests.push(request);
			return someTrackJob({ id: `t${requests.length}` });
		}),
		cancelJob: vi.fn(async () => {}),
		retryJob: vi.fn(async () => {}),
		masks: vi.fn(async () => masksFile({ from: 0, to: frames - 1 }))
	};
	const jobs = new TrackJobs(api);
	const tell = vi.fn();
	const place: { wish: TrackPlace | undefined } = { wish: undefined };
	const tracking = new Tracking({
		...{ session, segmentation, connection, api, jobs, tell, wish: () => place.wish }
	} satisfies TrackingParts);
	/** Tells what has become of a job. */
	const event = (change: Partial<TrackJob>) =>
		jobs.apply({ type: 'track', seq: 1, id: change.id ?? 't1', job: someTrackJob({ id: 't1', ...change }) });
	return { session, segmentation, connection, requests, api, jobs, tell, place, tracking, event };
}
