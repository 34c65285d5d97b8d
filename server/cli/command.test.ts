import { describe, expect, it } from 'vitest';
import { UsageError } from './args.ts';
import { parseCommand, usageOf } from './command.ts';
import type { MatteCommand } from './matte-args.ts';
import type { SegmentCommand } from './segment-args.ts';

const words = (line: string) => line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [];
const parse = (line: string) => parseCommand(words(line));
const matte = (line: string) => parse(`matte ${line}`) as MatteCommand;
const segment = (line: string) => parse(`segment ${line}`) as SegmentCommand;

describe('the command line', () => {
	it('answers a call for help, of a command too', () => {
		expect(parse('--help')).toMatchObject({ name: 'help', usage: expect.stringContaining('COMMAND CLIP') });
		expect(parse('segment -h')).toEqual({ name: 'help', usage: usageOf(['segment']) });
		expect(usageOf(['segment'])).toContain('--track');
	});

	it.each([
		['', 'No command'],
		['--point 1,2', 'No command'],
		['mat clip.mp4', 'There is no command "mat"'],
		['matte', 'No clip'],
		['matte a.mp4 b.mp4 --point 1,2', 'One clip at a time'],
		['matte a.mp4', 'Say what is meant'],
		['matte a.mp4 --negative 1,2', 'Say what is meant'],
		['matte a.mp4 --point 1', '--point takes 2 numbers'],
		['matte a.mp4 --point 1,', '--point takes 2 numbers'],
		['matte a.mp4 --box 1,2,0,4', 'above 0'],
		['matte a.mp4 --point 1,2 --frame 1.5', 'whole number'],
		['matte a.mp4 --point 1,2 --gamma 9', 'gamma'],
		['matte a.mp4 --point 1,2 --engine magic', 'none of classic'],
		['matte a.mp4 --point 1,2 --engine matanyone2-web', 'none of classic'],
		['matte a.mp4 --point 1,2 --warmup 3', '--warmup means nothing to the engine classic'],
		['matte a.mp4 --point 1,2 --engine matanyone --grow 3', '--grow means nothing'],
		['matte a.mp4 --point 1,2 --engine matanyone --warmup 31', 'warmup'],
		['matte a.mp4 --point 1,2 --engine matanyone --max-size 8', '-1 (the size of the clip)'],
		['matte a.mp4 --point 1,2 --format gif', 'none of alpha'],
		['matte a.mp4 --nonsense', 'nonsense'],
		['matte a.mp4 --point 1,2 --track', 'track'],
		['segment a.mp4 --point 1,2 --engine classic', 'engine'],
		['segment a.mp4 --text', 'argument missing'],
		['segment a.mp4 --text ""', '--text takes words'],
		['segment a.mp4 --text " "', '--text takes words'],
		['segment a.mp4 --example 1,2,3,0', '--example needs a width and height above 0'],
		['segment a.mp4 --negative-example 1,2,3,4', 'goes with --text or --example'],
		['segment a.mp4 --text dog --point 1,2', 'not both'],
		['segment a.mp4 --example 1,2,3,4 --mask m.png', 'not both'],
		['segment a.mp4 --text dog --segmenter classic', 'SAM 3 does'],
		['segment a.mp4 --point 1,2 --segmenter sam2', 'none of classic, sam3'],
		['segment a.mp4 --point 1,2 --match 1', '--match picks'],
		['segment a.mp4 --text dog --match 0', 'whole number from 1'],
		['segment a.mp4 --mask m.png', 'add --track'],
		['segment a.mp4 --point 1,2 --from 3', 'go with --track'],
		['segment a.mp4 --point 1,2 --track --from 3 --to 2', 'whole number from 3'],
		['segment a.mp4 --text dog --all', '--all is for prompts']
	])('refuses "%s"', (line, reason) => {
		expect(() => parse(line)).toThrow(UsageError);
		expect(() => parse(line)).toThrow(reason);
	});
});

describe('splazmatte matte', () => {
	it('takes a mask and fills in the rest', () => {
		expect(matte('clip.mp4 --mask mask.png --out out/')).toEqual({
			name: 'matte',
			clip: 'clip.mp4',
			target: { mask: 'mask.png', prompts: [], frame: 0 },
			engine: 'classic',
			options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
			out: 'out/',
			outputs: ['alpha', 'foreground', 'preview'],
			quiet: false
		});
	});

	it('takes points, a box, options and formats', () => {
		const command = matte(
			'a.mov --point 10,20 --point 3.5,4 --negative 1,2 --box 5,6,70,80 --frame 12 --grow -3 --gamma 0.8 --format png,prores'
		);
		expect(command.target).toMatchObject({
			prompts: [
				{ kind: 'point', x: 10, y: 20, positive: true },
				{ kind: 'point', x: 3.5, y: 4, positive: true },
				{ kind: 'point', x: 1, y: 2, positive: false },
				{ kind: 'box', x: 5, y: 6, width: 70, height: 80 }
			],
			frame: 12
		});
		expect(command.options).toMatchObject({ grow: -3, gamma: 0.8 });
		expect(command.outputs).toEqual(['alpha', 'foreground', 'preview', 'png', 'prores']);
	});

	it('takes what MatAnyone understands', () => {
		const command = matte(
			'a.mov --point 1,2 --engine matanyone2 --warmup 3 --erode 4 --dilate 5 --max-size 720 --crop --allow-smaller'
		);
		expect(command.engine).toBe('matanyone2');
		expect(command.options.matanyone).toEqual({
			...{ warmup: 3, erode: 4, dilate: 5, maxSize: 720, crop: true, allowSmaller: true },
			...{ memEvery: 5, maxMemFrames: 5 }
		});
	});

	it('takes what VideoMaMa understands, with masks of every frame', () => {
		const command = matte(
			'a.mov --masks masks/ --engine videomama --max-size 512 --window 8 --overlap 3 --soft --crop --seed 7'
		);
		expect(command.target).toEqual({ masks: 'masks/' });
		expect(command.options.videomama).toMatchObject({
			...{ maxSize: 512, window: 8, overlap: 3, soft: true, crop: true, seed: 7, allowSmaller: false }
		});
		expect(() => matte('a.mov --masks m --window 8')).toThrow('--window means nothing to the engine classic');
		expect(() => matte('a.mov --masks m --point 1,2')).toThrow('--point has no place beside it');
	});

	it('takes a description, one of what it finds, and a segmenter', () => {
		expect(matte('a.mp4 --text "the dog" --match 2 --segmenter sam3').target).toEqual({
			...{ prompts: [], frame: 0, concept: { words: 'the dog' }, match: 2, segmenter: 'sam3' }
		});
	});
});

describe('splazmatte segment', () => {
	it('takes examples, alike and unlike', () => {
		expect(segment('a.mp4 --example 1,2,3,4 --negative-example -5,6,7,8 --frame 3').target.concept).toEqual({
			examples: [
				{ x: 1, y: 2, width: 3, height: 4, positive: true },
				{ x: -5, y: 6, width: 7, height: 8, positive: false }
			]
		});
	});

	it('takes one frame, all readings of it, or a range to track', () => {
		expect(segment('a.mp4 --point 1,2 --all')).toMatchObject({ all: true, track: undefined });
		expect(segment('a.mp4 --point 1,2 --track')).toMatchObject({ track: { from: 0 } });
		expect(segment('a.mp4 --mask m.png --track --from 3 --to 9 --quiet')).toMatchObject({
			...{ track: { from: 3, to: 9 }, target: { mask: 'm.png' }, quiet: true }
		});
	});

	it('takes a mask with points that correct it', () => {
		expect(segment('a.mp4 --mask m.png --negative 1,2').target).toMatchObject({
			...{ mask: 'm.png', prompts: [{ kind: 'point', x: 1, y: 2, positive: false }] }
		});
	});
});
