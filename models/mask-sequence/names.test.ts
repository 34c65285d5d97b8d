import { describe, expect, it } from 'vitest';
import { sequencesOf } from './names.ts';

/** Each sequence's name, and its files with their places. */
const read = (paths: readonly string[]) =>
	sequencesOf(paths).map(({ name, pictures }) => [
		name,
		...pictures.map(({ file, place }) => `${place} ${paths[file]}`)
	]);

describe('the order of picture files', () => {
	it('is that of their numbers, wherever they begin and however long they are', () => {
		expect(read(['a_1009.png', 'a_1010.png', 'a_1008.png'])).toEqual([
			['a', '0 a_1008.png', '1 a_1009.png', '2 a_1010.png']
		]);
		expect(read(['mask10.png', 'mask9.png', 'mask8.png'])).toEqual([
			['mask', '0 mask8.png', '1 mask9.png', '2 mask10.png']
		]);
	});

	it('leaves a gap where a number is missing', () => {
		expect(read(['7.png', '4.png', '5.png'])).toEqual([['', '0 4.png', '1 5.png', '3 7.png']]);
	});

	it('goes by the last number of a name', () => {
		expect(read(['take2_shot3_0002.png', 'take2_shot3_0001.png'])).toEqual([
			['take2_shot3', '0 take2_shot3_0001.png', '1 take2_shot3_0002.png']
		]);
		expect(read(['f0002_mask.png', 'f0001_mask.png'])).toEqual([
			['f', '0 f0001_mask.png', '1 f0002_mask.png']
		]);
	});

	it('is as people sort them where there is no such number', () => {
		expect(read(['b.png', 'a10x3.png', 'a2y4.png'])).toEqual([['', '0 a2y4.png', '1 a10x3.png', '2 b.png']]);
		expect(read(['1.png', '01.png', '2.png'])).toEqual([['', '0 1.png', '1 01.png', '2 2.png']]);
	});

	it('tells sequences apart by folder and by name', () => {
		expect(
			read(['clip/2_dog/0001.png', 'clip/1/0000.png', 'clip/1/0001.png', 'clip/2_dog/0000.png'])
		).toEqual([
			['1', '0 clip/1/0000.png', '1 clip/1/0001.png'],
			['2_dog', '0 clip/2_dog/0000.png', '1 clip/2_dog/0001.png']
		]);
		expect(read(['fg_0.png', 'alpha_0.png', 'fg_1.png', 'alpha_1.png'])).toEqual([
			['alpha', '0 alpha_0.png', '1 alpha_1.png'],
			['fg', '0 fg_0.png', '1 fg_1.png']
		]);
	});

	it('leaves out what systems put beside files', () => {
		expect(read(['__MACOSX/m/._0.png', 'm/0.png', 'm/.hidden.png', '.Trash/1.png'])).toEqual([
			['m', '0 m/0.png']
		]);
		expect(read([])).toEqual([]);
	});
});
