import { readFileSync } from 'node:fs';
import { unzipRaw } from 'unzipit';
import { describe, expect, it } from 'vitest';
import { CodedError } from '$models/errors.ts';
import { defaultMatAnyoneOptions } from '$models/matanyone/options.ts';
import { encodeGreyPng } from '$models/png.ts';
import type { Job } from '$protocol/schema.ts';
import { nothingSaved } from '$lib/state/prompting-json.ts';
import { exportSession, sessionFileName } from './export.ts';
import { clipBytes, hash, program, someSession } from './fixtures/sessions.ts';
import { zip, type Entry } from './fixtures/zip.ts';
import { importSession } from './import.ts';
import type { Manifest } from './manifest.ts';
import type { PortableResult, PortableSession } from './portable.ts';

const options = { program, hash };
const pack = (session: PortableSession = someSession) => exportSession(session, options);

/** A session with its files as bytes, which can be compared. */
async function readable({ clip, thumbnail, results, ...rest }: PortableSession) {
	const bytes = async (blob: Blob) => Buffer.from(await blob.arrayBuffer()).toString('hex');
	const read = results.map(async ({ job, blobs }) => ({
		job,
		blobs: await Promise.all([...blobs].map(async ([kind, blob]) => [kind, await bytes(blob)]))
	}));
	return {
		...rest,
		thumbnail: thumbnail && (await bytes(thumbnail)),
		clip: clip && (await bytes(clip)),
		results: await Promise.all(read)
	};
}

/** The files of an archive, to be changed and packed again. */
async function unpack(file: Blob): Promise<Entry[]> {
	const { entries } = await unzipRaw(file);
	return Promise.all(
		entries.map(async (entry) => ({ path: entry.name, bytes: new Uint8Array(await entry.arrayBuffer()) }))
	);
}

/** The archive of `someSession` with one file changed, or left out. */
async function withFile(
	path: string,
	change: (bytes: Uint8Array) => Partial<Entry> | undefined
): Promise<Blob> {
	const entries = await unpack(await pack());
	return zip(
		entries.flatMap((entry) => {
			if (entry.path !== path) return [entry];
			const changed = change(entry.bytes as Uint8Array);
			return changed ? [{ ...entry, ...changed }] : [];
		})
	);
}

/** A PNG of one value, as bytes. */
async function greyPng(width: number, height: number, value: number): Promise<Uint8Array> {
	const file = await encodeGreyPng({ width, height, data: new Uint8Array(width * height).fill(value) });
	return new Uint8Array(await file.arrayBuffer());
}

/** The archive of `someSession` with its manifest changed. */
function withManifest(change: (manifest: Manifest) => unknown): Promise<Blob> {
	return withFile('manifest.json', (bytes) => {
		const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
		change(manifest);
		return { bytes: JSON.stringify(manifest) };
	});
}

/** What importing a file fails with. */
async function failure(file: Blob | Promise<Blob>): Promise<{ code: string; params: object }> {
	const error = await importSession(await file, options).then(
		() => undefined,
		(error: unknown) => error
	);
	if (!(error instanceof CodedError)) throw new Error('no coded error', { cause: error });
	return { code: error.code, params: error.params };
}

const damaged = (part: string) => ({ code: 'package-damaged', params: { part } });
const foreign = { code: 'package-foreign', params: {} };
const alphaPath = `results/${'c'.repeat(64)}/舞者 1_alpha.mp4`;

describe('a session file', () => {
	it('brings back exactly what was packed', async () => {
		const found = await importSession(await pack(), options);
		expect(await readable(found)).toEqual(await readable(someSession));
	});

	it('leaves the clip behind when it is not wanted', async () => {
		const without = { ...someSession, clip: undefined };
		const found = await importSession(await pack(without), options);
		expect(await readable(found)).toEqual(await readable(without));
	});

	it('brings back a session of which little is known', async () => {
		const { session, prompts } = someSession;
		const little: PortableSession = {
			session: { ...session, title: undefined, hash: undefined, info: undefined, jobs: [], results: [] },
			prompts: { ...nothingSaved, marks: prompts.marks.slice(0, 1) },
			tracked: [],
			results: []
		};
		expect(await importSession(await pack(little), options)).toEqual(little);
		const empty = { ...little, prompts: nothingSaved };
		expect(await importSession(await pack(empty), options)).toEqual(empty);
	});

	it('brings back what was set for a network, and what was recorded of its result', async () => {
		const matanyone = { ...defaultMatAnyoneOptions, warmup: 1, maxSize: 720, crop: true };
		const chosen = { engine: 'matanyone2', options: { ...someSession.session.options, matanyone } } as const;
		const [{ job, blobs }] = someSession.results as [PortableResult];
		const record = { provider: 'cuda', precision: 'float16', standIn: true, workWidth: 640, frames: 25 };
		const notices: Job['notices'] = [{ code: 'worked-smaller', params: { width: 640, height: 360 } }];
		const made = {
			...someSession,
			session: { ...someSession.session, ...chosen },
			results: [{ job: { ...job, ...chosen, record, notices }, blobs }]
		};
		expect(await readable(await importSession(await pack(made), options))).toEqual(await readable(made));
	});

	it('is read as well when another program has deflated it and added its own files', async () => {
		const entries = (await unpack(await pack())).map((entry) => ({ ...entry, deflate: true }));
		const extra = ['__MACOSX/._clip', 'masks/', '.DS_Store', 'notes/later.json'];
		const file = await zip([...entries.reverse(), ...extra.map((path) => ({ path, bytes: '' }))]);
		expect(await readable(await importSession(file, options))).toEqual(await readable(someSession));
	});

	it('holds plain names only, whatever the clip is called', async () => {
		const names = ['..', '..\\..\\a.mp4', '/etc/passwd', 'C:a.mp4', 'a\u0000b\ud800.mp4', '.', '舞 者.mp4'];
		for (const name of names) {
			const session = { ...someSession, session: { ...someSession.session, name } };
			const file = await pack(session);
			expect((await importSession(file, options)).session.name).toBe(name);
			for (const { path } of await unpack(file)) expect(path).toMatch(/^[\w]+(\/[^\\/:\p{Cc}]+)*(\.\w+)?$/u);
		}
	});

	it('is named like the session', () => {
		expect(sessionFileName(someSession.session)).toBe('舞者：第一版 _ 初稿.splazmatte');
		expect(sessionFileName({ ...someSession.session, title: undefined })).toBe('舞者 1.splazmatte');
	});

	it('tells how far it is, and stops when asked', async () => {
		const told: number[] = [];
		const onProgress = (fraction: number) => told.push(fraction);
		const file = await exportSession(someSession, { ...options, onProgress });
		expect(told.at(-1)).toBe(1);
		expect(told).toEqual([...told].sort((a, b) => a - b));
		told.length = 0;
		await importSession(file, { ...options, onProgress });
		expect(told.at(-1)).toBe(1);

		for (const work of [
			(signal: AbortSignal, onProgress: () => void) =>
				exportSession(someSession, { ...options, signal, onProgress }),
			(signal: AbortSignal, onProgress: () => void) => importSession(file, { ...options, signal, onProgress })
		]) {
			const stop = new AbortController();
			await expect(work(stop.signal, () => stop.abort())).rejects.toThrow('aborted');
			await expect(work(stop.signal, () => {})).rejects.toThrow('aborted');
		}
	});
});

describe('a session file of version 1', () => {
	// Written once, from what `someSession` was then; every later version must read the same of it.
	const stored = (name: string) => readFileSync(new URL(`./fixtures/version-1.${name}`, import.meta.url));

	it('is still read', async () => {
		const found = await readable(await importSession(new Blob([stored('splazmatte')]), options));
		expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(stored('json').toString()));
	});
});

describe('what is no session file', () => {
	it('is told as foreign', async () => {
		expect(await failure(new Blob([]))).toEqual(foreign);
		expect(await failure(new Blob([clipBytes]))).toEqual(foreign);
		expect(await failure(zip([{ path: 'photo.jpg', bytes: clipBytes }]))).toEqual(foreign);
		expect(await failure(zip([{ path: '../../evil', bytes: 'x' }]))).toEqual(foreign);
		expect(await failure(zip([{ path: 'manifest.json', bytes: '{"manifest_version": 3}' }]))).toEqual(
			foreign
		);
	});

	it('is told as newer when a newer program wrote it', async () => {
		const next = { formatVersion: 3, program: '3.1.0', clip: 'otherwise' };
		expect(await failure(withManifest((m) => Object.assign(m, next)))).toEqual({
			code: 'package-newer',
			params: { program: '3.1.0' }
		});
		const unknownEngine = (program: string) =>
			withManifest((m) => {
				m.program = program;
				Object.assign(m.session, { engine: 'unheard-of' });
			});
		expect(await failure(unknownEngine('0.10.0'))).toEqual({
			code: 'package-newer',
			params: { program: '0.10.0' }
		});
		expect(await failure(unknownEngine('0.1.0'))).toEqual(damaged('manifest.json'));
	});
});

describe('a damaged session file', () => {
	it('is refused wherever it was cut', async () => {
		const file = await pack();
		for (const part of [0.01, 0.3, 0.6, 0.9, 0.99]) {
			expect(await failure(file.slice(0, Math.floor(file.size * part)))).toEqual(damaged('ZIP'));
		}
	});

	it('is refused when a file is missing, of another size or of other bytes', async () => {
		for (const path of ['masks/000002.png', 'tracked.jsonl', alphaPath, 'clip/舞者 1.mp4', 'thumbnail.jpg']) {
			expect(await failure(withFile(path, () => undefined))).toEqual(damaged(path));
			expect(await failure(withFile(path, (bytes) => ({ bytes: bytes.subarray(1) })))).toEqual(damaged(path));
			const flipped = (bytes: Uint8Array) => ({
				bytes: bytes.map((value, i) => (i === 5 ? value ^ 1 : value))
			});
			expect(await failure(withFile(path, flipped))).toEqual(damaged(path));
		}
		expect(await failure(withFile('manifest.json', () => undefined))).toEqual(foreign);
	});

	it('is refused when its manifest is not as it should be', async () => {
		expect(await failure(withFile('manifest.json', () => ({ bytes: '{"format": "spl' })))).toEqual(
			damaged('manifest.json')
		);
		const changes: ((manifest: Manifest) => unknown)[] = [
			(m) => Object.assign(m, { created: 'yesterday' }),
			(m) => Object.assign(m.marks[0]!.prompts[0]!, { kind: 'words' }),
			(m) => (m.marks[0]!.time = -1),
			(m) => (m.marks[1]!.mask = m.marks[0]!.mask),
			(m) => (m.marks[0]!.mask = alphaPath),
			(m) => (m.marks[0]!.target = 2),
			(m) => (m.targets[1]!.id = 1),
			(m) => (m.targets = []),
			(m) => delete m.clip.width,
			(m) => (m.results[0]!.job.state = 'running'),
			(m) => (m.results[0]!.job.key = 'e'.repeat(64)),
			(m) => (m.results[0]!.files[0]!.bytes = 499),
			(m) => (m.thumbnail!.bytes = 2 ** 21)
		];
		for (const change of changes) {
			expect(await failure(withManifest(change))).toEqual(damaged('manifest.json'));
		}
	});

	it('is refused when what was tracked is damaged, though its sum is right', async () => {
		const path = 'tracked.jsonl';
		const lines = [
			'{"time": 0',
			'{"time": -1, "masks": []}',
			`{"time": 0, "masks": [{"target": 1, "packed": "AAAA", "basis": []}]}`,
			`{"time": 0, "masks": [{"target": 1, "packed": "////", "basis": []}]}`
		];
		for (const text of lines) {
			const bytes = new TextEncoder().encode(`${text}\n`);
			const sum = await hash(new Blob([bytes]), () => {}, new AbortController().signal);
			const entries = (await unpack(await pack())).map((entry) => {
				if (entry.path === path) return { ...entry, bytes };
				if (entry.path !== 'manifest.json') return entry;
				const manifest = JSON.parse(Buffer.from(entry.bytes as Uint8Array).toString()) as Manifest;
				manifest.tracked = { path, bytes: bytes.length, sha256: sum };
				return { ...entry, bytes: JSON.stringify(manifest) };
			});
			expect(await failure(zip(entries))).toEqual(damaged(path));
		}
	});

	it('is refused when a path leads out of it', async () => {
		for (const path of [
			'../evil',
			'clip/../../evil',
			'/etc/passwd',
			'clip\\..\\evil',
			'C:/evil',
			'./a',
			'clip//a'
		]) {
			const entries = await unpack(await pack());
			expect(await failure(zip([...entries, { path, bytes: 'x' }]))).toEqual(damaged(path));
			const named = withManifest((m) => (m.clip.path = path));
			expect(await failure(named)).toEqual(damaged('manifest.json'));
		}
	});

	it('is refused when two files have one name', async () => {
		const entries = await unpack(await pack());
		expect(await failure(zip([...entries, entries[1]!]))).toEqual(damaged('ZIP'));
	});

	it('is refused when a mask is soft or of another size than the clip', async () => {
		const path = 'masks/000001.png';
		const [soft, small] = await Promise.all([greyPng(64, 36, 7), greyPng(32, 18, 255)]);
		expect(await failure(withFile(path, () => ({ bytes: soft })))).toEqual(damaged(path));
		expect(await failure(withFile(path, () => ({ bytes: small })))).toEqual(damaged(path));
	});
});

describe('a zip bomb', () => {
	const zeros = new Uint8Array(80 * 2 ** 20);
	const tooLarge = {
		code: 'package-too-large',
		params: { bytes: expect.any(Number), limit: expect.any(Number) }
	};

	it('is refused by the sizes that it states', async () => {
		const entries = await unpack(await pack());
		expect(await failure(zip([...entries, { path: 'more', bytes: zeros, deflate: true }]))).toEqual(tooLarge);
		expect(await failure(zip([{ path: 'manifest.json', bytes: zeros }]))).toEqual(tooLarge);
	});

	it('is inflated no further than the size that it states', async () => {
		const path = 'clip/舞者 1.mp4';
		const bomb = withFile(path, () => ({ bytes: zeros, deflate: true, stated: clipBytes.length }));
		expect(await failure(bomb)).toEqual(damaged(path));
		const manifest = withFile('manifest.json', () => ({ bytes: zeros, deflate: true, stated: 1000 }));
		expect(await failure(manifest)).toEqual(damaged('manifest.json'));
	});

	it('is refused when it lists too many files', async () => {
		const many = Array.from({ length: 20_001 }, (_, i) => ({ path: `f/${i}`, bytes: '' }));
		expect(await failure(zip([...many, ...(await unpack(await pack()))]))).toEqual(damaged('ZIP'));
	});
});
