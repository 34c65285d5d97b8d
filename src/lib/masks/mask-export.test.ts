import { unzipRaw } from 'unzipit';
import { expect, it, vi } from 'vitest';
import type { Session } from '$lib/state/session.svelte.ts';
import { promptingFixture, run } from '$lib/testing/prompting.fixture.ts';
import { readMaskPng } from '$models/mask-sequence/picture.ts';
import { decodeMask } from '$models/mask.ts';
import { packMasks } from './export-masks.ts';
import { MaskExport } from './mask-export.svelte.ts';

function setup() {
	const fixture = promptingFixture();
	const { prompting } = fixture;
	const player = Object.assign(fixture.player, { frames: 5 });
	const save = vi.fn<(file: Blob, name: string) => void>();
	const session = { prompting, player, name: 'a/b: clip.mp4' } as unknown as Session;
	return { ...fixture, save, masks: new MaskExport(session, save) };
}

/** The pictures of a zip by their paths. */
async function unpacked(zip: Blob): Promise<ReadonlyMap<string, readonly number[]>> {
	const { entries } = await unzipRaw(zip);
	const read = entries.map(
		async (entry) =>
			[entry.name, [...(await readMaskPng(await entry.blob(''), entry.name)).brightness.data]] as const
	);
	return new Map(await Promise.all(read));
}

it('writes a picture for every frame of every target of which something is known', async () => {
	const { prompting, masks, save, say } = setup();
	await say(2);
	prompting.takeTracked(3, new Map([[1, run(2, 4)]]));
	prompting.addTarget('dog');
	await say(0);
	prompting.addTarget();
	expect([masks.total, masks.unknown, masks.some]).toEqual([10, 7, true]);
	expect(await masks.run()).toBe(true);
	const [zip, name] = save.mock.calls[0]!;
	expect(name).toBe('a_b_ clip_masks.zip');
	const pictures = await unpacked(zip);
	expect([...pictures.keys()].sort()).toEqual(
		['Target 1', 'dog'].flatMap((folder) =>
			[0, 1, 2, 3, 4].map((frame) => `a_b_ clip_masks/${folder}/00000${frame}.png`)
		)
	);
	const at = (frame: number) => pictures.get(`a_b_ clip_masks/Target 1/00000${frame}.png`);
	expect(at(3)).toEqual([...decodeMask(run(2, 4)).data]);
	expect(at(2)).toEqual([...decodeMask(prompting.maskOf(1, 2)!.mask).data]);
	expect(at(0)).toEqual(Array(8).fill(0));
});

it('writes one target alone, in a folder that no other has', async () => {
	const { prompting, masks, save, say } = setup();
	await say(0);
	prompting.rename(1, 'dog');
	masks.target = prompting.addTarget('dog');
	expect(masks.some).toBe(false);
	await say(1);
	await masks.run();
	const pictures = await unpacked(save.mock.calls[0]![0]);
	expect([...pictures.keys()][0]).toBe('a_b_ clip_masks/dog 2/000000.png');
	expect(pictures.size).toBe(5);
});

it('saves nothing when it is given up', async () => {
	const { masks, save, say } = setup();
	await say(0);
	const running = masks.run();
	masks.close();
	expect(await running).toBe(false);
	expect([masks.error, masks.done, save.mock.calls]).toEqual([undefined, undefined, []]);
});

it('makes no zip when it is given up at its last picture', async () => {
	const abort = new AbortController();
	const zip = packMasks({
		...{ name: 'clip', size: { width: 8, height: 1 }, frames: 1 },
		targets: [{ folder: 'dog', at: () => undefined }],
		onPicture: () => abort.abort(),
		signal: abort.signal
	});
	await expect(zip).rejects.toMatchObject({ name: 'AbortError' });
});
