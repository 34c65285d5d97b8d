import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findModel } from '../registry.ts';
import { FakeHub, fakeCommit, noise } from './fake-hub.node.ts';
import { disk, type Disk, type Sink } from './files.node.ts';
import { Hub } from './hub.ts';
import { writeManifest, writePull } from './manifest.node.ts';
import { pullModel, type PullOptions, type PullProgress } from './pull.node.ts';
import { ModelStore } from './store.node.ts';

const model = findModel('matanyone2')!;
const [{ repository }] = model.sources;
const weights = noise(300_000);
const config = '{"single_object": true}';

let root: string;
let hub: FakeHub;
let store: ModelStore;
let folder: string;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-models-'));
	store = new ModelStore(root);
	folder = store.folder(model);
	hub = await FakeHub.start(repository, { 'config.json': config, 'model.safetensors': weights });
});
afterEach(async () => {
	await hub.stop();
	await rm(root, { recursive: true, force: true });
});

const pull = (options: Partial<PullOptions> & { token?: string } = {}) =>
	pullModel(model, folder, {
		hub: new Hub({ endpoint: hub.endpoint, token: options.token }),
		acceptLicence: true,
		persistence: { attempts: 3, silence: 60_000, pause: 1 },
		...options,
		onProgress: (progress) => {
			hub.arrived(progress.done - config.length);
			options.onProgress?.(progress);
		}
	});
const once = { attempts: 1, silence: 60_000, pause: 1 };
const refusal = (code: string, params: object = {}) =>
	expect.objectContaining({ code, params: expect.objectContaining(params) });
const names = async () => (await readdir(folder)).sort();
const hasWeights = async () => weights.equals(await readFile(join(folder, 'model.safetensors')));

/** A disk on which something is different. */
const otherDisk = (changes: Partial<Disk>): Disk => ({ ...disk, ...changes });

describe('a model that is pulled', () => {
	it('is here whole, with a record of where it comes from', async () => {
		const progress: PullProgress[] = [];
		await pull({ onProgress: (each) => progress.push(each) });
		expect(await hasWeights()).toBe(true);
		expect(await names()).toEqual(['config.json', 'manifest.json', 'model.safetensors']);
		expect(progress.at(-1)).toMatchObject({ done: 300_000 + config.length, total: 300_000 + config.length });
		const { state, origin, bytes, manifest } = await store.inspect(model);
		expect({ state, origin, bytes }).toEqual({
			state: 'present',
			origin: 'hub',
			bytes: 300_000 + config.length
		});
		expect(manifest).toMatchObject({
			...{ model: 'matanyone2', standIn: false },
			sources: [{ page: `${hub.endpoint}/${repository}`, revision: 'main', commit: fakeCommit }],
			licence: { name: 'S-Lab License 1.0', accepted: expect.stringMatching(/^\d{4}-/) },
			files: [
				{ path: 'config.json', bytes: config.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
				{ path: 'model.safetensors', bytes: 300_000 }
			]
		});
		expect([...(await store.verify(model)).keys()]).toEqual(['config.json', 'model.safetensors']);
	});

	it('is not asked for again', async () => {
		await pull();
		await pull({ acceptLicence: false });
		expect(hub.downloads).toHaveLength(1);
	});

	it('goes on after a cut, in the same run', async () => {
		hub.cuts = [100_000, 50_000];
		await pull();
		expect(await hasWeights()).toBe(true);
		expect(hub.downloads).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
	});

	it('goes on in another run, and the licence is not asked about again', async () => {
		hub.cuts = [120_000];
		await expect(pull({ persistence: once })).rejects.toEqual(refusal('hub-away'));
		expect(await store.inspect(model)).toMatchObject({ state: 'partial', bytes: 120_000 + config.length });
		await pull({ acceptLicence: false });
		expect(await hasWeights()).toBe(true);
		expect(hub.downloads).toEqual([undefined, 'bytes=120000-']);
	});

	it('goes on with the commit that it began with', async () => {
		hub.cuts = [120_000];
		await expect(pull({ persistence: once })).rejects.toThrow();
		hub.seen.length = 0;
		await pull();
		expect(hub.seen.filter(({ path }) => path.includes('/revision/'))).toEqual([]);
	});

	it('begins again where the store knows no ranges', async () => {
		hub.ranges = false;
		hub.cuts = [100_000];
		await pull();
		expect(await hasWeights()).toBe(true);
	});

	it('is thrown away when it is not what the hub says', async () => {
		hub.cuts = [100_000];
		await expect(pull({ persistence: once })).rejects.toThrow();
		await writeFile(join(folder, 'model.safetensors.part'), Buffer.alloc(100_000));
		await expect(pull()).rejects.toEqual(refusal('download-wrong', { file: 'model.safetensors' }));
		expect(await names()).toEqual(['config.json.part', 'pull.json']);
		await pull();
		expect(await hasWeights()).toBe(true);
	});

	it('stops when it is told to, and keeps what has arrived', async () => {
		const stop = new AbortController();
		hub.holdAfter = 100_000;
		const onProgress = ({ done }: PullProgress) => done >= 100_000 && stop.abort();
		await expect(pull({ signal: stop.signal, onProgress })).rejects.toThrow('aborted');
		expect((await store.inspect(model)).state).toBe('partial');
		hub.release();
		await pull();
		expect(await hasWeights()).toBe(true);
	});

	it('counts silence as a cut', async () => {
		hub.holdAfter = 100_000;
		const impatient = { attempts: 1000, silence: 100, pause: 0 };
		const onProgress = ({ done }: PullProgress) => {
			if (done >= 100_000) hub.holdAfter = undefined;
		};
		await pull({ persistence: impatient, onProgress });
		expect(await hasWeights()).toBe(true);
	});
});

describe('a model that cannot be pulled', () => {
	it('is refused without its licence accepted, and nothing is asked for', async () => {
		await expect(pull({ acceptLicence: false })).rejects.toEqual(
			refusal('model-licence', { licence: 'S-Lab License 1.0' })
		);
		expect(hub.seen).toEqual([]);
	});

	it.each([
		['without a token', undefined, 401],
		['with that of another account', 'hf_other', 403]
	])('says which page to visit when it is gated, %s', async (_, token, status) => {
		hub.token = 'hf_right';
		const page = `${hub.endpoint}/PeiqingYang/MatAnyone2`;
		await expect(pull({ token })).rejects.toEqual(refusal('hub-refused', { status, page }));
	});

	it('comes with the right token, which the store never sees', async () => {
		hub.token = 'hf_right';
		await pull({ token: 'hf_right' });
		const stored = hub.seen.filter(({ path }) => path.startsWith('/store/'));
		expect(stored.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
	});

	it('is missing on the hub: the revision, or a file', async () => {
		await expect(pull({ revision: 'nightly' })).rejects.toEqual(refusal('hub-missing'));
		(hub.files as Map<string, unknown>).delete('config.json');
		await expect(pull()).rejects.toEqual(refusal('hub-missing', { what: `${repository}/config.json` }));
	});

	it('is on a hub that does not answer', async () => {
		const away = await FakeHub.start(repository, {});
		const { endpoint } = away;
		await away.stop();
		await expect(pull({ hub: new Hub({ endpoint }) })).rejects.toEqual(refusal('hub-away'));
	});

	it('takes no word for a token that is none', async () => {
		await expect(pull({ token: 'secret' })).rejects.toEqual(refusal('hub-token'));
		expect(hub.seen).toEqual([]);
	});

	it('needs more room than there is', async () => {
		const full = otherDisk({ freeSpace: async () => 200_000 });
		await expect(pull({ disk: full })).rejects.toEqual(refusal('disk-space', { free: 200_000 }));
		expect(hub.downloads).toEqual([]);
		expect((await store.inspect(model)).state).toBe('absent');
	});

	it('fills the disk, and goes on once there is room', async () => {
		let room = 150_000;
		const filling = otherDisk({
			async open(path, flags) {
				const file = await disk.open(path, flags);
				const appendFile = async (bytes: Uint8Array) => {
					room -= bytes.length;
					if (room < 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
					await file.appendFile(bytes);
				};
				return { appendFile, sync: () => file.sync(), close: () => file.close() } satisfies Sink;
			}
		});
		await expect(pull({ disk: filling })).rejects.toEqual(refusal('disk-full'));
		expect((await store.inspect(model)).state).toBe('partial');
		await pull();
		expect(await hasWeights()).toBe(true);
		expect(hub.downloads[1]).toMatch(/^bytes=[1-9]\d*-$/);
	});

	it('is pulled by someone else already', async () => {
		const stop = new AbortController();
		hub.holdAfter = 1000;
		let second: unknown;
		const onProgress = ({ done }: PullProgress) => {
			if (done <= config.length || second) return;
			second = pull().then(
				() => stop.abort(),
				(error) => stop.abort(error)
			);
		};
		const busy = refusal('model-busy', { name: 'MatAnyone 2' });
		await expect(pull({ signal: stop.signal, onProgress })).rejects.toEqual(busy);
	});

	it('is not held up by what a killed process left', async () => {
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, 'pull.lock'), '999999999');
		await pull();
		expect(await names()).not.toContain('pull.lock');
	});
});

describe('a model from two repositories', () => {
	const videoMaMa = findModel('videomama')!;
	const [unet, vae] = videoMaMa.sources;
	const unetWeights = noise(200_000);
	const vaeWeights = noise(50_000);
	const all = 250_000 + 4;
	const target = () => store.folder(videoMaMa);
	const file = (path: string) => readFile(join(target(), path));

	beforeEach(async () => {
		await hub.stop();
		hub = await FakeHub.start(unet.repository, {
			'unet/config.json': '{}',
			'unet/diffusion_pytorch_model.safetensors': unetWeights,
			'unet/more.pth': noise(10)
		});
		hub.add(vae!.repository, {
			'vae/config.json': '{}',
			'vae/diffusion_pytorch_model.fp16.safetensors': vaeWeights,
			'unet/diffusion_pytorch_model.safetensors': noise(20)
		});
	});

	const pullBoth = (options: Partial<PullOptions> & { token?: string } = {}) =>
		pullModel(videoMaMa, target(), {
			hub: new Hub({ endpoint: hub.endpoint, token: options.token }),
			acceptLicence: true,
			persistence: once,
			...options
		});

	it('comes whole, each file from its own, with the progress of all together', async () => {
		const progress: PullProgress[] = [];
		const { sources } = await pullBoth({ onProgress: (each) => progress.push(each) });
		expect(sources?.map(({ page }) => page)).toEqual([
			`${hub.endpoint}/SammyLim/VideoMaMa`,
			`${hub.endpoint}/stabilityai/stable-video-diffusion-img2vid-xt`
		]);
		expect(unetWeights.equals(await file('unet/diffusion_pytorch_model.safetensors'))).toBe(true);
		expect(vaeWeights.equals(await file('vae/diffusion_pytorch_model.fp16.safetensors'))).toBe(true);
		expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).sort((a, b) => a - b));
		expect(progress.at(-1)).toMatchObject({ done: all, total: all });
		expect((await readdir(target())).sort()).toEqual(['manifest.json', 'unet', 'vae']);
		expect([...(await store.verify(videoMaMa).catch((problem) => [problem.code]))]).toEqual([
			'weights-damaged'
		]);
	});

	it('goes on where it was cut, in whichever part', async () => {
		const small = all - unetWeights.length;
		hub.cuts = [30_000];
		const inVae = ({ done }: PullProgress) => hub.arrived(done - 4);
		await expect(pullBoth({ onProgress: inVae })).rejects.toEqual(refusal('hub-away'));
		expect(await store.inspect(videoMaMa)).toMatchObject({ state: 'partial', bytes: 30_004 });
		const inUNet = ({ done }: PullProgress) => {
			if (done === small) hub.cuts = [120_000];
			hub.arrived(done - small);
		};
		await expect(pullBoth({ onProgress: inUNet })).rejects.toEqual(refusal('hub-away'));
		await pullBoth({ acceptLicence: false });
		expect(unetWeights.equals(await file('unet/diffusion_pytorch_model.safetensors'))).toBe(true);
		expect(vaeWeights.equals(await file('vae/diffusion_pytorch_model.fp16.safetensors'))).toBe(true);
		expect(hub.downloads).toEqual([undefined, 'bytes=30000-', undefined, 'bytes=120000-']);
	});

	it.each([
		['without a token', undefined, 401],
		['with that of another account', 'hf_other', 403]
	])(
		'says which page to visit when one is gated, %s, before gigabytes have come',
		async (_, token, status) => {
			hub.token = 'hf_right';
			hub.gated = vae!.repository;
			const page = `${hub.endpoint}/${vae!.repository}`;
			await expect(pullBoth({ token })).rejects.toEqual(refusal('hub-refused', { status, page }));
			expect(hub.downloads).toEqual([]);
			await pullBoth({ token: 'hf_right' });
			expect(vaeWeights.equals(await file('vae/diffusion_pytorch_model.fp16.safetensors'))).toBe(true);
		}
	);

	it('takes a revision for its own repository', async () => {
		await expect(pullBoth({ revision: 'nightly' })).rejects.toEqual(
			refusal('hub-missing', { what: `${unet.repository} (nightly)` })
		);
		const { sources } = await pullBoth({ revision: fakeCommit });
		expect(sources?.map(({ revision }) => revision)).toEqual([fakeCommit, 'main']);
	});
});

describe('an installed model', () => {
	/** Begins the download of another commit and breaks it off in the middle of the weights. */
	async function beginUpdate(): Promise<void> {
		hub.commit = 'f'.repeat(40);
		const other = noise(310_000);
		other.reverse();
		const files = hub.files as Map<string, { bytes: Buffer; lfs: boolean }>;
		files.set('config.json', { bytes: Buffer.from('{"single_object": false}'), lfs: false });
		files.set('model.safetensors', { bytes: other, lfs: true });
		hub.cuts = [120_000];
		await expect(pull({ persistence: once })).rejects.toEqual(refusal('hub-away'));
	}

	it('stays as it is until an update is whole, or was discarded', async () => {
		const before = await pull();
		await beginUpdate();
		expect(await store.inspect(model)).toMatchObject({ state: 'present', manifest: before });
		await store.verify(model);
		await store.discard(model);
		expect(await names()).toEqual(['config.json', 'manifest.json', 'model.safetensors']);
		expect((await store.inspect(model)).manifest).toEqual(before);
		await store.verify(model);

		expect((await pull({ acceptLicence: false })).sources).toMatchObject([{ commit: hub.commit }]);
		await store.verify(model);
		expect(await names()).toEqual(['config.json', 'manifest.json', 'model.safetensors']);
	});

	it('keeps stand-in weights while there is no room for trained ones', async () => {
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, 'model.safetensors'), 'stand-in');
		const files = [{ path: 'model.safetensors', bytes: 8, sha256: '0'.repeat(64) }];
		await writeManifest(folder, { model: model.id, files, standIn: true });
		const full = otherDisk({ freeSpace: async () => 200_000 });
		await expect(pull({ disk: full })).rejects.toEqual(refusal('disk-space'));
		expect(await store.inspect(model)).toMatchObject({ state: 'present', origin: 'stand-in' });
		await pull();
		expect(await store.inspect(model)).toMatchObject({ state: 'present', origin: 'hub' });
	});

	it('is neither removed nor discarded while it is downloaded', async () => {
		const stop = new AbortController();
		hub.holdAfter = 1000;
		const refused: unknown[] = [];
		let trying: Promise<void> | undefined;
		const onProgress = ({ done }: PullProgress) => {
			if (done <= config.length) return;
			trying ??= (async () => {
				for (const change of ['remove', 'discard'] as const)
					await store[change](model).catch((e) => refused.push(e));
				stop.abort();
			})();
		};
		await expect(pull({ signal: stop.signal, onProgress })).rejects.toThrow('aborted');
		const busy = refusal('model-busy', { name: 'MatAnyone 2' });
		expect(refused).toEqual([busy, busy]);
		await store.discard(model);
		expect(await names()).toEqual([]);
	});

	it.each(['../precious', '/precious', 'a/../../precious', 'a\\..\\precious', 'a//b', ''])(
		'has no files elsewhere: %j',
		async (path) => {
			await mkdir(folder, { recursive: true });
			await writeFile(join(root, 'precious.part'), 'precious');
			await writePull(folder, { model: model.id, files: [{ path, bytes: 1 }], standIn: false });
			expect((await store.inspect(model)).state).toBe('absent');
			await store.discard(model);
			expect(await readFile(join(root, 'precious.part'), 'utf8')).toBe('precious');
		}
	);

	it('is told damaged when a file was cut, and when a byte was changed', async () => {
		await pull();
		const file = join(folder, 'model.safetensors');
		await writeFile(file, Buffer.concat([weights.subarray(1), Buffer.of(0)]));
		expect((await store.inspect(model)).state).toBe('present');
		await expect(store.verify(model)).rejects.toEqual(
			refusal('model-damaged', { file: 'model.safetensors' })
		);
		await truncate(file, 1000);
		expect((await store.inspect(model)).state).toBe('damaged');
		await pull();
		await store.verify(model);
	});

	it('is known by a record from when a model had one repository', async () => {
		const { sources, ...rest } = await pull();
		const [{ page, revision, commit }] = sources as [{ page: string; revision: string; commit: string }];
		const old = { ...rest, source: page, revision, commit };
		await writeFile(join(folder, 'manifest.json'), JSON.stringify(old));
		expect((await store.inspect(model)).manifest).toEqual({ ...rest, sources });
	});

	it('is removed with everything that belongs to it', async () => {
		await pull();
		await store.remove(model);
		expect(await store.inspect(model)).toEqual({ state: 'absent', bytes: 0 });
		await expect(store.verify(model)).rejects.toEqual(refusal('model-absent', { name: 'MatAnyone 2' }));
	});
});
