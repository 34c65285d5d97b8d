import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InstallFailed, PageMessage, Standing } from '$lib/offline/messages.ts';
import { Updates, type Surroundings } from './updates.svelte.ts';

/** A worker that answers as its version stands. */
class FakeWorker extends EventTarget {
	state: ServiceWorkerState = 'installing';
	onactivate = () => {};

	constructor(
		readonly version: string,
		public problem: Standing['problem'] = undefined
	) {
		super();
	}

	postMessage({ type }: PageMessage, [port]: MessagePort[] = []) {
		if (type === 'activate') this.onactivate();
		else port!.postMessage({ version: this.version, problem: this.problem } satisfies Standing);
	}

	become(state: ServiceWorkerState) {
		this.state = state;
		this.dispatchEvent(new Event('statechange'));
	}
}

/** A browser's registration, moved through its states by the test. */
class FakeRegistration extends EventTarget {
	installing: FakeWorker | null = null;
	waiting: FakeWorker | null = null;
	active: FakeWorker | null = null;
	/** What the server gives at the next check. */
	onupdate = () => {};
	readonly unregister = vi.fn(async () => true);

	update = async () => this.onupdate();

	find(worker: FakeWorker) {
		this.installing = worker;
		this.dispatchEvent(new Event('updatefound'));
	}

	installed() {
		const worker = this.installing!;
		this.installing = null;
		this.waiting = worker;
		worker.onactivate = () => this.activate();
		worker.become('installed');
	}

	activate() {
		this.active = this.waiting;
		this.waiting = null;
		this.active!.become('activated');
		container.dispatchEvent(new Event('controllerchange'));
	}

	fail(problem?: InstallFailed['problem']) {
		const worker = this.installing!;
		this.installing = null;
		if (problem) {
			const data: InstallFailed = { type: 'install-failed', problem };
			container.dispatchEvent(new MessageEvent('message', { data }));
		}
		worker.become('redundant');
	}
}

class FakeContainer extends EventTarget {
	registered: () => Promise<FakeRegistration> = async () => registration;
	register = () => this.registered();
	startMessages() {}
	get controller() {
		return registration.active;
	}
}

let registration: FakeRegistration;
let container: FakeContainer;
const reload = vi.fn();
const locks = {
	request: async (_name: string, _options: LockOptions, work: () => Promise<void>) => work()
} as unknown as Surroundings['locks'];
const save = vi.fn(async () => {});

function open(changes: Partial<Surroundings> = {}): Updates {
	const around = { version: '1', container: container as unknown as ServiceWorkerContainer, reload };
	const updates = new Updates(save, { ...around, obstacle: undefined, locks, ...changes });
	updates.start();
	return updates;
}

/** A page whose version is kept already. */
async function openKept(): Promise<Updates> {
	registration.active = new FakeWorker('1');
	registration.active.state = 'activated';
	const updates = open();
	await vi.waitFor(() => expect(updates.state).toBe('ready'));
	return updates;
}

beforeEach(() => {
	registration = new FakeRegistration();
	container = new FakeContainer();
	reload.mockReset();
	save.mockReset();
});

describe('use without a network', () => {
	it('is ready once the first version is installed', async () => {
		const updates = open();
		await Promise.resolve();
		registration.find(new FakeWorker('1'));
		expect(updates.state).toBe('preparing');
		registration.installed();
		registration.activate();
		await vi.waitFor(() => expect(updates.state).toBe('ready'));
		expect(updates.available).toBe(false);
	});

	it.each([
		[{ obstacle: 'insecure', container: undefined }, 'insecure'],
		[{ obstacle: 'development' }, 'development'],
		[{ container: undefined }, 'browser']
	] as const)('%o is said to be unsupported', (changes, problem) => {
		const updates = open(changes);
		expect(updates).toMatchObject({ state: 'unsupported', problem, available: false });
	});

	it('says why it cannot be had', async () => {
		const updates = open();
		await Promise.resolve();
		registration.find(new FakeWorker('1'));
		registration.fail('storage-full');
		expect(updates).toMatchObject({ state: 'failed', problem: 'storage-full' });
	});

	it('says that the server was away, or that the browser refused', async () => {
		container.registered = () => Promise.reject(new TypeError('fetch'));
		const away = open();
		await vi.waitFor(() => expect(away).toMatchObject({ state: 'failed', problem: 'unreachable' }));
		container.registered = () => Promise.reject(new DOMException('', 'SecurityError'));
		const refused = open();
		await vi.waitFor(() => expect(refused).toMatchObject({ state: 'unsupported', problem: 'browser' }));
	});

	it('is prepared once the server is back', async () => {
		container.registered = () => Promise.reject(new TypeError('fetch'));
		const updates = open();
		await vi.waitFor(() => expect(updates.state).toBe('failed'));
		container.registered = async () => registration;
		await updates.check();
		expect(updates).toMatchObject({ state: 'preparing', problem: undefined });
		registration.find(new FakeWorker('1'));
		registration.installed();
		registration.activate();
		await vi.waitFor(() => expect(updates.state).toBe('ready'));
	});

	it('says when files that were kept are gone', async () => {
		registration.active = new FakeWorker('1', 'unreachable');
		const updates = open();
		await vi.waitFor(() => expect(updates).toMatchObject({ state: 'failed', problem: 'unreachable' }));
	});
});

describe('a new version', () => {
	it('is told of when it waits; reload activates it, then loads the page once', async () => {
		const updates = await openKept();
		registration.find(new FakeWorker('2'));
		expect(updates.available).toBe(false);
		registration.installed();
		expect(updates.available).toBe(true);
		expect(reload).not.toHaveBeenCalled();
		await Promise.all([updates.reload(), updates.reload()]);
		expect(registration.active!.version).toBe('2');
		expect(save).toHaveBeenCalledTimes(1);
		expect(reload).toHaveBeenCalledTimes(1);
	});

	it('is told of when it waited before the page was opened', async () => {
		registration.waiting = new FakeWorker('2');
		const updates = await openKept();
		expect(updates.available).toBe(true);
	});

	it('is told of, and nothing more, when another tab has brought it', async () => {
		const updates = await openKept();
		registration.waiting = new FakeWorker('2');
		registration.activate();
		await vi.waitFor(() => expect(updates.available).toBe(true));
		expect(reload).not.toHaveBeenCalled();
		await updates.reload();
		expect(reload).toHaveBeenCalledTimes(1);
	});

	it('is looked for and awaited by a reload that was asked for before it was found', async () => {
		const updates = await openKept();
		registration.onupdate = () => {
			registration.find(new FakeWorker('2'));
			queueMicrotask(() => registration.installed());
		};
		await updates.reload();
		expect(registration.active!.version).toBe('2');
		expect(reload).toHaveBeenCalledTimes(1);
	});

	it('that failed to load is not told of, and what is kept goes on', async () => {
		const updates = await openKept();
		registration.find(new FakeWorker('2'));
		registration.fail('unreachable');
		expect(updates).toMatchObject({ state: 'ready', available: false });
	});

	it('for which there is no room beside the old one comes from the server', async () => {
		const updates = await openKept();
		registration.find(new FakeWorker('2'));
		registration.fail('storage-full');
		expect(updates).toMatchObject({ state: 'ready', available: true });
		await updates.reload();
		expect(registration.unregister).toHaveBeenCalled();
		expect(reload).toHaveBeenCalledTimes(1);
	});
});
