import { z } from 'zod';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from '../../models/matanyone/options.ts';
import type { RunLengthMask } from '../../models/mask.ts';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import { stages } from '../../models/progress.ts';
import { providerProblems, providers } from '../../models/provider.ts';
import { engineIds } from '../../models/registry.ts';
import { errorBody } from './errors.ts';

/** SHA-256 in lower-case hexadecimal. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Largest side of a picture or mask that is ever accepted, in pixels. */
const side = z.number().int().min(1).max(16384);

export const runLengthMask: z.ZodType<RunLengthMask> = z
	.object({ width: side, height: side, counts: z.array(z.number().int().min(0)).max(4_000_000) })
	.refine((mask) => mask.counts.reduce((sum, n) => sum + n, 0) === mask.width * mask.height, {
		message: 'the counts do not add up to the size'
	});

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

export const matteOptions: z.ZodType<MatteOptions> = z.object({
	edgeRadius: z.number().min(1).max(64).default(defaultMatteOptions.edgeRadius),
	grow: z.number().int().min(-32).max(32).default(defaultMatteOptions.grow),
	feather: z.number().min(0).max(32).default(defaultMatteOptions.feather),
	gamma: z.number().min(0.2).max(5).default(defaultMatteOptions.gamma),
	matanyone: matAnyoneOptions.optional()
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

/** A frame whose mask the user made. Frames are named by time, since demuxers differ in what they count. */
export const keyframe = z.object({
	/** Seconds after the clip's first frame; the frame nearest to it is meant. */
	time: z.number().min(0),
	mask: runLengthMask
});
export type Keyframe = z.infer<typeof keyframe>;

/** What a job can write; the file's name is `NAME_<kind>.<extension>`. */
export const outputKinds = ['alpha', 'foreground', 'preview', 'png', 'prores', 'webm'] as const;
export const outputKind = z.enum(outputKinds);
export type OutputKind = z.infer<typeof outputKind>;

export const engineId = z.enum(engineIds);

export const jobRequest = z.object({
	clip: sha256,
	/** The clip's file name, from which the results are named. */
	name: z.string().min(1).max(200),
	keyframes: z.array(keyframe).min(1).max(1000),
	engine: engineId,
	options: matteOptions,
	outputs: z.array(outputKind).min(1)
});
export type JobRequest = z.infer<typeof jobRequest>;

export const progress = z.object({
	stage: z.enum(stages),
	/** Frames done and in all in this stage; total is 0 while unknown. */
	done: z.number(),
	total: z.number(),
	/** Milliseconds to the end of the whole job; absent while unknown. */
	etaMs: z.number().optional()
});
export type Progress = z.infer<typeof progress>;

export const result = z.object({
	kind: outputKind,
	/** The name to save it under. */
	file: z.string(),
	bytes: z.number(),
	mime: z.string()
});
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
		'stand-in-weights', // engine: its weights come from a formula, so that the alpha means nothing
		'worked-smaller' // width, height: memory was short, so the network worked at this size
	]),
	params: z.record(z.string(), z.union([z.string(), z.number()]))
});
export type Notice = z.infer<typeof notice>;

export const jobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted']);
export type JobState = z.infer<typeof jobState>;

export const job = z.object({
	id: z.string(),
	/** Names the result by what made it; see `key.ts`. */
	key: sha256,
	clip: sha256,
	name: z.string(),
	engine: engineId,
	options: matteOptions,
	outputs: z.array(outputKind),
	state: jobState,
	/** Jobs ahead of this one, while queued. */
	position: z.number().optional(),
	progress: progress.optional(),
	results: z.array(result),
	notices: z.array(notice),
	error: errorBody.optional(),
	/** Milliseconds since 1970. */
	created: z.number(),
	started: z.number().optional(),
	finished: z.number().optional(),
	/** What ran: frames, seconds of engine time, processor, precision, versions. Nothing ever runs as something else unseen. */
	record: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional()
});
export type Job = z.infer<typeof job>;

/** Messages of the WebSocket `/api/events`, from the server. */
export const serverEvent = z.discriminatedUnion('type', [
	/** First message. `seq` is the newest number; `replay` tells whether what was missed follows (else: load /api/jobs anew). */
	z.object({ type: z.literal('hello'), epoch: z.string(), seq: z.number(), replay: z.boolean() }),
	z.object({ type: z.literal('job'), seq: z.number(), job }),
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
	/** Pixels it mattes a second, as measured on this server; absent until the first job is done. */
	pixelsPerSecond: z.number().optional()
});
export type EngineStatus = z.infer<typeof engineStatus>;

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
	runtime: runtimeStatus,
	running: z.number(),
	queued: z.number(),
	diskFree: z.number()
});
export type Health = z.infer<typeof health>;
