import { describe, expect, it, vi } from 'vitest';
import type { Session } from '$lib/state/session.svelte.ts';
import { promptingFixture, run, shown } from '$lib/testing/prompting.fixture.ts';
import type { MaskPicture } from '$models/mask-sequence/picture.ts';
import { sequencesOf } from '$models/mask-sequence/names.ts';
import type { MaskSource } from '$models/mask-sequence/read.ts';
import { appError } from '$protocol/errors.ts';
import { MaskImport } from './mask-import.svelte.ts';

const row = (...values: number[]): MaskPicture => ({
	brightness: { width: 8, height: 1, data: Uint8Array.from({ length: 8 }, (_, i) => values[i] ?? 0) }
});
/** A picture whose alpha says where the target is, as long as the picture is white. */
const withAlpha = (...values: number[]): MaskPicture => ({
	brightness: { width: 8, height: 1, data: new Uint8Array(8).fill(255) },
	alpha: row(...values).brightness
});

function sourceOf(pictures: Readonly<Record<string, MaskPicture>>, read?: () => void) {
	const paths = Object.keys(pictures);
	const close = vi.fn();
	const source: MaskSource = {
		...{ name: 'masks', sequences: sequencesOf(paths), close },
		async read(file) {
			read?.();
			return pictures[paths[file]!]!;
		}
	};
	return source;
}

function setup() {
	const fixture = promptingFixture();
	const { prompting } = fixture;
	const player = Object.assign(fixture.player, { frames: 5 });
	const session = { player, prompting, setVideoMaMa: vi.fn() };
	let source = sourceOf({});
	const open = async () => source;
	const start = () => new MaskImport(session as unknown as Session, open);
	const choose = async (masks: MaskImport, chosen: MaskSource) => {
		source = chosen;
		await masks.choose([]);
		return masks;
	};
	return { ...fixture, session, start, choose };
}

/** A mask of every frame, as long as its number. */
const whole = () =>
	sourceOf(
		Object.fromEntries(
			[0, 1, 2, 3, 4].map((i) => [`m_${100 + i}.png`, row(...(Array(i).fill(255) as number[]))])
		)
	);

describe('an import of masks', () => {
	it('takes the place of a target of which nothing is said yet', async () => {
		const { prompting, start, choose, session } = setup();
		const masks = await choose(start(), whole());
		expect(masks.placings).toMatchObject([{ without: 0, surplus: 0 }]);
		expect(await masks.run()).toBe(true);
		expect(prompting.targets).toHaveLength(1);
		expect(shown(prompting, 3).map(([, mask]) => mask)).toEqual([run(0, 3)]);
		expect(session.setVideoMaMa).not.toHaveBeenCalled();
	});

	it('makes a new target beside one of which something is said, unless that one is chosen', async () => {
		const { prompting, start, choose, say } = setup();
		await say(0);
		const masks = await choose(start(), whole());
		expect(masks.inPlaceOf).toBeUndefined();
		await masks.run();
		expect(prompting.targets.map(({ name }) => name)).toEqual([undefined, 'm']);
		const again = await choose(start(), whole());
		again.inPlaceOf = 1;
		await again.run();
		expect(prompting.targets).toHaveLength(2);
		expect(prompting.framesOf(1)).toEqual([]);
	});

	it('says which frames get no mask, and what lies behind the clip’s end', async () => {
		const { prompting, start, choose } = setup();
		const masks = await choose(
			start(),
			sourceOf({ 'm7.png': row(255), 'm8.png': row(255), 'm11.png': row(255) })
		);
		expect(masks.placings).toMatchObject([{ without: 2, firstWithout: 2, surplus: 0 }]);
		masks.start = 2;
		expect(masks.placings).toMatchObject([{ without: 3, firstWithout: 0, surplus: 1 }]);
		expect(masks.total).toBe(2);
		await masks.run();
		expect(prompting.trackedRanges(prompting.active)).toEqual([[2, 3]]);
	});

	it('makes targets of several sequences, and none of them where one cannot be read', async () => {
		const { prompting, start, choose } = setup();
		const two = { 'a/0.png': row(255), 'a/1.png': row(255), 'b/0.png': row(), 'b/1.png': row() };
		const masks = await choose(start(), sourceOf(two));
		expect(await masks.run()).toBe(false);
		expect(masks.error?.code).toBe('mask-empty');
		expect(prompting.canUndo).toBe(false);
		await choose(masks, sourceOf({ ...two, 'b/1.png': row(0, 0, 255) }));
		expect(await masks.run()).toBe(true);
		expect(prompting.targets.map(({ name }) => name)).toEqual([undefined, 'a', 'b']);
	});

	it('is refused where there would be too many targets', async () => {
		const { prompting, start, choose } = setup();
		while (prompting.targets.length < 99) prompting.addTarget();
		const masks = await choose(
			start(),
			sourceOf({ 'a/0.png': row(255), 'a/1.png': row(255), 'b/0.png': row(255), 'b/1.png': row(255) })
		);
		expect(masks.tooMany).toBe(1);
	});

	it('reads the alpha where the pictures have one that says something', async () => {
		const { prompting, start, choose } = setup();
		const masks = await choose(start(), sourceOf({ '0.png': withAlpha(255, 255), '1.png': withAlpha() }));
		expect(masks.channel).toBe('alpha');
		await masks.run();
		expect(shown(prompting).map(([, mask]) => mask)).toEqual([run(0, 2)]);
		const opaque = withAlpha(...(Array(8).fill(255) as number[]));
		await choose(masks, sourceOf({ '0.png': opaque }));
		expect(masks.channel).toBe('brightness');
	});

	it('keeps soft edges, and has the engine that knows them heed them', async () => {
		const { prompting, start, choose, session } = setup();
		const masks = await choose(start(), sourceOf({ '0.png': row(255, 140, 60), '1.png': row(255) }));
		expect(masks.soft).toBe(true);
		await masks.run();
		expect(session.setVideoMaMa).toHaveBeenCalledWith({ soft: true });
		expect(shown(prompting).map(([, mask]) => mask)).toEqual([run(0, 2)]);
		expect(prompting.tracked.find(prompting.active, 0)?.soft).toBeDefined();
		expect(prompting.tracked.find(prompting.active, 1)?.soft).toBeUndefined();
		masks.soft = false;
		await masks.run();
		expect(prompting.tracked.find(prompting.active, 0)?.soft).toBeUndefined();
	});

	it('changes nothing when it is given up in the middle', async () => {
		const { prompting, start, choose } = setup();
		let read = 0;
		const masks: MaskImport = start();
		const many = sourceOf({ '0.png': row(255), '1.png': row(255), '2.png': row(255) }, () => {
			// Three are looked at first.
			if (++read === 5) masks.close();
		});
		await choose(masks, many);
		expect(await masks.run()).toBe(false);
		expect(many.close).toHaveBeenCalled();
		expect([masks.error, masks.done, prompting.canUndo]).toEqual([undefined, undefined, false]);
	});

	it('changes nothing when it is given up at its last picture', async () => {
		const { prompting, start, choose } = setup();
		let read = 0;
		const masks: MaskImport = start();
		const last = sourceOf({ '0.png': row(255), '1.png': row(255) }, () => {
			// Both are looked at first.
			if (++read === 4) masks.close();
		});
		await choose(masks, last);
		expect(await masks.run()).toBe(false);
		expect(prompting.canUndo).toBe(false);
	});

	it('has not come to its end when another tab took the session over meanwhile', async () => {
		const { prompting, start, choose } = setup();
		const source = sourceOf({ '0.png': row(255) }, () => (prompting.frozen = true));
		const masks = await choose(start(), source);
		expect(await masks.run()).toBe(false);
		expect([masks.done, prompting.canUndo]).toEqual([undefined, false]);
	});

	it('tells why what was chosen is no masks', async () => {
		const { session } = setup();
		const masks = new MaskImport(session as unknown as Session, async () => {
			throw appError('masks-absent', { name: 'notes.txt' });
		});
		await masks.choose([]);
		expect(masks.error).toEqual({ code: 'masks-absent', params: { name: 'notes.txt' } });
		expect(masks.opening).toBe(false);
	});
});
