import type { Network } from './runtime.ts';

/**
 * Networks that are opened together when the first of them runs. An opening that fails is tried again with the next run. They belong
 * together to the end: when one is released, the others open and run no more, and are to be released, too.
 * @param open opens all of them; its signal is aborted when they are no longer wanted
 * @returns networks whose `run` throws an AbortError after that
 */
export function lazyNetworks<const Name extends string>(
	names: readonly Name[],
	open: (signal: AbortSignal) => Promise<Readonly<Record<Name, Network>>>
): Record<Name, Network> {
	const released = new AbortController();
	let opened: Promise<Readonly<Record<Name, Network>>> | undefined;
	const all = () => {
		opened ??= open(released.signal).catch((error: unknown) => {
			opened = undefined;
			throw error;
		});
		return opened;
	};
	const lazy = (name: Name): Network => ({
		async run(feeds, fetches) {
			released.signal.throwIfAborted();
			const networks = await all();
			released.signal.throwIfAborted();
			return networks[name].run(feeds, fetches);
		},
		async release() {
			released.abort();
			await (await opened?.catch(() => undefined))?.[name].release();
		}
	});
	return Object.fromEntries(names.map((name) => [name, lazy(name)])) as Record<Name, Network>;
}
