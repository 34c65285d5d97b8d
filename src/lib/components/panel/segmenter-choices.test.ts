import { expect, it } from 'vitest';
import { precisionChoices, sizeChoices } from './segmenter-choices.ts';

const setup = { provider: 'webgpu', size: 560, precision: 'float16' } as const;
const sizes = [1008, 560, 504];

it('offers the sizes that work, once SAM 3 is open', () => {
	expect(sizeChoices({ setup, sizes }, {})).toEqual(sizes);
	expect(sizeChoices({ sizes }, {})).toEqual([]);
	expect(sizeChoices({}, {})).toEqual([]);
});

it('offers half precision where the card computes it', () => {
	expect(precisionChoices({ setup, half: true }, 'webgpu', {})).toEqual(['float16', 'float32']);
	expect(precisionChoices({ setup, half: false }, 'webgpu', {})).toEqual([]);
	expect(precisionChoices({ setup, half: true }, 'wasm', {})).toEqual([]);
	expect(precisionChoices({}, 'server', {})).toEqual([]);
});

it('keeps a wish to be taken back where it cannot be fulfilled', () => {
	expect(sizeChoices({}, { size: 1008 })).toEqual([1008]);
	expect(sizeChoices({ setup, sizes }, { size: 672 })).toEqual([1008, 672, 560, 504]);
	expect(precisionChoices({}, 'classic', { precision: 'float16' })).toEqual(['float16']);
	expect(precisionChoices({ setup, half: false }, 'webgpu', { precision: 'float16' })).toEqual(['float16']);
});
