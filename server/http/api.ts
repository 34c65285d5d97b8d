import { engines } from '../../models/registry.ts';
import { segmenters } from '../../models/segmenters.ts';
import type { EngineCatalogue } from '../engines/catalogue.ts';
import type { JobQueue } from '../jobs/queue.ts';
import type { Prompting } from '../engines/prompting.ts';
import { appError, toErrorBody } from '../protocol/errors.ts';
import { routes } from '../protocol/routes.ts';
import { segmentRequest } from '../protocol/prompts.ts';
import {
	jobRequest,
	matteRequestBytes,
	trackJobRequest,
	type AnyJob,
	type Clip,
	type EngineStatus,
	type Health,
	type Limits,
	type SegmenterStatus
} from '../protocol/schema.ts';
import type { ClipStore } from '../store/clips.ts';
import type { PaceStore } from '../store/pace.ts';
import { attachment, fileReply } from './files.ts';
import { jsonReply, readJson, type Router } from './router.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** Most bytes of a request with masks of some frames. */
const JOB_BYTES = 16 * 2 ** 20;
/** A file from outside is only ever data, whatever a browser makes of it. */
const inert = { 'Content-Security-Policy': "default-src 'none'; sandbox" };

export interface ApiParts {
	readonly clips: ClipStore;
	readonly queue: JobQueue;
	readonly paces: PaceStore;
	readonly engines: EngineCatalogue;
	readonly prompting: Prompting;
	readonly limits: Limits;
	readonly version: string;
	readonly epoch: string;
	readonly freeSpace: () => Promise<number>;
}

/** Adds the routes under `/api` for clips, jobs and what the server is. */
export function addApi(router: Router, parts: ApiParts): void {
	const { clips, queue } = parts;

	router.on('GET', routes.health, async () => jsonReply(await health(parts)));

	router.on('GET', routes.clip(':hash'), async ({ params }) => {
		const clip = knownClip(clips, params.hash!);
		await clips.touch(clip.hash);
		return jsonReply(clip);
	});
	for (const method of ['GET', 'HEAD'] as const) {
		router.on(method, routes.clipFile(':hash'), ({ request, params }) => {
			const clip = knownClip(clips, params.hash!);
			const file = { path: clips.path(clip), mime: clips.mime(clip), tag: clip.hash, headers: inert };
			return fileReply(request, file, 'clip-missing');
		});
		router.on(method, routes.output(':id', ':kind'), ({ request, params }) =>
			outputReply(request, queue, params.id!, params.kind!)
		);
	}

	const taken = ({ job, created }: { job: AnyJob; created: boolean }) =>
		jsonReply(job, created ? 201 : 200, { Location: routes.job(job.id) });
	router.on('GET', routes.jobs, () => jsonReply(queue.matteJobs));
	router.on('GET', routes.tracks, () => jsonReply(queue.trackJobs));
	router.on(
		'POST',
		routes.jobs,
		async ({ body }) => taken(await queue.submit(await readJson(body, jobRequest))),
		matteRequestBytes
	);
	router.on(
		'POST',
		routes.tracks,
		async ({ body }) => taken(await queue.submitTrack(await readJson(body, trackJobRequest))),
		JOB_BYTES
	);
	router.on(
		'POST',
		routes.segment,
		async ({ body, request }) =>
			jsonReply(await parts.prompting.answer(await readJson(body, segmentRequest), request.signal)),
		JOB_BYTES
	);
	router.on('GET', routes.job(':id'), ({ params }) => jsonReply(queue.get(params.id!)));
	router.on('DELETE', routes.job(':id'), async ({ params }) => jsonReply(await queue.cancel(params.id!)));
	router.on('POST', routes.retry(':id'), async ({ params }) => jsonReply(await queue.retry(params.id!)));
}

function knownClip(clips: ClipStore, hash: string): Clip {
	const clip = clips.get(hash);
	if (!clip) throw appError('clip-missing');
	return clip;
}

function outputReply(request: HttpRequest, queue: JobQueue, id: string, kind: string): Promise<Reply> {
	const { path, mime, tag, file } = queue.output(id, kind);
	const headers = request.query.has('download')
		? { ...inert, 'Content-Disposition': attachment(file) }
		: inert;
	return fileReply(request, { path, mime, tag, headers }, 'result-missing');
}

/** Every engine, and whether it can run here or, with weights from here, in a browser. */
function engineStatuses({ paces, engines: catalogue }: ApiParts): Promise<EngineStatus[]> {
	return Promise.all(
		engines.map(async ({ id, licence, commercialUse, download }) => {
			const { problem, provider, weights, standIn, setup } = await catalogue.state(id, 'glance');
			return {
				...{ id, licence, commercialUse, download, provider, weights, standIn },
				available: problem === undefined,
				problem: toErrorBody(problem),
				precision: setup?.precision,
				memory: setup?.memory,
				pixelsPerSecond: paces.get(id)
			};
		})
	);
}

/** Every segmenter, and whether it can run here. */
function segmenterStatuses({ engines: catalogue, prompting }: ApiParts): Promise<SegmenterStatus[]> {
	return Promise.all(
		segmenters.map(async ({ id, concepts }) => {
			const { problem, provider, weights, standIn } = await catalogue.segmenterState(id, 'glance');
			const here = { available: problem === undefined, problem: toErrorBody(problem) };
			return { id, ...here, provider, weights, standIn, concepts, loaded: prompting.isLoaded(id) };
		})
	);
}

async function health(parts: ApiParts): Promise<Health> {
	const { limits, version, epoch, queue, freeSpace } = parts;
	const { provider, reasons } = await parts.engines.runtime;
	return {
		name: 'splazmatte',
		...{ version, epoch, limits },
		engines: await engineStatuses(parts),
		segmenters: await segmenterStatuses(parts),
		runtime: { provider, reasons },
		...queue.counts,
		diskFree: await freeSpace()
	};
}
