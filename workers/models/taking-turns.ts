/** The name of the `BroadcastChannel` on which tabs tell each other which model's downloads are to end. */
const channelName = 'stopped-models';

/** The name of the lock that whoever fetches or removes a model holds, in all tabs. */
export function lockOf(id: string): string {
	return `model ${id}`;
}

/** A download was ended since the model was removed, or what had arrived of it, by another tab or another worker of this one. */
export class Removed extends DOMException {
	constructor() {
		super('removed meanwhile', 'AbortError');
	}
}

/** Does work of a model until `removeAlone` ends it. @throws Removed */
export async function untilRemoved<T>(
	id: string,
	work: (signal: AbortSignal) => Promise<T>,
	signal?: AbortSignal
): Promise<T> {
	const stop = new AbortController();
	const channel = new BroadcastChannel(channelName);
	channel.onmessage = ({ data }) => {
		if (data === id) stop.abort(new Removed());
	};
	try {
		return await work(AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]));
	} finally {
		channel.close();
	}
}

/** Ends all downloads of a model, wherever they run, and then removes it, or a part of it. Those that begin meanwhile come after. */
export async function removeAlone(id: string, remove: () => Promise<void>): Promise<void> {
	const removed = navigator.locks.request(lockOf(id), remove);
	const channel = new BroadcastChannel(channelName);
	channel.postMessage(id);
	channel.close();
	await removed;
}
