import { describe, expect, it } from 'vitest';
import { lazyNetworks } from './lazy-networks.ts';

function fake(fails = 0) {
	const log: string[] = [];
	const network = (name: string) => ({
		run: async () => {
			log.push(`run ${name}`);
			return {};
		},
		release: async () => void log.push(`release ${name}`)
	});
	const networks = lazyNetworks(['a', 'b'], async () => {
		log.push('open');
		if (fails-- > 0) throw new Error('no memory');
		return { a: network('a'), b: network('b') };
	});
	return { networks, log };
}

describe('networks that wait until they are needed', () => {
	it('opens them together, once, with the first run', async () => {
		const { networks, log } = fake();
		await networks.a.release();
		expect(log).toEqual([]);
		await Promise.all([networks.a.run({}), networks.b.run({})]);
		await networks.b.release();
		expect(log).toEqual(['open', 'run a', 'run b', 'release b']);
	});

	it('tries again after a failure', async () => {
		const { networks, log } = fake(1);
		await expect(networks.a.run({})).rejects.toThrow('no memory');
		await networks.b.release();
		await networks.b.run({});
		expect(log).toEqual(['open', 'open', 'run b']);
	});
});
