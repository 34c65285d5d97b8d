import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { serverEvent, type ServerEvent } from '../protocol/schema.ts';

/** A WebSocket client that only listens (RFC 6455), since Node 20 has none. */
export class EventClient {
	/** Everything that came, in order. */
	readonly events: ServerEvent[] = [];
	/** The code with which the server closed the connection. */
	closeCode: number | undefined;
	#pending = Buffer.alloc(0);
	#listeners = new Set<() => void>();

	private constructor(readonly socket: Socket) {
		socket.on('data', (data: Buffer) => this.#receive(data));
		socket.on('close', () => this.#tell());
		socket.on('error', () => {});
	}

	/** Resolves when the connection is open; rejects with the status when it is refused. */
	static open(url: string, headers: Record<string, string> = {}): Promise<EventClient> {
		return new Promise((resolve, reject) => {
			const upgrade = {
				Connection: 'Upgrade',
				Upgrade: 'websocket',
				'Sec-WebSocket-Version': '13',
				'Sec-WebSocket-Key': randomBytes(16).toString('base64')
			};
			const asked = request(url, { headers: { ...upgrade, ...headers } });
			asked.on('upgrade', (_response, socket, head) => {
				const client = new EventClient(socket as Socket);
				client.#receive(head);
				resolve(client);
			});
			asked.on('response', (response) => reject(new Error(`refused with ${response.statusCode}`)));
			asked.on('error', reject);
			asked.end();
		});
	}

	/** Resolves with the first event, of those that came and those that come, that fits. */
	async find(fits: (event: ServerEvent) => boolean): Promise<ServerEvent> {
		let checked = 0;
		while (true) {
			for (; checked < this.events.length; checked++) {
				if (fits(this.events[checked]!)) return this.events[checked]!;
			}
			if (this.socket.destroyed) throw new Error('the connection has ended');
			await this.#change();
		}
	}

	/** Resolves when the connection has ended. */
	async closed(): Promise<void> {
		while (!this.socket.destroyed) await this.#change();
	}

	close(): void {
		this.socket.destroy();
	}

	#change(): Promise<void> {
		return new Promise((resolve) => {
			const listener = () => {
				this.#listeners.delete(listener);
				resolve();
			};
			this.#listeners.add(listener);
		});
	}

	#tell(): void {
		for (const listener of [...this.#listeners]) listener();
	}

	#receive(data: Buffer): void {
		this.#pending = Buffer.concat([this.#pending, data]);
		for (let frame = this.#take(); frame; frame = this.#take()) {
			if (frame.opcode === 1) this.events.push(serverEvent.parse(JSON.parse(frame.payload.toString('utf8'))));
			if (frame.opcode === 8) {
				this.closeCode = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
				this.socket.destroy();
			}
		}
		this.#tell();
	}

	/** Takes one whole frame off what has come. Frames of a server are not masked. */
	#take(): { opcode: number; payload: Buffer } | undefined {
		const data = this.#pending;
		if (data.length < 2) return undefined;
		const short = data[1]! & 127;
		const header = short === 126 ? 4 : short === 127 ? 10 : 2;
		if (data.length < header) return undefined;
		const length =
			short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
		if (data.length < header + length) return undefined;
		this.#pending = data.subarray(header + length);
		return { opcode: data[0]! & 15, payload: data.subarray(header, header + length) };
	}
}
