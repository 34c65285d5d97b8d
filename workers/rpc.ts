import * as Comlink from 'comlink';
import { CodedError, type ErrorParams } from '../models/errors.ts';

interface Thrown {
	value: unknown;
}
type Sent = { coded: { code: string; params: ErrorParams } } | object;

// Comlink passes on an error's message only; coded errors must keep their code and facts.
const plain = Comlink.transferHandlers.get('throw') as Comlink.TransferHandler<Thrown, Sent>;
Comlink.transferHandlers.set('throw', {
	canHandle: plain.canHandle,
	serialize(thrown: Thrown): [Sent, Transferable[]] {
		const { value } = thrown;
		if (!(value instanceof CodedError)) return plain.serialize(thrown);
		return [{ coded: { code: value.code, params: value.params } }, []];
	},
	deserialize(sent: Sent): never {
		if ('coded' in sent) throw new CodedError(sent.coded.code, sent.coded.params);
		return plain.deserialize(sent) as never;
	}
} satisfies Comlink.TransferHandler<Thrown, Sent>);

/** Answers calls that reach this worker with `api`. */
export function expose(api: object): void {
	Comlink.expose(api);
}

/** A worker and the calls on their way to it. */
export interface Connection<Api> {
	readonly api: Comlink.Remote<Api>;
	/** Rejects when the worker fails to load, crashes, or is ended; calls are never answered then. */
	readonly over: Promise<never>;
	/** Waits for a call's answer, or rejects as `over` does. */
	settle<T>(call: Promise<T>): Promise<T>;
	/** Ends the worker at once; calls still waiting reject with an AbortError. */
	end(): void;
}

/** Speaks to a worker that was made ready with `expose`. */
export function connect<Api>(worker: Worker): Connection<Api> {
	let reject: (reason: unknown) => void = () => {};
	const over = new Promise<never>((_resolve, fail) => (reject = fail));
	over.catch(() => {}); // it is told to those who wait for a call
	worker.addEventListener('error', (event) => reject(new Error(event.message || 'the worker did not load')));
	worker.addEventListener('messageerror', () => reject(new Error('an answer could not be read')));
	return {
		api: Comlink.wrap<Api>(worker),
		over,
		settle: (call) => Promise.race([call, over]),
		end() {
			reject(new DOMException('the worker was ended', 'AbortError'));
			worker.terminate();
		}
	};
}
