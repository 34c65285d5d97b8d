import type { Network } from '../runtime.ts';

/**
 * Networks that take turns in memory: one is opened when it runs, after the one that ran before was released, and stays until another's
 * turn. An opening that fails is tried again with the next run. Runs must follow one another.
 * @param open opens one of them
 */
export function inTurns<const Name extends string>(
	names: readonly Name[],
	open: (name: Name) => Promise<Network>
): Record<Name, Network> {
	let current: { readonly name: Name; readonly network: Network } | undefined;
	const leave = async () => {
		const network = current?.network;
		current = undefined;
		await network?.release();
	};
	const turnOf = async (name: Name): Promise<Network> => {
		if (current?.name === name) return current.network;
		await leave();
		const network = await open(name);
		current = { name, network };
		return network;
	};
	const turning = (name: Name): Network => ({
		async run(feeds, fetches) {
			const network = await turnOf(name);
			return network.run(feeds, fetches);
		},
		async release() {
			if (current?.name === name) await leave();
		}
	});
	return Object.fromEntries(names.map((name) => [name, turning(name)])) as Record<Name, Network>;
}
