import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { describeFailure } from '../failure.ts';
import { appError, type ErrorBody, type ErrorCode } from '../protocol/errors.ts';
import type { Body, HttpRequest, Reply } from './transport.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** A request that a route has matched. */
export interface Context {
	readonly request: HttpRequest;
	/** What the path holds in place of `:name`. */
	readonly params: Readonly<Record<string, string>>;
	/** The body; empty for a route that takes none. */
	readonly body: Promise<Body>;
}

export type Handler = (context: Context) => Reply | Promise<Reply>;

interface Route {
	readonly method: Method;
	readonly segments: readonly string[];
	readonly bodyLimit: number;
	readonly handler: Handler;
}

/** Finds the handler of a request and turns what it throws into an answer. */
export class Router {
	readonly #routes: Route[] = [];

	constructor(private readonly log: Logger) {}

	/**
	 * Adds a route.
	 * @param path segments that begin with `:` match anything and are handed over under that name
	 * @param bodyLimit most bytes of body that are read
	 */
	on(method: Method, path: string, handler: Handler, bodyLimit = 0): void {
		this.#routes.push({ method, segments: path.split('/'), bodyLimit, handler });
	}

	/** Answers a request; undefined when no route has its path. Never rejects. */
	handle(request: HttpRequest, method = request.method): Promise<Reply> | undefined {
		const matches = this.#routes.flatMap((route) => {
			const params = match(route.segments, request.path.split('/'));
			return params ? [{ route, params }] : [];
		});
		if (matches.length === 0) return undefined;
		const found = matches.find(({ route }) => route.method === method);
		if (!found) return Promise.resolve(methodNotAllowed(matches.map(({ route }) => route.method)));
		const { handler, bodyLimit } = found.route;
		// The body is read from here on, since a handler may have to wait for something before it looks at it.
		const body = bodyLimit > 0 ? request.receive(bodyLimit) : noBody;
		return this.guard(request, async () => handler({ request, params: found.params, body }));
	}

	/** Runs a handler; what it throws becomes an answer, and if it is a defect of ours, an entry in the log. */
	async guard(request: HttpRequest, run: () => Promise<Reply>): Promise<Reply> {
		try {
			return await run();
		} catch (error) {
			// Nobody is there to hear of it.
			if (request.signal.aborted)
				return errorReply({ code: 'request-invalid', params: { problem: 'aborted' } });
			const { error: body } = describeFailure(error);
			if (body) {
				this.log.debug({ method: request.method, path: request.path, error: body }, 'refused');
				return errorReply(body);
			}
			const id = randomUUID().slice(0, 8);
			this.log.error({ id, method: request.method, path: request.path, err: error }, 'internal error');
			return errorReply({ code: 'internal', params: { id } });
		}
	}
}

const noBody: Promise<Body> = Promise.resolve({ bytes: Buffer.alloc(0), end: 'complete' });

function match(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
	if (pattern.length !== path.length) return undefined;
	const params: Record<string, string> = {};
	for (const [index, segment] of pattern.entries()) {
		if (segment.startsWith(':')) params[segment.slice(1)] = path[index]!;
		else if (segment !== path[index]) return undefined;
	}
	return params;
}

function methodNotAllowed(methods: readonly string[]): Reply {
	const reply = errorReply({ code: 'request-invalid', params: { problem: 'method not allowed' } });
	return { ...reply, status: 405, headers: { ...reply.headers, Allow: methods.join(', ') } };
}

/** The body of a request as JSON of a schema. */
export async function readJson<T>(body: Promise<Body>, schema: z.ZodType<T>): Promise<T> {
	const { bytes, end } = await body;
	if (end !== 'complete') throw appError('request-invalid', { problem: `the body is ${end}` });
	let value: unknown;
	try {
		value = JSON.parse(bytes.toString('utf8'));
	} catch {
		throw appError('request-invalid', { problem: 'the body is not JSON' });
	}
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0]!;
	throw appError('request-invalid', { problem: `${issue.path.join('.') || 'body'}: ${issue.message}` });
}

/** An answer in JSON, not to be kept by caches. */
export function jsonReply(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
	return {
		status,
		headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
		body: JSON.stringify(value)
	};
}

/** The answer that tells of an error. */
export function errorReply(error: ErrorBody): Reply {
	return jsonReply(error, statuses[error.code] ?? 422);
}

/** What fits worse than 422, "understood, but not possible". */
const statuses: Partial<Record<ErrorCode, number>> = {
	'request-invalid': 400,
	'request-forbidden': 403,
	'model-licence': 403,
	'clip-missing': 404,
	'upload-missing': 404,
	'job-missing': 404,
	'result-missing': 404,
	'model-unknown': 404,
	'model-absent': 404,
	'not-found': 404,
	'upload-offset': 409,
	'job-state': 409,
	'model-busy': 409,
	'prompt-superseded': 409,
	'clip-too-large': 413,
	'upload-too-large': 413,
	internal: 500,
	'engine-died': 500,
	'engine-unavailable': 503,
	'out-of-memory': 503,
	'memory-busy': 503,
	'disk-full': 507,
	'disk-space': 507
};
