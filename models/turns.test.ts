import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('lets work be done one after the other, whatever becomes of what was before', async () => {
	const turns = new Turns();
	const seen: string[] = [];
	let goOn = () => {};
	const first = turns.take(async () => {
		seen.push('first begins');
		await new Promise<void>((resolve) => (goOn = resolve));
		seen.push('first ends');
		throw new Error('first fails');
	});
	const second = turns.take(async () => seen.push('second'));
	await Promise.resolve();
	expect(seen).toEqual(['first begins']);
	goOn();
	await expect(first).rejects.toThrow('first fails');
	await second;
	expect(seen).toEqual(['first begins', 'first ends', 'second']);
});
