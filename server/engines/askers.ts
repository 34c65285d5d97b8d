import { appError } from '../protocol/errors.ts';

/** Of what one asker waits for, only the newest goes on. */
export class Askers {
	readonly #waiting = new Map<string, AbortController>();

	/**
	 * Asks for something. An older request of the same asker that has not begun gives way at once, before anything is waited for: which one
	 * is the newer is decided by their order here and by nothing else.
	 * @param ask gets a signal that is aborted when a newer request comes, and must say when it begins: from there on none takes its place
	 * @throws CodedError `prompt-superseded`, as the signal's reason; what `ask` throws
	 */
	async ask<T>(
		asker: string | undefined,
		signal: AbortSignal,
		ask: (signal: AbortSignal, begin: () => void) => Promise<T>
	): Promise<T> {
		if (asker === undefined) return ask(signal, () => {});
		this.#waiting.get(asker)?.abort(appError('prompt-superseded'));
		const own = new AbortController();
		this.#waiting.set(asker, own);
		const begin = () => {
			if (this.#waiting.get(asker) === own) this.#waiting.delete(asker);
		};
		try {
			return await ask(AbortSignal.any([signal, own.signal]), begin);
		} finally {
			begin();
		}
	}
}
