import { describe, expect, it } from 'vitest';
import type { EngineStatus } from '$protocol/schema.ts';
import { limitExceeded } from './limits.ts';
import { obstacle } from './readiness.ts';

const classic: EngineStatus = {
	id: 'classic',
	available: true,
	provider: 'cpu',
	licence: 'MIT',
	commercialUse: true,
	download: 0,
	standIn: false
};
const ready: Parameters<typeof obstacle>[0] = {
	lockedOut: false,
	clip: 'ready',
	masks: undefined,
	segmenting: false,
	upload: 'done',
	server: 'online',
	engines: [classic],
	engine: 'classic',
	here: false,
	kept: false,
	hashed: true,
	jobActive: false
};

describe('obstacle', () => {
	it('is none when all is there', () => {
		expect(obstacle(ready)).toBeUndefined();
	});

	it.each([
		[{ lockedOut: true }, 'elsewhere'],
		[{ clip: 'opening' }, 'opening'],
		[{ clip: 'missing' }, 'no-clip'],
		[{ masks: 'no-mask' }, 'no-mask'],
		[{ masks: 'apart' }, 'apart'],
		[{ masks: 'no-mask', segmenting: true }, 'busy'],
		[{ upload: 'sending' }, 'uploading'],
		[{ upload: 'refused' }, 'refused'],
		[{ here: true, upload: 'hashing', hashed: false }, 'uploading'],
		[{ server: 'away', upload: 'waiting' }, 'away'],
		[{ engines: [{ ...classic, available: false }] }, 'engine'],
		[{ jobActive: true }, 'running']
	] as const)('of %o is %s', (change, why) => {
		expect(obstacle({ ...ready, ...change })).toBe(why);
	});

	it('names first what the user can do something about', () => {
		expect(obstacle({ ...ready, masks: 'no-mask', upload: 'sending', server: 'away' })).toBe('no-mask');
		const gone = [{ ...classic, available: false }];
		expect(obstacle({ ...ready, masks: 'no-mask', engines: gone })).toBe('engine');
	});

	it('is no upload for an engine in this browser', () => {
		expect(obstacle({ ...ready, here: true, upload: 'sending' })).toBeUndefined();
		expect(obstacle({ ...ready, here: true, upload: 'refused' })).toBeUndefined();
	});

	it('is no server for an engine in this browser whose weights are kept', () => {
		const away = { ...ready, here: true, server: 'away', upload: 'waiting' } as const;
		expect(obstacle(away)).toBe('away');
		expect(obstacle({ ...away, kept: true })).toBeUndefined();
	});

	it('is not an engine that nobody can tell of', () => {
		expect(obstacle({ ...ready, server: 'away', engines: [] })).toBe('away');
	});
});

describe('limitExceeded', () => {
	const limits = { bytes: 1000, seconds: 60, shortSide: 1080, chunkBytes: 100 };
	const clip = { bytes: 1000, duration: 60, width: 1080, height: 1920 };

	it('takes what just fits, upright or not', () => {
		expect(limitExceeded(limits, clip)).toBeUndefined();
		expect(limitExceeded(limits, { ...clip, width: 1920, height: 1080 })).toBeUndefined();
	});

	it.each([
		[{ bytes: 1001 }, 'clip-too-large'],
		[{ duration: 60.1 }, 'clip-too-long'],
		[{ width: 1440, height: 2560 }, 'clip-too-big']
	])('refuses %o as %s', (change, code) => {
		expect(limitExceeded(limits, { ...clip, ...change })?.code).toBe(code);
	});
});
