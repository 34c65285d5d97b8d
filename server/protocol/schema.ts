import { z } from 'zod';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions, matterStages, type MatteOptions } from '../../models/matter.ts';
import { stages } from '../../models/progress.ts';
import { providerProblems, providers } from '../../models/provider.ts';
import { engineIds } from '../../models/registry.ts';
import {
	defaultVideoMaMaOptions,
	videoMaMaLimits,
	type VideoMaMaOptions
} from '../../models/videomama/options.ts';
import { packedText, runLengthMask, sha256 } from './basics.ts';
import { errorBody } from './errors.ts';
import { concept, prompts, segmenterId } from './prompts.ts';

export { runLengthMask, sha256 };

const upstream = defaultMatAnyoneOptions;

export const matAnyoneOptions: z.ZodType<MatAnyoneOptions> = z.object({
	warmup: z.number().int().min(0).max(30).default(upstream.warmup),
	erode: z.number().int().min(0).max(64).default(upstream.erode),
	dilate: z.number().int().min(0).max(64).default(upstream.dilate),
	maxSize: z
		.number()
		.int()
		.max(8192)
		.refine((pixels) => pixels === -1 || pixels >= 64, 'must be -1 (the size of the clip), or 64 at least')
		.default(upstream.maxSize),
	crop: z.boolean().default(upstream.crop),
	memEvery: z.number().int().min(1).max(30).default(upstream.memEvery),
	maxMemFrames: z.number().int().min(2).max(10).default(upstream.maxMemFrames),
	allowSmaller: z.boolean().default(upstream.allowSmaller)
});

const { maxSize, window, seed } = videoMaMaLimits;
const videoMaMa = defaultVideoMaMaOptions;

export const videoMaMaOptions: z.ZodType<VideoMaMaOptions> = z
	.object({
		maxSize: z
			.number()
			.min(maxSize.least)
			.max(maxSize.most)
			.multipleOf(maxSize.step)
			.default(videoMaMa.maxSize),
		window: z.number().int().min(window.least).max(window.most).default(videoMaMa.window),
		overlap: z.number().int().min(1).default(videoMaMa.overlap),
		soft: z.boolean().default(videoMaMa.soft),
		crop: z.boolean().default(videoMaMa.crop),
		seed: z.number().int().min(seed.least).max(seed.most).default(videoMaMa.seed),
		allowSmaller: z.boolean().default(videoMaMa.allowSmaller)
	})
	.refine(({ window, overlap }) => overlap < window, {
		message: 'must be less than the window',
		path: ['overlap']
	});

export const matteOptions: z.ZodType<MatteOptions> = z.object({
	edgeRadius: z.number().min(1).max(64).default(defaultMatteOptions.edgeRadius),
	grow: z.number().int().min(-32).max(32).default(defaultMatteOptions.grow),
	feather: z.number().min(0).max(32).default(defaultMatteOptions.feather),
	gamma: z.number().min(0.2).max(5).default(defaultMatteOptions.gamma),
	matanyone: matAnyoneOptions.optional(),
	videomama: videoMaMaOptions.optional()
});

/** A clip on the server. */
export const clip = z.object({
	hash: sha256,
	bytes: z.number(),
	/** Of the upright picture. */
	width: z.number(),
	height: z.number(),
	/** Width over height of a pixel. */
	pixelAspect: z.number().positive().default(1),
	/** Seconds from the first frame's timestamp to the end of the last. */
	duration: z.number(),
	/** As the container states; 0 when it does not. */
	frames: z.number(),
	/** Frames a second, for display; the timestamps are the truth. */
	frameRate: z.number(),
	container: z.string(),
	codec: z.string(),
	audio: z.boolean()
});
export type Clip = z.infer<typeof clip>;

/** A frame whose mask is known. Frames are named by time, since demuxers differ in what they count. */
export const keyframe = z.object({
	/** Seconds after the clip's first frame; the frame nearest to it is meant. */
	time: z.number().min(0),
	/** Packed where there are many. For an engine that needs a mask for every frame, an empty one says that the target is not seen. */
	mask: z.union([runLengthMask, packedText]),
	/** The same mask with its soft edge, for engines that heed it: a byte for each pixel, as `alphaText` of `models/packed-alpha.ts` packs them. */
	soft: z.base64().optional()
});
export type Keyframe = z.infer<typeof keyframe>;
export const keyframes = z.array(keyframe).min(1).max(100_000);

/** Most bytes of a request for a matte: masks of eight people on each frame of a minute take about 60 MiB. */
export const matteRequestBytes = 96 * 2 ** 20;

/** What a job can write; the file's name is `NAME_<kind>.<extension>`. */
export const outputKinds = ['alpha', 'foreground', 'preview', 'png', 'prores', 'webm'] as const;
export const outputKind = z.enum(outputKinds);
export type OutputKind = z.infer<typeof outputKind>;

export const engineId = z.enum(engineIds);

export const jobRequest = z.object({
	clip: sha256,
	/** The clip's file name, from which the results are named. */
	name: z.string().min(1).max(200),
	keyframes,
	engine: engineId,
	options: matteOptions,
	outputs: z.array(outputKind).min(1),
	/** Tracks the masks for an engine that needs one for every frame; `defaultSegmenter` when left out. */
	segmenter: segmenterId.optional()
});
export type JobRequest = z.infer<typeof jobRequest>;

export const progress = z.object({
	stage: z.enum(stages),
	/** Frames done and in all in this stage; total is 0 while unknown. */
	done: z.number(),
	total: z.number(),
	/** Milliseconds to the end of the whole job; absent while unknown. */
	etaMs: z.number().optional(),
	/** Where an engine is that works on windows of many frames. */
	step: z
		.object({
			/** The window and how many there are, from 1. */
			window: z.number(),
			windows: z.number(),
			stage: z.enum(matterStages),
			/** Of the matting of the whole clip, that which is done, 0 to 1. */
			share: z.number()
		})
		.optional()
});
export type Progress = z.infer<typeof progress>;

const file = {
	/** The name to save it under. */
	file: z.string(),
	bytes: z.number(),
	mime: z.string()
};
export const result = z.object({ kind: outputKind, ...file });
export type Result = z.infer<typeof result>;

/** What a user should know about a finished job, by code, like errors. */
export const notice = z.object({
	code: z.enum([
		'audio-reencoded', // kind, from, to
		'audio-dropped', // kind: the container has no audio
		'encoded-in-browser', // codec: what a browser without H.264 has used instead
		'output-unavailable', // kind: a browser cannot make it
		'variable-frame-rate',
		'target-lost', // frames: how many have an empty alpha
		'nothing-found', // words or examples describe nothing in the clip
		'stand-in-weights', // engine: its weights come from a formula, so that the alpha means nothing
		'worked-smaller' // width, height: memory was short, so the network worked at this size
	]),
	params: z.record(z.string(), z.union([z.string(), z.number()]))
});
export type Notice = z.infer<typeof notice>;

export const jobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted']);
export type JobState = z.infer<typeof jobState>;

/** What matting and tracking jobs have in common. */
const anyJob = {
	id: z.string(),
	/** Names the result by what made it; see `key.ts`. */
	key: sha256,
	clip: sha256,
	name: z.string(),
	state: jobState,
	/** Jobs ahead of this one, while queued. */
	position: z.number().optional(),
	progress: progress.optional(),
	/** How many frames, from the first on, are done of a job that did not end well: run again, it goes on behind them. */
	kept: z.number().optional(),
	notices: z.array(notice),
	error: errorBody.optional(),
	/** Milliseconds since 1970. */
	created: z.number(),
	started: z.number().optional(),
	finished: z.number().optional(),
	/** What ran: frames, seconds of engine time, processor, precision, versions. Nothing ever runs as something else unseen. */
	record: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional()
};

/** A matting job. */
export const job = z.object({
	...anyJob,
	engine: engineId,
	options: matteOptions,
	outputs: z.array(outputKind),
	segmenter: segmenterId.optional(),
	results: z.array(result)
});
export type Job = z.infer<typeof job>;

/** Most keyframes of all targets together: each of them holds memory as long as tracking goes on. */
const KEYFRAMES = 2000;

/** What to follow through a clip; frames are named by time (seconds after the clip's first frame). */
export const tracking = z.object({
	targets: z
		.array(
			z.object({
				id: z.number().int().min(1).max(10_000),
				keyframes: z
					.array(z.object({ time: z.number().min(0), prompts, mask: runLengthMask.optional() }))
					.min(1)
					.max(1000)
			})
		)
		.max(100)
		.refine((targets) => new Set(targets.map(({ id }) => id)).size === targets.length, {
			message: 'two targets have the same id'
		})
		.refine((targets) => targets.reduce((sum, { keyframes }) => sum + keyframes.length, 0) <= KEYFRAMES, {
			message: `more than ${KEYFRAMES} keyframes`
		}),
	/** Everything of a kind is looked for, too; the examples are on the frame at `time`. */
	concept: z.object({ what: concept, time: z.number().min(0).optional() }).optional(),
	/** The first and the last frame that are wanted; the clip's when left out. */
	from: z.number().min(0).optional(),
	to: z.number().min(0).optional()
});
export type Tracking = z.infer<typeof tracking>;

/** `POST /api/tracks` */
export const trackJobRequest = tracking
	.extend({
		clip: sha256,
		/** The clip's file name, from which the result is named. */
		name: z.string().min(1).max(200),
		/** Left out: SAM 3 when its weights are here or something is looked for, else the classic one. The job says which one it is. */
		segmenter: segmenterId.optional()
	})
	.refine(({ from = 0, to = Infinity }) => from <= to, { message: 'from lies behind to' });
export type TrackJobRequest = z.infer<typeof trackJobRequest>;

/** The one result of a tracking job: masks of every frame, in the format of docs/masks-file.md. */
export const trackResult = z.object({ kind: z.literal('masks'), ...file });
export type TrackResult = z.infer<typeof trackResult>;

/** A job that follows targets through a clip. It is cancelled, run again and downloaded from as a matting job is. */
export const trackJob = z.object({
	...anyJob,
	kind: z.literal('track'),
	segmenter: segmenterId,
	results: z.array(trackResult)
});
export type TrackJob = z.infer<typeof trackJob>;
export type AnyJob = Job | TrackJob;

/** Whether a job follows targets; if not, it mattes. */
export function isTrackJob(job: AnyJob): job is TrackJob {
	return 'kind' in job;
}

/** Messages of the WebSocket `/api/events`, from the server. */
export const serverEvent = z.discriminatedUnion('type', [
	/** First message. `seq` is the newest number; `replay` tells whether what was missed follows (else: load /api/jobs anew). */
	z.object({ type: z.literal('hello'), epoch: z.string(), seq: z.number(), replay: z.boolean() }),
	z.object({ type: z.literal('job'), seq: z.number(), job }),
	z.object({ type: z.literal('track'), seq: z.number(), id: z.string(), job: trackJob }),
	/** A job of either kind. */
	z.object({ type: z.literal('job-removed'), seq: z.number(), id: z.string() })
]);
export type ServerEvent = z.infer<typeof serverEvent>;

export const limits = z.object({
	seconds: z.number(),
	/** Pixels of the shorter side. */
	shortSide: z.number(),
	bytes: z.number(),
	chunkBytes: z.number()
});
export type Limits = z.infer<typeof limits>;

export const engineStatus = z.object({
	id: engineId,
	available: z.boolean(),
	/** Why it is not available, and what to do. */
	problem: errorBody.optional(),
	/** Where it runs, for example `cpu`. */
	provider: z.string(),
	/** SHA-256 of its weights, for the result's key; absent for an engine without weights. */
	weights: sha256.optional(),
	/** Whether its weights come from a formula, so that its alpha means nothing. */
	standIn: z.boolean(),
	licence: z.string(),
	commercialUse: z.boolean(),
	download: z.number(),
	/** What its network computes in, and the bytes of memory that it may take for that, where its weights are here and it runs here. */
	precision: z.enum(['float32', 'float16']).optional(),
	memory: z.number().optional(),
	/** Pixels it mattes a second, as measured on this server; absent until the first job is done. */
	pixelsPerSecond: z.number().optional()
});
export type EngineStatus = z.infer<typeof engineStatus>;

/** A segmenter on this server. */
export const segmenterStatus = z.object({
	id: segmenterId,
	available: z.boolean(),
	/** Why it is not available, and what to do. */
	problem: errorBody.optional(),
	/** What it runs on, for example `cpu`. */
	provider: z.string(),
	weights: sha256.optional(),
	/** Whether its weights come from a formula, so that its masks mean nothing. */
	standIn: z.boolean(),
	/** Whether it finds things by words and examples. */
	concepts: z.boolean(),
	/** Whether it is loaded for prompts now: the first one waits for that otherwise. */
	loaded: z.boolean()
});
export type SegmenterStatus = z.infer<typeof segmenterStatus>;

const params = z.record(z.string(), z.union([z.string(), z.number()]));

/** What networks run on, and for each better provider why it does not. */
export const runtimeStatus = z.object({
	provider: z.enum(providers),
	reasons: z.array(z.object({ provider: z.enum(providers), code: z.enum(providerProblems), params }))
});
export type RuntimeStatus = z.infer<typeof runtimeStatus>;

/** `GET /api/health` */
export const health = z.object({
	name: z.literal('splazmatte'),
	version: z.string(),
	epoch: z.string(),
	limits,
	engines: z.array(engineStatus),
	segmenters: z.array(segmenterStatus),
	runtime: runtimeStatus,
	running: z.number(),
	queued: z.number(),
	diskFree: z.number()
});
export type Health = z.infer<typeof health>;
