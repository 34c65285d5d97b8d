import type { Network } from './runtime.ts';

/**
 * Networks that are opened together when the first of them runs. An opening that fails is tried again with the next run.
 * @param open opens all of them
 */
export function lazyNetworks<const Name extends string>(
	names: readonly Name[],
	open: () => Promise<Readonly<Record<Name, Network>>>
): Record<Name, Network> {
	let opened: Promise<Readonly<Record<Name, Network>>> | undefined;
	const all = () => {
		opened ??= open().catch((error: unknown) => {
			opened = undefined;
			throw error;
		});
		return opened;
	};
	const lazy = (name: Name): Network => ({
		run: async (feeds, fetches) => (await all())[name].run(feeds, fetches),
		release: async () => (await opened?.catch(() => undefined))?.[name].release()
	});
	return Object.fromEntries(names.map((name) => [name, lazy(name)])) as Record<Name, Network>;
}
