import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { maskArea, type RunLengthMask } from '../../models/mask.ts';
import { unpackMask } from '../../models/packed-mask.ts';
import { sharedArea } from '../../models/run-lengths.ts';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import type { Prompt } from '../../models/segmenter.ts';
import { coarsenWeights } from '../../models/weights/coarse.fixture.node.ts';
import type { SegmentAnswer, SegmentRequest } from '../../server/protocol/prompts.ts';
import { routes } from '../../server/protocol/routes.ts';
import type { TrackJob, TrackJobRequest } from '../../server/protocol/schema.ts';
import { scenes } from '../scenes/index.ts';
import {
	clickPicture,
	dragPicture,
	expect,
	expectUploaded,
	testAlone as test,
	type AppServer
} from './app.ts';
import { writeSceneClip } from './clips.ts';

const [scene] = scenes;
const size = { width: 96, height: 80 };
const frames = 4;
/** On a busy machine networks take their time, in milliseconds. */
const timeout = 120_000;
let folder: string;
let clip: string;

test.beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-sam3-'));
	clip = join(folder, 'small.mp4');
	await writeSceneClip(clip, scene!, size, frames, { grey: true });
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is saved of the marks of a target on a frame. */
interface SavedMark {
	readonly prompts: readonly Prompt[];
	readonly mask?: RunLengthMask;
}

/** What is saved of a frame that was tracked. */
interface SavedFrame {
	readonly time: number;
	readonly masks: readonly { readonly mask: RunLengthMask & { readonly bytes: Uint8Array } }[];
}

/** What a store of the browser's database holds. */
function readAll<T>(page: Page, store: string): Promise<T[]> {
	return page.evaluate(async (store) => {
		const database = await new Promise<IDBDatabase>((resolve) => {
			const request = indexedDB.open('splazmatte');
			request.onsuccess = () => resolve(request.result);
		});
		const all = await new Promise<unknown[]>((resolve) => {
			const request = database.transaction(store).objectStore(store).getAll();
			request.onsuccess = () => resolve(request.result);
		});
		database.close();
		return all as never[];
	}, store);
}

/** The first target's marks on the first frame, once there are so many, and their mask. */
async function marked(page: Page, count: number): Promise<Required<SavedMark>> {
	const read = async () => (await readAll<{ marks: SavedMark[] }>(page, 'prompts'))[0]?.marks[0];
	const answered = async () => {
		const mark = await read();
		return mark?.mask ? mark.prompts.length : 0;
	};
	await expect.poll(answered, { timeout }).toBe(count);
	return (await read()) as Required<SavedMark>;
}

/** Puts SAM 3 onto the server and fetches it into the browser, as a user does, then opens the clip. */
async function openClip(page: Page, server: AppServer): Promise<void> {
	const weights = join(server.workspace, 'weights/sam3');
	await writeSmallSam3(weights, { sure: true });
	await coarsenWeights(join(weights, 'model.safetensors'));

	await page.goto(`${server.address}/models`);
	const model = page.locator('[data-browser-model=sam3]');
	await model.getByRole('button', { name: /^Download/ }).click();
	const licence = page.getByRole('dialog', { name: 'Licence of SAM 3' });
	await licence.getByRole('checkbox').click();
	await licence.getByRole('button', { name: /^Download/ }).click();
	await expect(model).toHaveAttribute('data-state', 'kept', { timeout: 90_000 });

	await page.goto(server.address);
	await page.locator('input[type=file]').first().setInputFiles(clip);
	await expect(page.getByTestId('frame-counter')).toHaveText(/1\s*\/\s*4/);
	await expectUploaded(page);
}

/** How much of two masks is in both of them, of what is in either. */
function overlap(a: RunLengthMask, b: RunLengthMask): number {
	const both = sharedArea(a, b);
	const either = maskArea(a) + maskArea(b) - both;
	return either === 0 ? 1 : both / either;
}

async function clipHash(page: Page): Promise<string> {
	return (await readAll<{ hash: string }>(page, 'sessions'))[0]!.hash;
}

/** Checks that a mask is the one that the server's SAM 3 makes of the same prompts. */
async function expectServers(page: Page, server: AppServer, { prompts, mask }: Required<SavedMark>) {
	const data: SegmentRequest = {
		clip: await clipHash(page),
		time: 0,
		prompts: [...prompts],
		segmenter: 'sam3'
	};
	const answer = await page.request.post(server.address + routes.segment, { data });
	const { candidates } = (await answer.json()) as SegmentAnswer;
	expect(overlap(mask, candidates[0]!.mask)).toBeGreaterThan(0.97);
}

/** The masks that the server's SAM 3 tracks from one on the first frame, by the frames' numbers. */
async function trackOnServer(page: Page, server: AppServer, mask: RunLengthMask): Promise<RunLengthMask[]> {
	const data: TrackJobRequest = {
		...{ clip: await clipHash(page), name: 'small.mp4', segmenter: 'sam3' },
		targets: [{ id: 1, keyframes: [{ time: 0, prompts: [], mask }] }]
	};
	const asked = await page.request.post(server.address + routes.tracks, { data });
	const { id } = (await asked.json()) as TrackJob;
	const state = async () =>
		((await (await page.request.get(server.address + routes.job(id))).json()) as TrackJob).state;
	await expect.poll(state, { timeout }).toBe('done');
	const file = await (await page.request.get(server.address + routes.output(id, 'masks'))).text();
	const lines = file.trim().split('\n').slice(1);
	return lines.map((line) => {
		const { masks } = JSON.parse(line) as { masks: Record<string, number[]> };
		return { ...size, counts: masks['1'] ?? [size.width * size.height] };
	});
}

test('SAM 3 in this browser answers clicks and boxes as the server does, tracks as it does, and finds by words', async ({
	page,
	server
}) => {
	test.setTimeout(2 * timeout);
	// As chosen under Segmenter.
	await page.addInitScript(() => localStorage.setItem('segmentation', JSON.stringify({ way: 'wasm' })));
	await openClip(page, server);
	await clickPicture(page, { x: 40, y: 40 }, size);
	await expectServers(page, server, await marked(page, 1));
	await page.getByRole('button', { name: /^Box around/ }).click();
	await dragPicture(page, { x: 20, y: 16 }, { x: 64, y: 60 }, size);
	const prompted = await marked(page, 2);
	await expectServers(page, server, prompted);

	await page.getByRole('radio', { name: 'This browser', exact: true }).click();
	await page.getByRole('button', { name: 'Track', exact: true }).click();
	await expect(page.getByRole('button', { name: /^Target 1: .*tracked on 4 of 4/ })).toBeVisible({ timeout });
	const stored = async () => (await readAll<SavedFrame>(page, 'tracked')).length;
	await expect.poll(stored).toBeGreaterThanOrEqual(frames - 1);
	const right = await trackOnServer(page, server, prompted.mask);
	for (const { time, masks } of await readAll<SavedFrame>(page, 'tracked')) {
		const wanted = right[Math.round(25 * time)]!;
		expect(overlap(unpackMask(masks[0]!.mask), wanted), `at ${time} s`).toBeGreaterThan(0.95);
	}

	await page.getByRole('textbox', { name: 'Find by words' }).fill('a disc');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: 'Remove a disc' })).toBeVisible({ timeout });
});
