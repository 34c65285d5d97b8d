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
		await Promise.all([networks.a.run({}), networks.b.run({})]);
		await Promise.all([networks.a.release(), networks.b.release()]);
		expect(log).toEqual(['open', 'run a', 'run b', 'release a', 'release b']);
	});

	it('tries again after a failure', async () => {
		const { networks, log } = fake(1);
		await expect(networks.a.run({})).rejects.toThrow('no memory');
		await networks.b.run({});
		expect(log).toEqual(['open', 'open', 'run b']);
	});

	it('opens and runs nothing any more once they are released', async () => {
		const { networks, log } = fake();
		await networks.a.release();
		await expect(networks.a.run({})).rejects.toMatchObject({ name: 'AbortError' });
		await expect(networks.b.run({})).rejects.toMatchObject({ name: 'AbortError' });
		expect(log).toEqual([]);

		const opened = fake();
		await opened.networks.a.run({});
		await opened.networks.a.release();
		await expect(opened.networks.a.run({})).rejects.toMatchObject({ name: 'AbortError' });
		expect(opened.log).toEqual(['open', 'run a', 'release a']);
	});

	it('releases what is just being opened, which is told to stop', async () => {
		const log: string[] = [];
		let open: () => void;
		const opening = new Promise<void>((resolve) => (open = resolve));
		const { a } = lazyNetworks(['a'], async (signal) => {
			signal.addEventListener('abort', () => log.push('stop'));
			await opening;
			return {
				a: { run: async () => ({}), release: async () => void log.push('release') }
			};
		});
		const run = expect(a.run({})).rejects.toMatchObject({ name: 'AbortError' });
		const released = a.release().then(() => log.push('released'));
		expect(log).toEqual(['stop']);
		open!();
		await Promise.all([run, released]);
		expect(log).toEqual(['stop', 'release', 'released']);
	});
});
