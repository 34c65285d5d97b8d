import { open, type FileHandle } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import type { Logger } from 'pino';
import { loadUws } from '../uws.ts';
import type { UwsRequest, UwsResponse, UwsWebSocket } from '../uws-types.d.ts';
import {
	PortInUseError,
	type Body,
	type FileSlice,
	type HttpRequest,
	type Outlet,
	type Reply,
	type Service,
	type Transport
} from './transport.ts';

/** Bytes of a file that are read and offered to the socket at a time. */
const FILE_CHUNK = 512 * 1024;
/** Bytes that may wait for a slow WebSocket client before it is dropped. */
const MAX_BACKPRESSURE = 4 * 1024 * 1024;

interface SocketData {
	readonly onOpen: (outlet: Outlet) => () => void;
	onClose?: () => void;
}

/**
 * Serves over uWebSockets.js, which must live on the main thread.
 * @throws PortInUseError
 */
export async function listen(service: Service, host: string, port: number, log: Logger): Promise<Transport> {
	const uws = loadUws();
	const app = uws.App();
	app.ws<SocketData>('/*', {
		maxPayloadLength: 1024,
		maxBackpressure: MAX_BACKPRESSURE,
		idleTimeout: 60,
		sendPingsAutomatically: true,
		upgrade(response, request, context) {
			const exchange = new UwsExchange(response, request, log);
			const accepted = service.connect(exchange);
			if (typeof accepted !== 'function') {
				void exchange.reply(accepted);
				return;
			}
			const header = (name: string) => exchange.headers.get(name) ?? '';
			response.upgrade<SocketData>(
				{ onOpen: accepted },
				header('sec-websocket-key'),
				header('sec-websocket-protocol'),
				header('sec-websocket-extensions'),
				context
			);
		},
		open(socket) {
			const data = socket.getUserData();
			data.onClose = data.onOpen(outletOf(socket));
		},
		close(socket) {
			socket.getUserData().onClose?.();
		}
	});
	app.any('/*', (response, request) => {
		const exchange = new UwsExchange(response, request, log);
		void service.handle(exchange).then((reply) => exchange.reply(reply));
	});
	const token = await new Promise<object | false>((resolve) =>
		app.listen(host, port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, resolve)
	);
	if (!token) throw new PortInUseError(host, port);
	return { port: uws.us_socket_local_port(token), close: () => void app.close() };
}

function outletOf(socket: UwsWebSocket<SocketData>): Outlet {
	return { send: (message) => socket.send(message) !== 2, close: (code, reason) => socket.end(code, reason) };
}

/** One request and its response. Everything of `request` is copied, since it is gone once the handler returns or waits. */
class UwsExchange implements HttpRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly headers = new Map<string, string>();
	readonly #response: UwsResponse;
	/** The response must not be touched any more. */
	#closed = false;
	#onAbort: (() => void) | undefined;
	readonly #gone = new AbortController();

	constructor(
		response: UwsResponse,
		request: UwsRequest,
		private readonly log: Logger
	) {
		this.#response = response;
		this.method = request.getMethod().toUpperCase();
		this.path = request.getUrl();
		this.query = new URLSearchParams(request.getQuery() ?? '');
		request.forEach((name, value) => this.headers.set(name, value));
		response.onAborted(() => {
			this.#closed = true;
			this.#onAbort?.();
			this.#gone.abort();
		});
	}

	get signal(): AbortSignal {
		return this.#gone.signal;
	}

	receive(limit: number): Promise<Body> {
		const declared = Number(this.headers.get('content-length') ?? limit);
		const buffer = Buffer.allocUnsafe(Math.min(limit, declared));
		return new Promise((resolve) => {
			let length = 0;
			const finish = (end: Body['end']) => resolve({ bytes: buffer.subarray(0, length), end });
			if (declared > limit) return finish('too-large');
			this.#onAbort = () => finish('aborted');
			this.#response.onData((chunk, isLast) => {
				const bytes = new Uint8Array(chunk);
				if (length + bytes.length > buffer.length) return finish('too-large');
				buffer.set(bytes, length);
				length += bytes.length;
				if (isLast) finish('complete');
			});
		});
	}

	async reply({ status, headers = {}, body }: Reply): Promise<void> {
		if (this.#closed) return;
		const writeHead = () => {
			this.#response.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
			for (const [name, value] of Object.entries(headers)) this.#response.writeHeader(name, value);
		};
		const sendsFile = typeof body === 'object' && 'path' in body;
		if (sendsFile && this.method !== 'HEAD' && body.end > body.start) {
			return this.#sendFile(writeHead, body);
		}
		const length = body === undefined ? 0 : sendsFile ? body.end - body.start : Buffer.byteLength(body);
		this.#response.cork(() => {
			writeHead();
			if (this.method === 'HEAD') this.#response.endWithoutBody(length);
			else if (status === 204 || status === 304) this.#response.endWithoutBody();
			else this.#response.end(sendsFile ? '' : (body ?? ''));
		});
		this.#closed = true;
	}

	/**
	 * Streams a file as fast as the client takes it. One that cannot be read to the end ends the connection, so that no part of it passes
	 * for the whole.
	 */
	async #sendFile(writeHead: () => void, { path, start, end }: FileSlice): Promise<void> {
		const total = end - start;
		let file: FileHandle | undefined;
		try {
			file = await open(path);
			const buffer = Buffer.allocUnsafe(Math.min(FILE_CHUNK, total));
			for (let sent = 0; sent < total;) {
				const read = await file.read(buffer, 0, Math.min(buffer.length, total - sent), start + sent);
				if (this.#closed) return;
				if (read.bytesRead === 0) throw new Error('the file is shorter than it was');
				if (sent === 0) this.#response.cork(writeHead);
				await this.#sendChunk(buffer.subarray(0, read.bytesRead), total);
				if (this.#closed) return;
				sent += read.bytesRead;
			}
		} catch (err) {
			this.log.error({ path, err }, 'cannot send a file');
			if (!this.#closed) this.#response.close();
		} finally {
			this.#closed = true;
			await file?.close();
		}
	}

	/** Resolves when the socket has taken the whole chunk, or the client has gone. */
	#sendChunk(chunk: Buffer, total: number): Promise<void> {
		return new Promise((resolve) => {
			this.#onAbort = resolve;
			this.#response.cork(() => {
				const from = this.#response.getWriteOffset();
				const [ok, done] = this.#response.tryEnd(chunk, total);
				if (done) this.#closed = true;
				if (ok || done) return resolve();
				this.#response.onWritable((offset) => {
					const [rest, finished] = this.#response.tryEnd(chunk.subarray(offset - from), total);
					if (finished) this.#closed = true;
					if (rest || finished) resolve();
					return rest;
				});
			});
		});
	}
}
