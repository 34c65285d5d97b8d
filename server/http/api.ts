import { engines } from '../../models/registry.ts';
import type { JobQueue } from '../jobs/queue.ts';
import { appError } from '../protocol/errors.ts';
import { routes } from '../protocol/routes.ts';
import { jobRequest, type Clip, type EngineStatus, type Health, type Limits } from '../protocol/schema.ts';
import type { ClipStore } from '../store/clips.ts';
import type { PaceStore } from '../store/pace.ts';
import { attachment, fileReply } from './files.ts';
import { jsonReply, readJson, type Router } from './router.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** Most bytes of a job's masks. */
const JOB_BYTES = 16 * 2 ** 20;
/** A file from outside is only ever data, whatever a browser makes of it. */
const inert = { 'Content-Security-Policy': "default-src 'none'; sandbox" };

export interface ApiParts {
	readonly clips: ClipStore;
	readonly queue: JobQueue;
	readonly paces: PaceStore;
	readonly limits: Limits;
	readonly version: string;
	readonly epoch: string;
	readonly freeSpace: () => Promise<number>;
}

/** Adds the routes under `/api` for clips, jobs and what the server is. */
export function addApi(router: Router, parts: ApiParts): void {
	const { clips, queue } = parts;

	router.on('GET', routes.health, async () => jsonReply(await health(parts)));
	router.on('GET', routes.models, () => jsonReply(engineStatuses(parts.paces)));

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

	router.on('GET', routes.jobs, () => jsonReply(queue.list()));
	router.on(
		'POST',
		routes.jobs,
		async ({ body }) => {
			const { job, created } = await queue.submit(await readJson(body, jobRequest));
			return jsonReply(job, created ? 201 : 200, { Location: routes.job(job.id) });
		},
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

/** Every engine, and whether it can run here. The embedded one always can. */
function engineStatuses(paces: PaceStore): EngineStatus[] {
	return engines.map(({ id, licence, commercialUse, download }) => ({
		...{ id, licence, commercialUse, download },
		available: true,
		provider: 'cpu',
		pixelsPerSecond: paces.get(id)
	}));
}

async function health({ limits, version, epoch, queue, paces, freeSpace }: ApiParts): Promise<Health> {
	return {
		name: 'splazmatte',
		...{ version, epoch, limits },
		engines: engineStatuses(paces),
		...queue.counts,
		diskFree: await freeSpace()
	};
}
