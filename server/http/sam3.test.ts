import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromBase64 } from '../../models/base64.ts';
import { readSam3Config } from '../../models/sam3/config.node.ts';
import { openTokenizer } from '../../models/sam3/tokenizer.node.ts';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { discAt, discSize, makeDiscClip } from '../engines/disc.fixture.ts';
import type { PhraseAnswer } from '../protocol/phrases.ts';
import type { SegmentAnswer, SegmentRequest } from '../protocol/prompts.ts';
import { routes } from '../protocol/routes.ts';
import type { Health, TrackJob, TrackJobRequest } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

/** Everything as it is in earnest, but for SAM 3's size and weights. */
let server: TestServer;
let clip: string;
beforeAll(async () => {
	const engineHost = new URL('../engines/host.ts', import.meta.url);
	server = await TestServer.start(
		{ threads: 1, memoryBudget: 20e9 },
		{ engineHost, probe: undefined, patience: 10_000 }
	);
	await writeSmallSam3(join(server.workspace, '../weights/sam3'));
	const bytes = await readFile(await makeDiscClip(join(server.workspace, '..'), 4));
	const location = await server.begin(bytes.length, { filename: 'disc.mp4' });
	clip = (await server.append(location, 0, bytes)).headers.get('Upload-Clip')!;
});
afterAll(() => server.stop());

const click = { kind: 'point', ...discAt(0), positive: true } as const;
async function ask(changes: Partial<SegmentRequest>): Promise<SegmentAnswer & { code?: string }> {
	const request: SegmentRequest = { clip, time: 0, ...changes };
	return server.json(routes.segment, { method: 'POST', body: JSON.stringify(request) });
}

it('answers clicks, words and examples on one look at a frame, and says what ran', async () => {
	const first = await ask({ prompts: [click] });
	expect(first).toMatchObject({
		segmenter: 'sam3',
		provider: 'cpu',
		precision: 'float32',
		standIn: true,
		cached: false
	});
	expect(first.candidates[0]!.mask).toMatchObject(discSize);
	const [{ mask }] = first.candidates as [SegmentAnswer['candidates'][number]];
	const corrected = await ask({
		prompts: [{ ...click, positive: false }],
		mask: { ...mask, counts: [90, 6054] }
	});
	expect(corrected).toMatchObject({ cached: true, milliseconds: { read: 0, encode: 0 } });
	expect(await ask({ concept: { words: 'a disc' } })).toMatchObject({ segmenter: 'sam3', cached: true });
	const example = { x: 16, y: 18, width: 28, height: 28, positive: true };
	expect((await ask({ concept: { words: 'a disc', examples: [example] } })).candidates).toBeDefined();
	expect(await ask({ concept: { words: 'word '.repeat(200) } })).toMatchObject({ code: 'words-long' });
	expect(await ask({ time: 0.08, concept: { words: 'word '.repeat(200) } })).toMatchObject({
		code: 'words-long'
	});
	// That was told before its frame was encoded.
	expect(await ask({ time: 0.08, prompts: [click] })).toMatchObject({ cached: false });
	const { segmenters } = await server.json<Health>(routes.health);
	const sam3 = { id: 'sam3', available: true, standIn: true, weights: first.weights, loaded: true };
	expect(segmenters).toContainEqual(expect.objectContaining(sam3));
});

it('reads words for browsers, each in the same way as for its own detector', async () => {
	const read = (words: string) =>
		server.json<PhraseAnswer & { code?: string }>(routes.phrases, {
			method: 'POST',
			body: JSON.stringify({ words })
		});
	const found = await read('A  disc');
	const { segmenters } = await server.json<Health>(routes.health);
	expect(found.weights).toBe(segmenters.find(({ id }) => id === 'sam3')!.weights);
	const bytes = fromBase64(found.tokens);
	const tokens = new Float32Array(bytes.buffer);
	const config = await readSam3Config(join(server.workspace, '../weights/sam3'));
	const { length } = (await openTokenizer(join(server.workspace, '../weights/sam3'), config)).encode(
		'a disc'
	);
	expect(tokens.length % length).toBe(0);
	expect(tokens.every(Number.isFinite)).toBe(true);
	expect(await read('a disc')).toEqual(found);
	expect(await read(' ')).toMatchObject({ code: 'words-empty' });
	expect(await read('word '.repeat(1000))).toMatchObject({ code: 'words-long' });
});

it('follows what is clicked and what is described through a clip', async () => {
	const request: TrackJobRequest = {
		...{ clip, name: 'disc.mp4', concept: { what: { words: 'a disc' } } },
		targets: [{ id: 1, keyframes: [{ time: 0.04, prompts: [click] }] }]
	};
	const posted = { method: 'POST', body: JSON.stringify(request) };
	const { id } = await server.json<TrackJob>(routes.tracks, posted);
	const job = await server.reach<TrackJob>(id, 'done', 'failed');
	// What is clicked is found; words describe nothing, which is said.
	const notices = [{ code: 'stand-in-weights' }, { code: 'nothing-found' }];
	expect(job).toMatchObject({ state: 'done', segmenter: 'sam3', notices });
	expect(job.record).toMatchObject({ segmenter: 'sam3', standIn: true, frames: 4 });
	const text = await (await server.fetch(routes.output(id, 'masks'))).text();
	const [, ...lines] = text.trimEnd().split('\n');
	expect(lines.map((line) => (JSON.parse(line) as { frame: number }).frame)).toEqual([0, 1, 2, 3]);
});

it('tracks the masks for a matte where it is chosen, which makes another result', async () => {
	const mask = { ...discSize, counts: [2000, 30, 66, 30, 4018] };
	const changes = { name: 'disc.mp4', keyframes: [{ time: 0, mask }] };
	const { job } = await server.submit(clip, { ...changes, segmenter: 'sam3' });
	const done = await server.reach(job.id, 'done', 'failed');
	expect(done).toMatchObject({
		...{ state: 'done', segmenter: 'sam3', engine: 'classic' },
		record: { segmenter: 'sam3', segmenterStandIn: true, segmenterProvider: 'cpu' }
	});
	expect(done.notices).toContainEqual({ code: 'stand-in-weights', params: { engine: 'SAM 3' } });
	const plain = await server.submit(clip, changes);
	expect(plain).toMatchObject({ status: 201, job: { segmenter: 'classic' } });
	expect(plain.job.key).not.toBe(job.key);
});
