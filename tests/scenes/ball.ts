import { hills } from './backdrops.ts';
import { mix, shade } from './colour.ts';
import { fractalNoise } from './noise.ts';
import type { Scene } from './scene.ts';
import { ellipse, turned, type Point } from './shapes.ts';

const radius = 0.13;

/** Where the ball is: it swings from side to side and bounces. */
function centre(time: number): Point {
	const x = -0.42 * Math.cos(time * 3.4);
	const bounce = Math.abs(Math.sin(time * 4.6 + 0.9));
	return [x, 0.8 - 0.42 * bounce];
}

/** A fast ball, blurred by an open shutter. */
export const ball: Scene = {
	id: 'motion-blur',
	click: centre(0),
	grain: 2,
	shutter: { open: 0.6, moments: 24 },
	backdrop: hills,
	draw(canvas, time) {
		const middle = centre(time);
		const spin = middle[0] / radius;
		canvas.fill(ellipse(...middle, radius, radius, 0, 96), (x, y) => {
			const [[u, v]] = turned([[x - middle[0], y - middle[1]]], [0, 0], -spin) as [Point];
			const seam = Math.abs(Math.sin(Math.atan2(v, u) * 2)) * Math.hypot(u, v) < 0.012;
			const panel = u * v > 0 ? 0xc95b3a : 0xe6ddc8;
			const light = 1.12 - (0.55 * Math.hypot(x - middle[0] + 0.045, y - middle[1] + 0.05)) / radius;
			return shade(seam ? 0x4a2b22 : mix(panel, 0x806a58, 0.4 * fractalNoise(u * 30, v * 30, 5, 3)), light);
		});
	}
};
