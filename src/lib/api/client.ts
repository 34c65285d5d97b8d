import { z } from 'zod';
import { CodedError } from '$models/errors.ts';
import { appError, errorBody, type ErrorBody } from '$protocol/errors.ts';
import { modelStatus, type ModelStatus, type PullRequest } from '$protocol/models.ts';
import { segmentAnswer, type SegmentAnswer, type SegmentRequest } from '$protocol/prompts.ts';
import { routes } from '$protocol/routes.ts';
import { translation, type TranslateRequest, type Translation } from '$protocol/translate.ts';
import { webModelOffer, type WebModelOffer } from '$protocol/web-model.ts';
import {
	clip,
	health,
	job,
	matteRequestBytes,
	trackJob,
	type Clip,
	type Health,
	type Job,
	type JobRequest,
	type TrackJob,
	type TrackJobRequest
} from '$protocol/schema.ts';

/**
 * The server's REST interface. Every answer is checked; every failure is a `CodedError`: the server's own, `server-away` when
 * there is no answer, `answer-invalid` when it is not of this protocol.
 */
export class Api {
	constructor(private readonly request: typeof fetch = (...args) => fetch(...args)) {}

	health(): Promise<Health> {
		return this.#json(health, routes.health);
	}

	/** One clip's facts, or undefined when the server does not have it. */
	async clip(hash: string): Promise<Clip | undefined> {
		try {
			return await this.#json(clip, routes.clip(hash));
		} catch (error) {
			if (error instanceof CodedError && error.code === 'clip-missing') return undefined;
			throw error;
		}
	}

	clipFile(hash: string, signal?: AbortSignal): Promise<Blob> {
		return this.#blob(routes.clipFile(hash), signal);
	}

	output(id: string, kind: string, signal?: AbortSignal): Promise<Blob> {
		return this.#blob(routes.output(id, kind), signal);
	}

	jobs(): Promise<Job[]> {
		return this.#json(z.array(job), routes.jobs);
	}

	/** @throws CodedError `masks-too-large` */
	async createJob(request: JobRequest): Promise<Job> {
		const body = new Blob([JSON.stringify(request)], { type: 'application/json' });
		const limit = matteRequestBytes;
		if (body.size > limit) throw appError('masks-too-large', { bytes: body.size, limit });
		return this.#json(job, routes.jobs, { method: 'POST', body });
	}

	tracks(): Promise<TrackJob[]> {
		return this.#json(z.array(trackJob), routes.tracks);
	}

	createTrack(request: TrackJobRequest): Promise<TrackJob> {
		return this.#json(trackJob, routes.tracks, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(request)
		});
	}

	/** The bytes of a tracking job's result, as they arrive. */
	async masks(id: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
		const { body } = await this.#answer(routes.output(id, 'masks'), { signal });
		if (!body) throw appError('answer-invalid');
		return body;
	}

	async cancelJob(id: string): Promise<void> {
		await this.#answer(routes.job(id), { method: 'DELETE' });
	}

	async retryJob(id: string): Promise<void> {
		await this.#answer(routes.retry(id), { method: 'POST' });
	}

	/** Asks a segmenter of the server about a frame. */
	segment(request: SegmentRequest, signal?: AbortSignal): Promise<SegmentAnswer> {
		return this.#json(segmentAnswer, routes.segment, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(request),
			signal
		});
	}

	/** Puts Chinese words into English with the server's translator. */
	translate(words: string, signal?: AbortSignal): Promise<Translation> {
		return this.#json(translation, routes.translate, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ words } satisfies TranslateRequest),
			signal
		});
	}

	/** What the server has for browsers to keep. */
	webModels(): Promise<WebModelOffer[]> {
		return this.#json(z.array(webModelOffer), routes.webModels);
	}

	models(): Promise<ModelStatus[]> {
		return this.#json(z.array(modelStatus), routes.models);
	}

	pullModel(id: string, request: PullRequest): Promise<ModelStatus> {
		return this.#json(modelStatus, routes.modelPull(id), {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(request)
		});
	}

	pauseModel(id: string): Promise<ModelStatus> {
		return this.#json(modelStatus, routes.modelPause(id), { method: 'POST' });
	}

	cancelModel(id: string): Promise<ModelStatus> {
		return this.#json(modelStatus, routes.modelCancel(id), { method: 'POST' });
	}

	verifyModel(id: string): Promise<ModelStatus> {
		return this.#json(modelStatus, routes.modelVerify(id), { method: 'POST' });
	}

	removeModel(id: string): Promise<ModelStatus> {
		return this.#json(modelStatus, routes.model(id), { method: 'DELETE' });
	}

	async #blob(url: string, signal?: AbortSignal): Promise<Blob> {
		const answer = await this.#answer(url, { signal });
		try {
			return await answer.blob();
		} catch (error) {
			if (signal?.aborted) throw error;
			throw appError('server-away', {}, { cause: error });
		}
	}

	async #json<T>(schema: z.ZodType<T>, url: string, init?: RequestInit): Promise<T> {
		const answer = await this.#answer(url, init);
		const parsed = schema.safeParse(await answer.json().catch(() => undefined));
		if (!parsed.success) throw appError('answer-invalid', {}, { cause: parsed.error });
		return parsed.data;
	}

	async #answer(url: string, init?: RequestInit): Promise<Response> {
		let answer: Response;
		try {
			answer = await this.request(url, init);
		} catch (error) {
			if (init?.signal?.aborted) throw error;
			throw appError('server-away', {}, { cause: error });
		}
		if (answer.ok) return answer;
		const body = parseErrorBody(await answer.text());
		if (body) throw appError(body.code, body.params);
		// A proxy in between says so when the server behind it is gone.
		throw appError(answer.status >= 500 ? 'server-away' : 'answer-invalid', {}, { cause: answer.status });
	}
}

/** Reads the body of an answer as an error of the protocol; undefined when it is none. */
export function parseErrorBody(text: string): ErrorBody | undefined {
	try {
		return errorBody.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}
