import { describe, expect, it } from 'vitest';
import { sam3Here } from '$lib/testing/tracking.fixture.ts';
import { choosePlace, type PlaceSituation } from './track-place.ts';

const plain: PlaceSituation = { way: 'classic', server: 'online', decodable: true };
const withSam3 = { ...plain, health: { segmenters: sam3Here } };
const choose = (change: Partial<PlaceSituation>, base = plain) => choosePlace({ ...base, ...change });

describe('choosePlace', () => {
	it('is the browser where SAM 3 is fast there', () => {
		expect(choose({ way: 'webgpu' }, withSam3)).toEqual({
			...{ place: 'browser', tracker: 'webgpu', reason: 'fast', concepts: true }
		});
	});

	it('is the server where that has SAM 3 and the browser would be slow', () => {
		expect(choose({ way: 'wasm' }, withSam3)).toMatchObject({ tracker: 'server-sam3', reason: 'better' });
		expect(choose({}, withSam3)).toMatchObject({ tracker: 'server-sam3', concepts: true });
		expect(choose({ server: 'away' }, withSam3)).toMatchObject({ tracker: 'classic', reason: 'away' });
	});

	it('is the browser, whatever it has, where there is no SAM 3 on the server', () => {
		expect(choose({ way: 'wasm' })).toMatchObject({ tracker: 'wasm', reason: 'only' });
		expect(choose({})).toMatchObject({ tracker: 'classic', reason: 'no-sam3', concepts: false });
	});

	it('is the server for a clip that the browser cannot decode', () => {
		expect(choose({ way: 'webgpu', decodable: false })).toMatchObject({
			...{ tracker: 'server-classic', reason: 'codec' }
		});
	});

	it('is where the user wants it', () => {
		expect(choose({ way: 'webgpu', wish: 'server' }, withSam3)).toMatchObject({
			...{ place: 'server', reason: 'wish' }
		});
		expect(choose({ wish: 'browser' }, withSam3)).toMatchObject({ tracker: 'classic', reason: 'wish' });
	});
});
