/** What the handlers know of HTTP: enough to run over uWebSockets.js, and small enough to run over something else. */

/** The body of a request, or what arrived of it. */
export interface Body {
	readonly bytes: Buffer;
	/** `aborted`: the client went away; `too-large`: there is more than was asked for, and the rest is ignored. */
	readonly end: 'complete' | 'aborted' | 'too-large';
}

export interface HttpRequest {
	/** Upper case. */
	readonly method: string;
	/** As sent: percent-encoded, without the query. */
	readonly path: string;
	readonly query: URLSearchParams;
	/** Names in lower case. */
	readonly headers: ReadonlyMap<string, string>;
	/** Aborted when the client goes away before it has its answer. */
	readonly signal: AbortSignal;
	/**
	 * Reads the body, at most `limit` bytes of it, into memory. Must be called before the handler first waits for something, since
	 * nobody keeps the bytes of a body that is not read; never rejects.
	 */
	receive(limit: number): Promise<Body>;
}

/** Bytes of a file: from `start` up to, not including, `end`. */
export interface FileSlice {
	readonly path: string;
	readonly start: number;
	readonly end: number;
}

export interface Reply {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** For HEAD, only its length is told. */
	readonly body?: string | Buffer | FileSlice;
}

/** The server's end of a WebSocket over which it only sends. */
export interface Outlet {
	/** False when the client is too slow to take the message: it is lost, so end the connection. */
	send(message: string): boolean;
	close(code: number, reason: string): void;
}

/** What a transport hands requests to. None of these throws or rejects. */
export interface Service {
	handle(request: HttpRequest): Promise<Reply>;
	/** A WebSocket that wants to open: a refusal, or what to do once it is open, which returns what to do when it is closed. */
	connect(request: HttpRequest): Reply | ((outlet: Outlet) => () => void);
}

export interface Transport {
	/** The port that it listens on now. */
	readonly port: number;
	/** Ends every connection. */
	close(): void;
}

/** The port is taken by another program. */
export class PortInUseError extends Error {
	override readonly name = 'PortInUseError';

	constructor(
		readonly host: string,
		readonly port: number
	) {
		super(`Cannot listen on ${host}:${port}: another program does, or the address is not this machine's.`);
	}
}
