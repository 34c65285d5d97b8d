import { beforeAll, describe, expect, it } from 'vitest';
import { defaultMatteOptions, type MatteOptions, type Matter, type MatterInput } from '../matter.ts';
import type { Plane } from '../frame.ts';
import { binary, collect, difference, disc, draw, noise, stream, type Cover } from './drawing.fixture.ts';
import { createClassicMatter } from './matter.ts';

const size = { width: 323, height: 203 };

/** A disc with fine rays like hair, its right side blurred as if by motion. */
function hairy(centreX: number): Cover {
	const sharp = disc(centreX, 100, 45, 1.5);
	const blurred = disc(centreX, 100, 45, 14);
	return (x, y) => {
		const away = Math.hypot(x - centreX, y - 100);
		const angle = Math.atan2(y - 100, x - centreX);
		if (Math.abs(angle) < 0.8) return blurred(x, y);
		const ray = Math.abs(((angle * 24) / Math.PI) % 1) * ((away * Math.PI) / 24);
		const hair = away < 62 ? Math.max(0, 1 - Math.abs(ray - 2) / 1.5) : 0;
		return Math.max(sharp(x, y), hair);
	};
}

function shot(index: number) {
	return draw(
		size,
		(x, y) => [120 + 60 * Math.sin(x / 23), 150 + 40 * Math.cos(y / 17), 130 + 6 * noise(x, y, index)],
		(x, y) => [150 + 10 * noise(x, y, 9), 50, 40 + 6 * noise(x, y, index + 50)],
		hairy(140 + 1.5 * index)
	);
}

const shots = Array.from({ length: 6 }, (_, i) => shot(i));

/** dtSSD without its constant factor: how far one clip changes otherwise than another. */
function flicker(alphas: Plane[], truths: Plane[]): number {
	let total = 0;
	for (let n = 1; n < alphas.length; n++) {
		let sum = 0;
		for (let i = 0; i < alphas[n]!.data.length; i++) {
			const change = alphas[n]!.data[i]! - alphas[n - 1]!.data[i]!;
			sum += (change - (truths[n]!.data[i]! - truths[n - 1]!.data[i]!)) ** 2;
		}
		total += Math.sqrt(sum);
	}
	return total;
}

describe('the classic matter', () => {
	let matter: Matter;
	beforeAll(async () => {
		matter = await createClassicMatter();
	});

	const inputs = () => shots.map(({ frame, alpha }): MatterInput => ({ frame, mask: binary(alpha) }));
	async function matte(items: MatterInput[], options: Partial<MatteOptions> = {}) {
		const matted = await collect(matter.matte(stream(items), { ...defaultMatteOptions, ...options }));
		return matted.map(({ alpha }) => alpha);
	}
	const mean = ({ data }: Plane) => Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;

	it('is far nearer to the true alpha than its masks, and steadier', async () => {
		const alphas = await matte(inputs());
		const truths = shots.map(({ alpha }) => alpha);
		const masks = truths.map(binary);
		const error = (planes: Plane[]) =>
			planes.reduce((sum, plane, i) => sum + difference(plane, truths[i]!), 0);
		expect(error(alphas)).toBeLessThan(0.6 * error(masks));
		expect(flicker(alphas, truths)).toBeLessThan(0.8 * flicker(masks, truths));
	});

	it('yields every frame as it came, with an alpha of its size', async () => {
		const items = inputs();
		const matted = await collect(matter.matte(stream(items), defaultMatteOptions));
		expect(matted.map(({ frame }) => frame)).toEqual(items.map(({ frame }) => frame));
		for (const { alpha } of matted) expect(alpha).toMatchObject(size);
	});

	it('keeps still what stands still', async () => {
		const [first] = inputs();
		const alphas = await matte([first!, first!, first!]);
		expect(difference(alphas[1]!, alphas[2]!)).toBe(0);
	});

	it('estimates only within the edge radius', async () => {
		const [item] = inputs();
		const [narrow] = await matte([item!], { edgeRadius: 2 });
		const [wide] = await matte([item!], { edgeRadius: 12 });
		const soft = (plane: Plane) => plane.data.filter((value) => value > 0 && value < 255).length;
		expect(soft(narrow!)).toBeLessThan(0.7 * soft(wide!));
	});

	it('grows and shrinks, feathers, and bends by gamma', async () => {
		const item = inputs().slice(0, 1);
		const [plain] = await matte(item);
		const [grown] = await matte(item, { grow: 12 });
		const [shrunk] = await matte(item, { grow: -12 });
		expect(mean(grown!)).toBeGreaterThan(mean(plain!) + 4);
		expect(mean(shrunk!)).toBeLessThan(mean(plain!) - 4);

		const [thick] = await matte(item, { gamma: 0.5 });
		const [thin] = await matte(item, { gamma: 2 });
		const bent = (gamma: number) => plain!.data.map((value) => Math.round(255 * (value / 255) ** gamma));
		expect([...thick!.data]).toEqual([...bent(0.5)]);
		expect([...thin!.data]).toEqual([...bent(2)]);

		const [feathered] = await matte(item, { feather: 8 });
		const steepest = (plane: Plane) => {
			let most = 0;
			for (let i = 1; i < plane.data.length; i++)
				most = Math.max(most, Math.abs(plane.data[i]! - plane.data[i - 1]!));
			return most;
		};
		expect(steepest(feathered!)).toBeLessThan(0.3 * steepest(plain!));
		expect(mean(feathered!)).toBeCloseTo(mean(plain!), 0);
	});

	it('is all zero while the mask is empty, and goes on after', async () => {
		const [first, second] = inputs();
		const empty = { ...size, data: new Uint8Array(size.width * size.height) };
		const alphas = await matte([first!, { frame: second!.frame, mask: empty }, second!]);
		expect(mean(alphas[1]!)).toBe(0);
		expect(mean(alphas[2]!)).toBeGreaterThan(0);
	});

	it('refuses an empty first mask and one of another size', async () => {
		const { frame } = shots[0]!;
		const empty = { ...size, data: new Uint8Array(size.width * size.height) };
		await expect(matte([{ frame, mask: empty }])).rejects.toMatchObject({ code: 'mask-empty' });
		const other = { width: 4, height: 4, data: new Uint8Array(16).fill(255) };
		await expect(matte([{ frame, mask: other }])).rejects.toMatchObject({ code: 'mask-size' });
	});

	it('stops when it is told to', async () => {
		const mattes = matter.matte(stream(inputs()), defaultMatteOptions, { signal: AbortSignal.abort() });
		await expect(collect(mattes)).rejects.toThrow(/abort/i);
	});
});
