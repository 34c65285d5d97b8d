import { expect, it } from 'vitest';
import { packedText, packMask } from '../../models/packed-mask.ts';
import type { Tracking } from '../protocol/schema.ts';
import { checkMatting, checkTracking } from './request.ts';

const clip = { width: 64, height: 48, duration: 10, pixelAspect: 1 } as Parameters<typeof checkTracking>[2];
const click = (time: number, positive: boolean) => ({
	time,
	prompts: [{ kind: 'point', x: 5, y: 5, positive } as const]
});
const tracking = (...keyframes: Tracking['targets'][number]['keyframes']): Tracking => ({
	targets: [{ id: 1, keyframes }]
});

it('takes clicks on what is not the target where they correct what tracking finds', () => {
	const corrected = tracking(click(2, false), click(1, true));
	expect(() => checkTracking(corrected, 'sam3', clip)).not.toThrow();
	const refused = expect.objectContaining({ code: 'prompt-empty' }) as Error;
	expect(() => checkTracking(tracking(click(1, false), click(2, true)), 'sam3', clip)).toThrow(refused);
	expect(() => checkTracking(tracking(click(1, true), { time: 2, prompts: [] }), 'sam3', clip)).toThrow(
		refused
	);
	// It answers prompts by themselves.
	expect(() => checkTracking(corrected, 'classic', clip)).toThrow(refused);
});

it('takes masks that show nothing from those who know every frame, unless all do', () => {
	const whole = { width: 64, height: 48, counts: [100, 64 * 48 - 100] };
	const empty = packedText(packMask({ ...whole, counts: [64 * 48] }));
	const keyframes = [packedText(packMask(whole)), empty].map((mask, time) => ({ time, mask }));
	expect(() => checkMatting({ engine: 'classic', keyframes }, clip)).not.toThrow();
	const refused = expect.objectContaining({ code: 'mask-empty' }) as Error;
	expect(() => checkMatting({ engine: 'matanyone2', keyframes }, clip)).toThrow(refused);
	expect(() => checkMatting({ engine: 'classic', keyframes: keyframes.slice(1) }, clip)).toThrow(refused);
	for (const packed of ['', 'AAAA', '/w=='])
		expect(() =>
			checkMatting({ engine: 'classic', keyframes: [{ time: 0, mask: { ...empty, packed } }] }, clip)
		).toThrow(expect.objectContaining({ code: 'request-invalid' }));
});
