import { describe, expect, it } from 'vitest';
import { maskOf, positive, promptingFixture, run, shown, thing } from '$lib/testing/prompting.fixture.ts';

describe('finding', () => {
	it('makes each thing a target of its own, surest first; the empty one takes the first', async () => {
		const { prompting, segments, concepts } = promptingFixture();
		segments.found = [thing(0, 2, 0.9), thing(3, 2, 0.7), thing(6, 2, 0.6)];
		expect(await prompting.find({ words: 'red ball' }, '红球')).toBe(3);
		expect(concepts).toEqual([{ words: 'red ball' }]);
		expect(prompting.targets).toMatchObject([
			{ id: 1, colour: 1, name: '红球', words: 'red ball' },
			{ id: 2, colour: 2, name: '红球' },
			{ id: 3, colour: 3, name: '红球' }
		]);
		expect(prompting.masksAt(0)).toMatchObject([
			{ mask: run(0, 2), score: 0.9, from: 'marks' },
			{ mask: run(3, 2), score: 0.7 },
			{ mask: run(6, 2), score: 0.6 }
		]);
		expect(prompting).toMatchObject({ active: 1, ready: true, finding: false, notice: undefined });
	});

	it('changes nothing where nothing is like it, and says so until something else is done', async () => {
		const { prompting, say, segments } = promptingFixture();
		await say(0);
		const before = prompting.toJSON();
		segments.found = [];
		expect(await prompting.find({ words: 'unicorn' })).toBe(0);
		expect(prompting.notice).toBe('no-match');
		expect(prompting.toJSON()).toEqual(before);
		prompting.add(positive);
		expect(prompting.notice).toBeUndefined();
	});

	it('says what went wrong', async () => {
		const { prompting } = promptingFixture();
		expect(await prompting.find({ words: '' })).toBe(0);
		expect(prompting).toMatchObject({ error: { code: 'words-empty' }, finding: false, notice: undefined });
	});

	it('turns on what is a target already instead of making it another one', async () => {
		const { prompting, segments } = promptingFixture();
		segments.found = [thing(0, 4, 0.9), thing(5, 2, 0.8)];
		await prompting.find({ words: 'dog' });
		prompting.setOn(1, false);
		segments.found = [thing(0, 4, 0.95), thing(7, 1, 0.5)];
		expect(await prompting.find({ words: 'animal' })).toBe(2);
		expect(prompting.targets).toMatchObject([
			{ id: 1, on: true, words: 'dog' },
			{ id: 2 },
			{ id: 3, words: 'animal' }
		]);
	});

	it('says when there are more things than there can be targets', async () => {
		const { prompting, segments } = promptingFixture();
		segments.found = Array.from({ length: 120 }, (_, i) => ({
			...thing(0, 1, 0.5),
			mask: { width: 200, height: 1, counts: [i, 1, 199 - i] }
		}));
		expect(await prompting.find({ words: 'leaf' })).toBe(100);
		expect(prompting.targets).toHaveLength(100);
		expect(prompting.notice).toBe('too-many');
		const before = prompting.toJSON();
		segments.found = [{ ...thing(0, 1, 0.5), mask: { width: 200, height: 1, counts: [150, 1, 49] } }];
		expect(await prompting.find({ words: 'twig' })).toBe(0);
		expect(prompting.notice).toBe('too-many');
		expect(prompting.toJSON()).toEqual(before);
		prompting.undo();
		expect(prompting.canUndo).toBe(false);
	});

	it('looks again with every example, in place of what was found and not touched since', async () => {
		const { prompting, segments, concepts } = promptingFixture();
		const [meant, other] = [0, 4].map((x) => ({ x, y: 0, width: 2, height: 1 }));
		segments.found = [thing(0, 2, 0.9), thing(4, 2, 0.8)];
		await prompting.addExample({ ...meant!, positive: true });
		prompting.add(positive);
		await prompting.settled();
		segments.found = [thing(6, 2, 0.7)];
		await prompting.addExample({ ...other!, positive: false });
		expect(concepts).toEqual([
			{ examples: [{ ...meant!, positive: true }] },
			{
				examples: [
					{ ...meant!, positive: true },
					{ ...other!, positive: false }
				]
			}
		]);
		expect(prompting.examplesAt(0)).toHaveLength(2);
		expect(shown(prompting)).toEqual([
			[1, maskOf([positive])],
			[3, run(6, 2)]
		]);
		prompting.undo();
		expect(prompting.examplesAt(0)).toHaveLength(1);
		expect(shown(prompting)).toEqual([
			[1, maskOf([positive])],
			[2, run(4, 2)]
		]);
	});

	it('loses no example that is drawn while the ones before are looked for', async () => {
		const { prompting, segments, concepts, release, player } = promptingFixture();
		const [one, two, three] = [0, 2, 4].map((x) => ({ x, y: 0, width: 2, height: 1, positive: true }));
		segments.hold = true;
		segments.found = [thing(0, 2, 0.9)];
		const first = prompting.addExample(one!);
		expect(prompting.examplesAt(0)).toEqual([one]);
		const second = prompting.addExample(two!);
		expect(concepts).toEqual([{ examples: [one] }, { examples: [one, two] }]);
		expect(prompting.examplesAt(0)).toEqual([one, two]);
		player.index = 1;
		expect(prompting.examplesAt(1)).toEqual([]);
		player.index = 0;
		release();
		expect(await Promise.all([first, second])).toEqual([0, 1]);
		expect(prompting.examplesAt(0)).toEqual([one, two]);
		// What nothing is like is not kept.
		segments.found = [];
		const third = prompting.addExample(three!);
		release();
		expect(await third).toBe(0);
		expect(prompting.notice).toBe('no-example-match');
		expect(prompting.examplesAt(0)).toEqual([one, two]);
	});

	it('adds an example to the words that are looked for', async () => {
		const { prompting, segments, concepts, release } = promptingFixture();
		segments.hold = true;
		segments.found = [thing(0, 2, 0.9)];
		const example = { x: 0, y: 0, width: 2, height: 1, positive: true };
		const both = [prompting.find({ words: 'ball' }, '球'), prompting.addExample(example)];
		release();
		expect(await Promise.all(both)).toEqual([0, 1]);
		expect(concepts[1]).toEqual({ words: 'ball', examples: [example] });
		expect(prompting.targets).toMatchObject([{ name: '球', words: 'ball' }]);
	});

	it('is dropped when another clip is opened meanwhile', async () => {
		const { prompting, segments, release } = promptingFixture();
		segments.found = [thing(0, 2, 0.9)];
		segments.hold = true;
		const finding = prompting.find({ words: 'person' });
		expect(prompting).toMatchObject({ finding: true, busy: true });
		prompting.reset();
		release();
		expect(await finding).toBe(0);
		expect(shown(prompting)).toEqual([]);
	});
});
