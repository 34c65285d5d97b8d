import { z } from 'zod';
import type { Api } from '$lib/api/client.ts';
import { toErrorBody } from '$protocol/errors.ts';
import { routes } from '$protocol/routes.ts';
import { serverEvent, type Health, type ServerEvent } from '$protocol/schema.ts';

export type ConnectionStatus = 'connecting' | 'online' | 'away';

/** The part of a WebSocket that is used here. */
export type Socket = Pick<WebSocket, 'close' | 'onmessage' | 'onclose'>;

/** What follows the server's state. */
export interface EventSink {
	/** Something changed on the server. */
	apply(event: Exclude<ServerEvent, { type: 'hello' }>): void;
	/** What was missed cannot be replayed: load everything anew. */
	reload(): Promise<void>;
}

const firstDelay = 500;
const longestDelay = 15_000;
/** Until the server is asked again what it offers, while it reads a model's files. */
const readingDelay = 2000;

/**
 * Holds the event socket open and knows whether the server is there. After a loss it reconnects, ever more slowly, and names the
 * last event that it saw, so that the server replays what was missed.
 */
export class ServerConnection {
	status = $state<ConnectionStatus>('connecting');
	health = $state.raw<Health>();
	/** The server speaks another version of the protocol: the page must be loaded anew. */
	outdated = $state(false);

	#socket: Socket | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#again: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#seen: { epoch: string; seq: number } | undefined;
	#waiting: (() => void)[] = [];

	constructor(
		private readonly api: Pick<Api, 'health'>,
		private readonly sinks: readonly EventSink[],
		private readonly open: (path: string) => Socket = (path) => new WebSocket(path),
		private readonly random: () => number = Math.random
	) {}

	/** Connects now, whatever delay was running. */
	connect = (): void => {
		if (this.outdated) return;
		this.#drop();
		const since = this.#seen && `?epoch=${encodeURIComponent(this.#seen.epoch)}&since=${this.#seen.seq}`;
		const socket = this.open(routes.events + (since ?? ''));
		// A socket that is no longer ours is not listened to.
		socket.onmessage = ({ data }) => {
			if (socket === this.#socket) void this.#receive(String(data));
		};
		socket.onclose = () => {
			if (socket === this.#socket) this.#lost();
		};
		this.#socket = socket;
	};

	/** A request got no answer: the socket may be dead without knowing, so begin again. */
	suspect(): void {
		if (this.status === 'online') this.#lost();
	}

	close(): void {
		this.#drop();
		this.#waiting = [];
	}

	/** Resolves as soon as the server is there. */
	online(): Promise<void> {
		if (this.status === 'online') return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	/** Asks anew what the server offers; its engines' speed changes with every job. */
	async refresh(): Promise<void> {
		try {
			this.health = await this.api.health();
			clearTimeout(this.#again);
			if (isReading(this.health)) this.#again = setTimeout(() => void this.refresh(), readingDelay);
		} catch (error) {
			const code = toErrorBody(error)?.code;
			if (code === 'answer-invalid') this.#misunderstood();
			else if (code === undefined) throw error;
			// Away: the socket notices and connects again.
		}
	}

	async #receive(data: string): Promise<void> {
		const event = parse(data);
		if (!event) return this.#misunderstood();
		if (event.type === 'hello') return this.#greeted(event);
		if (this.#seen) this.#seen.seq = event.seq;
		if (event.type !== 'unknown') for (const sink of this.sinks) sink.apply(event);
	}

	async #greeted({ epoch, seq, replay }: Extract<ServerEvent, { type: 'hello' }>): Promise<void> {
		const socket = this.#socket;
		if (!replay || !this.#seen) {
			this.#seen = { epoch, seq };
			try {
				await Promise.all(this.sinks.map((sink) => sink.reload()));
			} catch {
				// Gone again in between: what was to be loaded is still missing, so begin from nothing.
				this.#seen = undefined;
				if (socket === this.#socket) this.#lost();
				return;
			}
		}
		await this.refresh();
		if (socket !== this.#socket || !this.health) return;
		this.#failures = 0;
		this.status = 'online';
		for (const resolve of this.#waiting.splice(0)) resolve();
	}

	#lost(): void {
		this.#drop();
		this.status = 'away';
		const delay = Math.min(longestDelay, firstDelay * 2 ** this.#failures++);
		// Not all pages at once, when a server comes back.
		this.#timer = setTimeout(this.connect, delay * (0.75 + this.random() / 2));
	}

	#misunderstood(): void {
		this.#drop();
		this.outdated = true;
		this.status = 'away';
	}

	#drop(): void {
		clearTimeout(this.#timer);
		clearTimeout(this.#again);
		const socket = this.#socket;
		this.#socket = undefined;
		socket?.close();
	}
}

/** Whether the server still reads a model's files, to name them. */
function isReading({ engines, segmenters }: Health): boolean {
	return [...engines, ...segmenters].some(({ problem }) => problem?.code === 'model-reading');
}

const known: readonly string[] = serverEvent.options.map(({ shape }) => shape.type.value);
/** An event of a newer server, about what this page knows nothing of. */
const unknownEvent = z
	.object({ type: z.string().refine((type) => !known.includes(type)), seq: z.number() })
	.transform(({ seq }) => ({ type: 'unknown', seq }) as const);
const anyEvent = z.union([serverEvent, unknownEvent]);

function parse(data: string): z.infer<typeof anyEvent> | undefined {
	try {
		return anyEvent.safeParse(JSON.parse(data)).data;
	} catch {
		return undefined;
	}
}
