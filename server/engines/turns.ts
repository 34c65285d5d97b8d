import { appError } from '../protocol/errors.ts';

interface Turn {
	readonly asker: string | undefined;
	readonly begin: () => void;
	readonly give: (error: unknown) => void;
}

/** Lets askers in one at a time, in the order in which they came; of one asker's requests only the newest waits. */
export class Turns {
	#waiting: Turn[] = [];
	#busy = false;

	/**
	 * Does something in its turn.
	 * @param asker whose older request, if it has not begun, this one takes the place of
	 * @param signal ends the waiting
	 * @throws CodedError `prompt-superseded` for the older one; the signal's reason
	 */
	async take<T>(asker: string | undefined, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
		signal.throwIfAborted();
		if (asker !== undefined) {
			this.#refuse((turn) => turn.asker === asker, appError('prompt-superseded'));
		}
		if (this.#busy) await this.#wait(asker, signal);
		this.#busy = true;
		try {
			return await run();
		} finally {
			const next = this.#waiting.shift();
			// Whoever waits takes the place over.
			if (next) next.begin();
			else this.#busy = false;
		}
	}

	#wait(asker: string | undefined, signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const aborted = () => this.#refuse((other) => other === turn, signal.reason);
			const settle =
				<A>(how: (argument: A) => void) =>
				(argument: A) => {
					signal.removeEventListener('abort', aborted);
					how(argument);
				};
			const turn: Turn = { asker, begin: settle<void>(resolve), give: settle(reject) };
			signal.addEventListener('abort', aborted);
			this.#waiting.push(turn);
		});
	}

	#refuse(isMeant: (turn: Turn) => boolean, error: unknown): void {
		const refused = this.#waiting.filter(isMeant);
		this.#waiting = this.#waiting.filter((turn) => !isMeant(turn));
		for (const turn of refused) turn.give(error);
	}
}
