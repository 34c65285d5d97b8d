import { randomUUID } from 'node:crypto';
import { isTrackJob, type AnyJob, type ServerEvent } from '../protocol/schema.ts';

type Change = Exclude<ServerEvent, { type: 'hello' }>;
type Listener = (event: ServerEvent) => void;

/** Jobs of which the newest change is kept for clients that come back. */
const KEPT = 1000;

/**
 * What happened to the jobs, numbered. Of each job only the newest change is kept, since it tells all there is to know; so a client that
 * was away gets what it missed without the steps between.
 */
export class EventLog {
	/** Names this run of the server: numbers of another run mean nothing. */
	readonly epoch = randomUUID();
	#seq = 0;
	/** The newest change that is not kept any more. */
	#forgotten = 0;
	/** By job, oldest first. */
	readonly #changes = new Map<string, Change>();
	readonly #listeners = new Set<Listener>();

	changed(job: AnyJob): void {
		const { id } = job;
		const seq = ++this.#seq;
		this.#publish(id, isTrackJob(job) ? { type: 'track', seq, id, job } : { type: 'job', seq, job });
	}

	removed(id: string): void {
		this.#publish(id, { type: 'job-removed', seq: ++this.#seq, id });
	}

	/**
	 * Says hello, tells what was missed where that is known, and then everything that happens.
	 * @param seen the client's newest event
	 * @returns what ends it
	 */
	subscribe(listener: Listener, seen?: { epoch: string; seq: number }): () => void {
		const replay =
			seen !== undefined && seen.epoch === this.epoch && seen.seq >= this.#forgotten && seen.seq <= this.#seq;
		listener({ type: 'hello', epoch: this.epoch, seq: this.#seq, replay });
		if (replay) {
			for (const change of this.#changes.values()) if (change.seq > seen.seq) listener(change);
		}
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#publish(id: string, change: Change): void {
		this.#changes.delete(id);
		this.#changes.set(id, change);
		if (this.#changes.size > KEPT) {
			const [oldest, { seq }] = this.#changes.entries().next().value!;
			this.#changes.delete(oldest);
			this.#forgotten = seq;
		}
		for (const listener of [...this.#listeners]) listener(change);
	}
}
