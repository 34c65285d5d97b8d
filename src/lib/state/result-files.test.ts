import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Results } from '$lib/storage/results.ts';
import { someJob } from '$lib/testing/fakes.ts';
import type { Job } from '$protocol/schema.ts';
import { KeptResults } from './kept-results.svelte.ts';
import { localId } from './local-job.ts';
import { ResultFiles } from './result-files.ts';

const results: Job['results'] = [
	{ kind: 'alpha', file: 'clip_alpha.mp4', bytes: 5, mime: 'video/mp4' },
	{ kind: 'foreground', file: 'clip_foreground.mp4', bytes: 10, mime: 'video/mp4' }
];
const job = someJob({ state: 'done', results });

let number = 0;
function setup() {
	const store = new Results(openDatabase(`result-files-${number++}`));
	const kept = new KeptResults(store);
	const output = vi.fn(async (_id: string, kind: string) => new Blob([kind]));
	return { store, kept, output, files: new ResultFiles(job, { output }, kept) };
}

describe('ResultFiles', () => {
	it('asks the server once for each file, and keeps all of them', async () => {
		const { kept, output, files } = setup();
		expect(await (await files.get('alpha')).text()).toBe('alpha');
		await files.keep();
		await files.keep();
		expect(output).toHaveBeenCalledTimes(2);
		expect(kept.get(job.key)).toMatchObject({ job, bytes: 15 });
	});

	it('takes what is kept without asking the server', async () => {
		const { store, output, files } = setup();
		await files.keep();
		output.mockClear();
		const kept = new KeptResults(store);
		await kept.load();
		expect(kept.ofClip(job.clip)).toEqual([job]);
		const again = new ResultFiles(job, { output }, kept);
		expect(await (await again.get('foreground')).text()).toBe('foreground');
		expect(output).not.toHaveBeenCalled();
	});

	it('keeps nothing of an answer that was cut short, and asks again', async () => {
		const { kept, output, files } = setup();
		output.mockResolvedValueOnce(new Blob(['alp']));
		await expect(files.keep()).rejects.toMatchObject({ code: 'server-away' });
		expect(await kept.find(job.key)).toBeUndefined();
		await files.keep();
		expect(kept.get(job.key)).toBeDefined();
	});

	it('never asks the server for what this browser made', async () => {
		const { kept, output } = setup();
		const local = { ...job, id: localId(job.key) };
		const made = new Map([['alpha' as const, new Blob(['alpha'])]]);
		const files = new ResultFiles(local, { output }, kept, made);
		expect(await (await files.get('alpha')).text()).toBe('alpha');
		await expect(files.get('foreground')).rejects.toMatchObject({ code: 'result-missing' });
		expect(output).not.toHaveBeenCalled();
	});
});
