/** The part of uWebSockets.js that the server uses; the npm packages that carry its binaries come without types. */

export interface UwsRequest {
	getUrl(): string;
	/** Lower case. */
	getMethod(): string;
	getQuery(): string | undefined;
	/** Names in lower case. */
	getHeader(name: string): string;
	forEach(callback: (name: string, value: string) => void): void;
}

export interface UwsResponse {
	writeStatus(status: string): UwsResponse;
	writeHeader(name: string, value: string): UwsResponse;
	end(body?: string | Uint8Array, closeConnection?: boolean): UwsResponse;
	endWithoutBody(reportedLength?: number, closeConnection?: boolean): UwsResponse;
	/** Sends what fits now: `ok` when all of it did, `done` when the whole response is out. */
	tryEnd(chunk: Uint8Array, totalBytes: number): [ok: boolean, done: boolean];
	getWriteOffset(): number;
	onWritable(callback: (offset: number) => boolean): UwsResponse;
	onAborted(callback: () => void): UwsResponse;
	/** The chunk is only valid during the call. */
	onData(callback: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse;
	/** Bundles what is written in the callback. */
	cork(callback: () => void): UwsResponse;
	close(): UwsResponse;
	upgrade<Data>(
		data: Data,
		key: string,
		protocol: string,
		extensions: string,
		context: UwsSocketContext
	): void;
}

export type UwsSocketContext = unknown;

export interface UwsWebSocket<Data> {
	getUserData(): Data;
	/** 0: buffered, 1: sent, 2: dropped since too much is buffered. */
	send(message: string): number;
	end(code: number, reason?: string): void;
	close(): void;
}

export interface UwsBehavior<Data> {
	maxPayloadLength?: number;
	maxBackpressure?: number;
	/** Seconds; pings are sent well before. */
	idleTimeout?: number;
	sendPingsAutomatically?: boolean;
	upgrade?(response: UwsResponse, request: UwsRequest, context: UwsSocketContext): void;
	open?(socket: UwsWebSocket<Data>): void;
	close?(socket: UwsWebSocket<Data>, code: number): void;
}

export type UwsListenSocket = object | false;

export interface UwsApp {
	any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
	ws<Data>(pattern: string, behavior: UwsBehavior<Data>): UwsApp;
	listen(host: string, port: number, options: number, callback: (token: UwsListenSocket) => void): UwsApp;
	close(): UwsApp;
}

export interface Uws {
	App(): UwsApp;
	us_socket_local_port(token: object): number;
	/** Refuses a port that another program listens on. */
	LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}
