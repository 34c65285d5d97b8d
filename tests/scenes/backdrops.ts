import type { Canvas, Paint } from './canvas.ts';
import { mix, shade, type Colour } from './colour.ts';
import { fractalNoise, noise, random, smoothstep } from './noise.ts';
import { blob, ellipse, rectangle } from './shapes.ts';

/** All that a camera can ever see. */
const everything = rectangle(-2, -0.5, 4, 2);

function cover(canvas: Canvas, paint: Paint): void {
	canvas.fill(everything, paint);
}

/** Trees and light out of focus: soft foliage with discs of light. */
export function garden(
	canvas: Canvas,
	palette: { far: Colour; near: Colour; lights: readonly Colour[] }
): void {
	cover(canvas, (x, y) => {
		const leaves = fractalNoise(x * 3 + 7, y * 3, 11, 4);
		const crowns = fractalNoise(x * 7, y * 7, 21, 3);
		const sun = Math.exp(-4 * Math.hypot(x + 0.7, y + 0.1) ** 2);
		const depth = smoothstep(0.3, 0.85, y * 0.45 + leaves * 0.75 - sun * 0.3);
		return shade(mix(palette.far, palette.near, depth), 0.7 + 0.55 * crowns + 0.25 * sun);
	});
	const next = random(8);
	for (let i = 0; i < 110; i++) {
		const x = next() * 2.6 - 1.3;
		const y = next() * 0.8 - 0.05;
		const radius = 0.012 + 0.06 * next() ** 2;
		const colour = palette.lights[Math.floor(next() * palette.lights.length)]!;
		const strength = 0.08 + 0.3 * next() ** 2;
		canvas.fill(ellipse(x, y, radius, radius), colour, (px, py) => {
			const r = Math.hypot(px - x, py - y) / radius;
			return strength * (0.55 + 0.45 * r ** 3) * (1 - smoothstep(0.86, 1, r));
		});
	}
}

/** Flat ground seen at a slant, with the soft shadow of something that stands at `x`. */
export function ground(
	canvas: Canvas,
	{ horizon, colour, x, y, width }: { horizon: number; colour: Colour; x: number; y: number; width: number }
): void {
	canvas.fill(
		rectangle(-2, horizon, 4, 2),
		(px, py) => {
			const depth = (py - horizon) / (1 - horizon);
			const grass = fractalNoise(px * (26 - 14 * depth), py * (90 - 50 * depth), 31, 4);
			const patches = noise(px * 3, py * 8, 32);
			const shadow =
				1 - 0.5 * (1 - smoothstep(0.3, 1, Math.hypot((px - x) / width, (py - y) / (width * 0.2))));
			return shade(colour, (0.62 + 0.45 * grass + 0.25 * patches + 0.1 * depth) * shadow);
		},
		(_, py) => smoothstep(horizon, horizon + 0.07, py)
	);
}

/** A plastered wall with a shelf of books. */
export function room(canvas: Canvas, wall: Colour): void {
	cover(canvas, (x, y) =>
		shade(wall, 0.82 + 0.22 * fractalNoise(x * 14, y * 14, 41, 5) + 0.18 * (0.5 - x * 0.35) - 0.12 * y)
	);
	const next = random(17);
	for (const shelf of [0.3, 0.68, 1.06]) {
		let x = -1.25;
		while (x < 1.25) {
			const width = 0.02 + 0.035 * next();
			const height = 0.16 + 0.1 * next();
			const colour = mix(
				[0x7a4a33, 0x33506a, 0x8b7a4c, 0x4d5b3d, 0x6d3742, 0xa08468][Math.floor(next() * 6)]!,
				wall,
				0.15 + 0.3 * next()
			);
			if (next() > 0.16) {
				const left = x;
				canvas.fill(rectangle(x, shelf - height, width * 0.94, height), (px, py) =>
					shade(colour, 0.75 + 0.4 * noise(px * 90, py * 4, 51) - 0.25 * Math.abs((px - left) / width - 0.45))
				);
			}
			x += width;
		}
		canvas.fill(rectangle(-2, shelf, 4, 0.022), (px, py) =>
			shade(0x7b5a3e, 0.75 + 0.5 * fractalNoise(px * 7, py * 90, 61, 3))
		);
		canvas.fill(
			rectangle(-2, shelf + 0.022, 4, 0.05),
			0x1b130e,
			(_, py) => 0.45 * (1 - (py - shelf - 0.022) / 0.05)
		);
	}
}

/** A brick wall with stains. */
export function bricks(canvas: Canvas, brick: Colour, mortar: Colour): void {
	cover(canvas, (x, y) => shade(mortar, 0.8 + 0.35 * fractalNoise(x * 40, y * 40, 71, 3)));
	const [width, height] = [0.15, 0.056];
	for (let row = -10; row < 30; row++) {
		for (let column = -15; column < 15; column++) {
			const x = (column + (row % 2 === 0 ? 0.5 : 0)) * width;
			const y = row * height;
			const tone = 0.72 + 0.5 * noise(column * 7.3, row * 5.1, 81);
			const stain = mix(brick, 0x5b5148, 0.7 * noise(column * 0.31, row * 0.23, 82));
			canvas.fill(rectangle(x, y, width - 0.011, height - 0.01), (px, py) =>
				shade(stain, tone * (0.8 + 0.4 * fractalNoise(px * 36, py * 36, 83, 3)))
			);
		}
	}
}

/** Hills under a sky with clouds, and a field. */
export function hills(canvas: Canvas): void {
	cover(canvas, (x, y) =>
		mix(
			mix(0x7fa6c9, 0xd9dfe0, y * 1.4),
			0xf3efe6,
			smoothstep(0.5, 0.75, fractalNoise(x * 2.2, y * 5, 91, 5))
		)
	);
	const ridges: [height: number, colour: Colour][] = [
		[0.45, 0x7d93a0],
		[0.55, 0x6c8474],
		[0.68, 0x6f7a45]
	];
	for (const [index, [height, colour]] of ridges.entries()) {
		const ridge = Array.from({ length: 81 }, (_, i) => {
			const x = -2 + i * 0.05;
			return [x, height + 0.16 * (fractalNoise(x * 1.7, index * 9, 95, 4) - 0.5)] as const;
		});
		canvas.fill([...ridge, [2, 2], [-2, 2]], (x, y) =>
			shade(colour, 0.72 + 0.55 * fractalNoise(x * (9 + 9 * index), y * (16 + 12 * index), 97 + index, 4))
		);
	}
}

/** Curtains behind a stage, lit from one side. */
export function curtain(canvas: Canvas, cloth: Colour): void {
	cover(canvas, (x, y) => {
		const fold = Math.sin(x * 26 + 3 * noise(x * 4, y * 1.5, 101));
		const glow = 1 - 0.5 * Math.hypot(x + 0.2, y - 0.4);
		return shade(cloth, (0.72 + 0.24 * fold + 0.2 * (noise(x * 120, y * 60, 102) - 0.5)) * glow);
	});
	canvas.fill(
		blob([
			[-2, 0.86],
			[0, 0.83],
			[2, 0.86],
			[2, 1.5],
			[-2, 1.5]
		]),
		(x, y) => shade(0x5a4030, 0.6 + 0.6 * fractalNoise(x * 5, y * 50, 103, 4))
	);
}
