import type { MatteErrors } from './metrics.ts';
import type { MatteQuality } from './quality.ts';
import type { JobSpeed } from './speed.ts';

const metrics: readonly (readonly [key: keyof MatteErrors, name: string, digits: number])[] = [
	['mad', 'MAD', 2],
	['mse', 'MSE', 2],
	['grad', 'Grad', 3],
	['conn', 'Conn', 3],
	['dtssd', 'dtSSD', 2]
];

/** A Markdown table of what each metric makes of the masks and of the matte, for every scene and on average. */
export function qualityTable(results: readonly { scene: string; quality: MatteQuality }[]): string {
	const row = (name: string, quality: MatteQuality) => [
		name,
		...metrics.map(([key, , digits]) => {
			const [before, after] = [quality.masks[key], quality.matte[key]];
			return `${before.toFixed(digits)} → ${after.toFixed(digits)} (${(after / before).toFixed(2)})`;
		}),
		`${quality.colour.raw.toFixed(1)} → ${quality.colour.estimated.toFixed(1)}`
	];
	return table(
		['scene', ...metrics.map(([, name]) => name), 'colour'],
		[
			...results.map(({ scene, quality }) => row(scene, quality)),
			row('mean', average(results.map(({ quality }) => quality)))
		]
	);
}

export function speedTable(results: readonly JobSpeed[]): string {
	return table(
		['clip', 'frames', 'engine, frames/s', 'whole job, frames/s', 'job/engine time', 'peak memory'],
		results.map((speed) => [
			`${speed.size.width}x${speed.size.height}, ${speed.seconds} s`,
			`${speed.frames}`,
			speed.engineRate.toFixed(2),
			speed.jobRate.toFixed(2),
			speed.overhead.toFixed(2),
			`${Math.round(speed.peakMegabytes)} MB`
		])
	);
}

/** The mean over scenes. */
export function average(qualities: readonly MatteQuality[]): MatteQuality {
	const mean = (pick: (quality: MatteQuality) => number) =>
		qualities.reduce((sum, quality) => sum + pick(quality), 0) / qualities.length;
	const errors = (which: 'masks' | 'matte'): MatteErrors => ({
		mad: mean((q) => q[which].mad),
		mse: mean((q) => q[which].mse),
		grad: mean((q) => q[which].grad),
		conn: mean((q) => q[which].conn),
		dtssd: mean((q) => q[which].dtssd)
	});
	return {
		masks: errors('masks'),
		matte: errors('matte'),
		colour: { raw: mean((q) => q.colour.raw), estimated: mean((q) => q.colour.estimated) }
	};
}

/** A Markdown table; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
