import { z } from 'zod';
import type { Concept, Prompt } from '../../models/segmenter.ts';
import { segmenterIds, type SegmenterId } from '../../models/segmenters.ts';
import { choice, numbers, readOptions, text, texts, UsageError, whole } from './args.ts';

/** Says what is meant, on one frame of the clip. */
export interface TargetArgs {
	/** The frame's number. */
	readonly frame: number;
	/** A mask's file; prompts beside it correct it. */
	readonly mask?: string;
	readonly prompts: readonly Prompt[];
	/** Words and examples, in the place of prompts. */
	readonly concept?: Concept;
	/** Of what the concept finds, the one that is meant, from 1, surest first. */
	readonly match?: number;
	/** The one that was chosen. */
	readonly segmenter?: SegmenterId;
}

export const targetOptions = {
	mask: text,
	point: texts,
	negative: texts,
	box: text,
	text: text,
	example: texts,
	'negative-example': texts,
	match: text,
	frame: text,
	segmenter: text
} as const;

export const targetUsage = `What is meant, on one frame of the clip (pixels of the upright picture, from the top left):
  --point X,Y         a point on the target; may be given more than once
  --negative X,Y      a point that is not on the target; may be given more than once
  --box X,Y,W,H       a box around the target
  --mask FILE         a mask of the clip's size: white is the target (PNG, or any picture); SAM 3 corrects it by points
  --frame N           the frame that they belong to, from 0 (default 0)
or by a description (SAM 3 only; get its weights with: npm run models -- pull sam3):
  --text WORDS        everything that a short phrase describes, in English or Chinese, such as "the dog"
  --example X,Y,W,H   everything like what is in this box on the frame; may be given more than once
  --negative-example X,Y,W,H
                      but not what is like this; may be given more than once`;

export const segmenterUsage = `  --segmenter NAME    ${segmenterIds.join(', ')} (default: sam3 where its weights are installed, else classic)`;

type Values = ReturnType<typeof readOptions<typeof targetOptions>>['values'];

/** @throws UsageError */
export function readTarget(values: Values): TargetArgs {
	const prompts: Prompt[] = [
		...(values.point ?? []).map((text) => point(text, '--point', true)),
		...(values.negative ?? []).map((text) => point(text, '--negative', false)),
		...(values.box === undefined ? [] : [{ kind: 'box', ...box(values.box, '--box') } as const])
	];
	const concept = readConcept(values);
	if (concept && (values.mask !== undefined || prompts.length > 0))
		throw new UsageError(
			'Give a description (--text, --example) or prompts (--point, --box, --mask), not both.'
		);
	const says = prompts.some((prompt) => prompt.kind === 'box' || prompt.positive);
	if (!concept && values.mask === undefined && !says)
		throw new UsageError('Say what is meant: --point, --box, --mask, --text or --example.');
	const segmenter =
		values.segmenter === undefined
			? undefined
			: choice(z.enum(segmenterIds), values.segmenter, '--segmenter');
	if (concept && segmenter === 'classic')
		throw new UsageError('The classic segmenter understands no --text and no --example; SAM 3 does.');
	if (!concept && values.match !== undefined)
		throw new UsageError('--match picks one of what --text or --example finds.');
	return {
		...{ prompts, mask: values.mask, concept, segmenter },
		match: values.match === undefined ? undefined : whole(values.match, '--match', 1),
		frame: whole(values.frame ?? '0', '--frame')
	};
}

function readConcept(values: Values): Concept | undefined {
	const alike = values.example ?? [];
	const unlike = values['negative-example'] ?? [];
	if (values.text?.trim() === '') throw new UsageError('--text takes words, such as "the dog".');
	if (values.text === undefined && alike.length === 0) {
		if (unlike.length > 0) throw new UsageError('--negative-example goes with --text or --example.');
		return undefined;
	}
	const examples = [
		...alike.map((text) => ({ ...box(text, '--example'), positive: true })),
		...unlike.map((text) => ({ ...box(text, '--negative-example'), positive: false }))
	];
	return {
		...(values.text === undefined ? {} : { words: values.text.trim() }),
		...(examples.length > 0 ? { examples } : {})
	};
}

function point(text: string, name: string, positive: boolean): Prompt {
	const [x, y] = numbers(text, name, 2) as [number, number];
	return { kind: 'point', x, y, positive };
}

function box(text: string, name: string) {
	const [x, y, width, height] = numbers(text, name, 4) as [number, number, number, number];
	if (width <= 0 || height <= 0) throw new UsageError(`${name} needs a width and height above 0.`);
	return { x, y, width, height };
}
