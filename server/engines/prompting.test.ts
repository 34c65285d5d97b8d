import { expect, it } from 'vitest';
import type { Clip } from '../protocol/schema.ts';
import type { SegmentRequest } from '../protocol/prompts.ts';
import type { SegmenterState } from './catalogue.ts';
import { Prompting } from './prompting.ts';

const clip = { hash: 'a'.repeat(64), width: 4, height: 2, duration: 1 } as Clip;
const classic: SegmenterState = { id: 'classic', provider: 'cpu', standIn: false };
const never = new AbortController().signal;

/** Prompting whose looks for a segmenter end when they are told to, in any order. */
function setup() {
	const looks: (() => void)[] = [];
	const asked: number[] = [];
	const prompting = new Prompting({
		clips: { get: () => clip, path: () => 'clip.mp4', touch: async () => {} },
		engines: {
			readySegmenter: () => new Promise((resolve) => looks.push(() => resolve(classic))),
			needSegmenter: () => ({ main: 0, device: 0 })
		},
		pool: {
			hasLoaded: () => true,
			run: async (task) => {
				if ('time' in task.spec) asked.push(task.spec.time);
				return undefined as never;
			}
		},
		config: { promptMinutes: 1, promptMemory: 1e9 }
	});
	const ask = (time: number, asker?: string) => {
		const prompts = [{ kind: 'point', x: 1, y: 1, positive: true }] as const;
		const request: SegmentRequest = { clip: clip.hash, time, prompts: [...prompts], asker };
		return prompting.answer(request, never);
	};
	return { looks, asked, ask };
}

it.each([
	['first', [0, 1]],
	['last', [1, 0]]
])('answers an asker’s newest request, also when it is the %s to be found ready', async (_, order) => {
	const { looks, asked, ask } = setup();
	const older = expect(ask(0.1, 'me')).rejects.toMatchObject({ code: 'prompt-superseded' });
	const newer = ask(0.2, 'me');
	for (const index of [...order].reverse()) {
		looks[index]!();
		await new Promise(setImmediate);
	}
	await Promise.all([older, newer]);
	expect(asked).toEqual([0.2]);
});

it('answers everyone else', async () => {
	const { looks, asked, ask } = setup();
	const all = [ask(0.1, 'me'), ask(0.2, 'you'), ask(0.3), ask(0.4)];
	for (const end of looks) end();
	await Promise.all(all);
	expect(asked).toEqual([0.1, 0.2, 0.3, 0.4]);
});
