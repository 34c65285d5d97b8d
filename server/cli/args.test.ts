import { describe, expect, it } from 'vitest';
import { parseCommand, UsageError } from './args.ts';

const parse = (line: string) => parseCommand(line.split(' ').filter(Boolean));

describe('the command line', () => {
	it('takes a mask and fills in the rest', () => {
		expect(parse('matte clip.mp4 --mask mask.png --out out/')).toEqual({
			clip: 'clip.mp4',
			mask: 'mask.png',
			prompts: [],
			frame: 0,
			engine: 'classic',
			options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
			out: 'out/',
			outputs: ['alpha', 'foreground', 'preview'],
			quiet: false
		});
	});

	it('takes points, a box, options and formats', () => {
		const command = parse(
			'matte a.mov --point 10,20 --point 3.5,4 --negative 1,2 --box 5,6,70,80 --frame 12 --grow -3 --gamma 0.8 --format png,prores'
		)!;
		expect(command.prompts).toEqual([
			{ kind: 'point', x: 10, y: 20, positive: true },
			{ kind: 'point', x: 3.5, y: 4, positive: true },
			{ kind: 'point', x: 1, y: 2, positive: false },
			{ kind: 'box', x: 5, y: 6, width: 70, height: 80 }
		]);
		expect(command.frame).toBe(12);
		expect(command.options).toMatchObject({ grow: -3, gamma: 0.8 });
		expect(command.outputs).toEqual(['alpha', 'foreground', 'preview', 'png', 'prores']);
	});

	it('takes what MatAnyone understands', () => {
		const command = parse(
			'matte a.mov --point 1,2 --engine matanyone2 --warmup 3 --erode 4 --dilate 5 --max-size 720 --crop --allow-smaller'
		)!;
		expect(command.engine).toBe('matanyone2');
		expect(command.options.matanyone).toEqual({
			...{ warmup: 3, erode: 4, dilate: 5, maxSize: 720, crop: true, allowSmaller: true },
			...{ memEvery: 5, maxMemFrames: 5 }
		});
	});

	it('answers a call for help', () => {
		expect(parse('--help')).toBeUndefined();
	});

	it.each([
		['', 'No command'],
		['mat clip.mp4', 'There is no command "mat"'],
		['matte', 'No clip'],
		['matte a.mp4 b.mp4 --point 1,2', 'One clip at a time'],
		['matte a.mp4', 'Say what to cut out'],
		['matte a.mp4 --negative 1,2', 'Say what to cut out'],
		['matte a.mp4 --mask m.png --point 1,2', 'not both'],
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
		['matte a.mp4 --nonsense', 'nonsense']
	])('refuses "%s"', (line, reason) => {
		expect(() => parse(line)).toThrow(UsageError);
		expect(() => parse(line)).toThrow(reason);
	});
});
