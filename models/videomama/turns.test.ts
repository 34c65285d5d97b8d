import { expect, it } from 'vitest';
import { inTurns } from './turns.ts';

/** Networks that write down what becomes of them; `refused` names one that does not open once. */
function turning(refused?: string) {
	const events: string[] = [];
	const networks = inTurns(['a', 'b'], async (name) => {
		if (name === refused) {
			refused = undefined;
			throw new Error('no room');
		}
		events.push(`open ${name}`);
		return {
			run: async () => (events.push(`run ${name}`), {}),
			release: async () => void events.push(`release ${name}`)
		};
	});
	return { events, networks };
}

it('has one network in memory at a time, and keeps it until another runs', async () => {
	const { events, networks } = turning();
	for (const name of ['a', 'a', 'b', 'a'] as const) await networks[name].run({});
	await Promise.all([networks.a.release(), networks.b.release()]);
	expect(events).toEqual([
		...['open a', 'run a', 'run a', 'release a'],
		...['open b', 'run b', 'release b'],
		...['open a', 'run a', 'release a']
	]);
});

it('opens again what did not open', async () => {
	const { events, networks } = turning('b');
	await networks.a.run({});
	await expect(networks.b.run({})).rejects.toThrow('no room');
	await networks.b.run({});
	await networks.b.release();
	expect(events).toEqual(['open a', 'run a', 'release a', 'open b', 'run b', 'release b']);
});
