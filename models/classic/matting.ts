import { emptyPlane, type Alpha, type Frame, type Mask } from '../frame.ts';
import { sampleFit, applyModel, fitLinearModels, makeTaps } from './guided-filter.ts';
import { floats, matOf, scoped, type OpenCv, type Rect } from './opencv.ts';
import { bounds, fit, signedDistance, widen } from './proxy.ts';

/** Pixels at which the models of the band are fitted. */
const WORK_PIXELS = Number(globalThis.process?.env.WP ?? 130_000);
const EPSILON = Number(globalThis.process?.env.EPS ?? 1e-4);

/** The alpha of one frame, and where it was estimated. */
export interface Estimate {
	readonly alpha: Alpha;
	/** The part of the frame outside of which alpha is 0. */
	readonly region: Rect;
}

/**
 * Estimates alpha in the band along a mask's edge; inside of the band it is 255, outside 0.
 *
 * Each pixel of the band is first placed between the colours of the target and of the background around it; then the colour guided
 * filter makes the result follow the picture, trusting what is known more than what was placed.
 * @param radius half the width of the band, in pixels
 * @param grow moves the mask's edge outward by so many pixels
 * @returns undefined when the mask is empty
 */
export function estimateAlpha(cv: OpenCv, frame: Frame, mask: Mask, radius: number, grow: number): Estimate | undefined {
	const box = bounds(mask);
	if (!box) return undefined;
	const region = widen(box, radius + Math.max(0, grow) + 2 * radius + 8, frame);
	const distance = edgeDistance(cv, mask, region, grow);
	const work = fit(region, WORK_PIXELS);
	const scale = work.width / region.width;
	const [across, down] = [makeTaps(region.width, work.width), makeTaps(region.height, work.height)];
	return scoped((keep) => {
		const part = keep(keep(matOf(cv, frame, frame.data)).roi(region));
		const small = keep(new cv.Mat());
		cv.resize(part, small, new cv.Size(work.width, work.height), 0, 0, cv.INTER_AREA);
		const rgba = small.data.slice();
		const depth = shrink(cv, distance, region, work);
		const { target, weight } = place(cv, rgba, depth, work, radius, scale);
		const models = fitLinearModels(cv, { ...work, rgba, target, weight }, Math.max(1, Math.round(num('GR', 0.5) * radius * scale)), EPSILON);
		const alpha = emptyPlane(frame);
		for (let y = 0, i = 0; y < region.height; y++) {
			let at = (region.y + y) * frame.width + region.x;
			for (let x = 0; x < region.width; x++, i++, at++) {
				const inward = distance[i]!;
				if (inward <= -radius) continue;
				if (inward >= radius) alpha.data[at] = 255;
				else {
					const c = 4 * at;
					const value = applyModel(models, work.width, across, down, x, y, frame.data[c]!, frame.data[c + 1]!, frame.data[c + 2]!);
					const r2 = Math.pow(Math.max(0, sampleFit(models, work.width, across, down, x, y)), num('K', 2));
					const soft = Math.min(1, Math.max(0, 0.5 + (inward) / num('SOFT', 2)));
					alpha.data[at] = Math.round(255 * (soft + r2 * (Math.min(1, Math.max(0, value)) - soft)));
				}
			}
		}
		return { alpha, region };
	});
}

/** How far inside the moved edge each pixel of the region lies. */
function edgeDistance(cv: OpenCv, mask: Mask, region: Rect, grow: number): Float32Array {
	const labels = new Uint8Array(region.width * region.height);
	for (let y = 0, i = 0; y < region.height; y++) {
		let at = (region.y + y) * mask.width + region.x;
		for (let x = 0; x < region.width; x++, i++, at++) labels[i] = mask.data[at]! >= 128 ? 1 : 0;
	}
	const distance = signedDistance(cv, region, labels);
	if (grow !== 0) for (let i = 0; i < distance.length; i++) distance[i]! += grow;
	return distance;
}

function shrink(cv: OpenCv, values: Float32Array, from: Rect, to: { width: number; height: number }): Float32Array {
	return scoped((keep) => {
		const large = keep(new cv.Mat(from.height, from.width, floats(cv, 1)));
		large.data32F.set(values);
		const small = keep(new cv.Mat());
		cv.resize(large, small, new cv.Size(to.width, to.height), 0, 0, cv.INTER_AREA);
		return small.data32F.slice();
	});
}
const V: Record<string, number> = {};
const num = (k: string, d: number) => (V[k] ??= Number(globalThis.process?.env[k] ?? d));
const TABLE = Float32Array.from({ length: 1024 }, (_, i) => Math.exp(-i / 128));
function place(
	cv: OpenCv,
	rgba: Uint8Array,
	depth: Float32Array,
	{ width, height }: { width: number; height: number },
	radius: number,
	scale: number
): { target: Float32Array; weight: Float32Array } {
	const count = width * height;
	const target = new Float32Array(count);
	const weight = new Float32Array(count);
	const [inner, outer] = [num('INNER', 1.5), num('OUTER', 1.5)];
	const rings: number[] = [];
	const RAYS = num('RAYS', 8);
	for (const [k, r] of [0.35, 0.7, 1.1, 1.6].entries())
		for (let j = 0; j < RAYS; j++) {
			const angle = ((j + 0.5 * (k & 1)) * 2 * Math.PI) / RAYS;
			rings.push(Math.round(r * radius * scale * Math.cos(angle)), Math.round(r * radius * scale * Math.sin(angle)));
		}
	const MAX = num('MAX', 5);
	const fs = new Float32Array(3 * MAX);
	const bs = new Float32Array(3 * MAX);
	const [LEN, SIG, PS, VV, WU, SOFT] = [num('LEN', 300), num('SIG', 12), num('PS', 0.4), num('VV', 0.03), num('WU', 0.5), num('SOFT', 2)];
	const resScale = 128 / (2 * SIG * SIG), priorScale = 128 / (2 * PS * PS);
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			const d = depth[i]!;
			if (d >= radius || d <= -radius) {
				target[i] = d > 0 ? 1 : 0;
				weight[i] = d > -2 * radius && d < 2 * radius ? 1 : 0;
				continue;
			}
			const soft = Math.min(1, Math.max(0, 0.5 + d / SOFT));
			let nf = 0, nb = 0;
			for (let k = 0; k < rings.length && (nf < MAX || nb < MAX); k += 2) {
				const u = x + rings[k]!, v = y + rings[k + 1]!;
				if (u < 0 || v < 0 || u >= width || v >= height) continue;
				const j = v * width + u;
				const e = depth[j]!;
				if (e >= inner && nf < MAX) {
					fs[3 * nf] = rgba[4 * j]!; fs[3 * nf + 1] = rgba[4 * j + 1]!; fs[3 * nf + 2] = rgba[4 * j + 2]!;
					nf++;
				} else if (e <= -outer && nb < MAX) {
					bs[3 * nb] = rgba[4 * j]!; bs[3 * nb + 1] = rgba[4 * j + 1]!; bs[3 * nb + 2] = rgba[4 * j + 2]!;
					nb++;
				}
			}
			const prior = Math.min(1, Math.max(0, 0.5 + (0.5 * d) / radius));
			const r = rgba[4 * i]!, g = rgba[4 * i + 1]!, bl = rgba[4 * i + 2]!;
			let W = 1e-6, A = 0, Q = 0, best = 0;
			for (let q = 0; q < 3 * nb; q += 3) {
				const br = bs[q]!, bg = bs[q + 1]!, bb = bs[q + 2]!;
				for (let p = 0; p < 3 * nf; p += 3) {
					const lr = fs[p]! - br, lg = fs[p + 1]! - bg, lb = fs[p + 2]! - bb;
					const length = lr * lr + lg * lg + lb * lb + 1;
					let along = (lr * (r - br) + lg * (g - bg) + lb * (bl - bb)) / length;
					along = along < 0 ? 0 : along > 1 ? 1 : along;
					const dr = r - br - along * lr, dg = g - bg - along * lg, db = bl - bb - along * lb;
					const off = dr * dr + dg * dg + db * db;
					const e = (off * resScale + (along - prior) * (along - prior) * priorScale) | 0;
					if (e >= 1024) continue;
					const w = TABLE[e]! * length / (length + LEN);
					W += w; A += w * along; Q += w * along * along;
					if (w > best) best = w;
				}
			}
			const mean = A / W;
			const variance = Math.max(0, Q / W - mean * mean);
			const trust = Math.min(1, best * num('BB', 1.5)) * VV / (VV + variance);
			target[i] = soft + trust * (mean - soft);
			weight[i] = WU * (num('WT', 0) ? trust : 1);
		}
	}
	return { target, weight };
}
