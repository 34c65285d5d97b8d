import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig, type Config } from '../config.ts';
import type { RuntimeFacts } from '../engines/runtime-probe.ts';
import { appError } from '../protocol/errors.ts';
import { routes } from '../protocol/routes.ts';
import type { AnyJob, Job, JobRequest, JobState, ServerEvent } from '../protocol/schema.ts';
import { startServer, type RunningServer, type Stand } from '../server.ts';
import type { ClipFacts } from '../uploads/probe.ts';
import { EventClient } from './websocket.ts';

export const fakeHost = new URL('./fake-host.ts', import.meta.url);

const facts: ClipFacts = {
	...{ width: 4, height: 2, duration: 1, frames: 10, frameRate: 10 },
	...{ container: 'mp4', codec: 'h264', audio: false, pixelAspect: 1 }
};

/** A text file is a clip here, and says what a job with it does (`fake-host.ts`); one that begins with "bad" is none. */
async function fakeProbe(path: string): Promise<ClipFacts> {
	const text = await readFile(path, 'utf8');
	if (text.startsWith('bad')) throw appError('clip-not-video', { name: '' });
	return facts;
}

const fakeRuntime = async (): Promise<RuntimeFacts> => ({
	provider: 'cpu',
	reasons: [
		{ provider: 'cuda', code: 'cuda-no-driver', params: {} },
		{ provider: 'webgpu', code: 'webgpu-no-adapter', params: {} }
	]
});

/** A server on a free port with a workspace of its own. */
export class TestServer {
	private constructor(
		readonly running: RunningServer,
		readonly workspace: string,
		readonly build: string,
		private readonly config: Partial<Config>,
		private readonly stand: Stand
	) {}

	static async start(config: Partial<Config> = {}, stand: Stand = {}): Promise<TestServer> {
		const root = await mkdtemp(join(tmpdir(), 'splazmatte-server-'));
		const build = join(root, 'build');
		await mkdir(join(build, '_app/immutable/workers'), { recursive: true });
		await writeFile(join(build, 'index.html'), '<html><script>boot()</script></html>');
		await writeFile(join(build, '_app/immutable/app.js'), 'export {}');
		await writeFile(join(build, '_app/immutable/workers/media.js'), 'export {}');
		return TestServer.#open(join(root, 'workspace'), build, config, stand);
	}

	static async #open(workspace: string, build: string, config: Partial<Config>, stand: Stand) {
		const weights = join(workspace, '../weights');
		const full: Config = { ...defaultConfig, port: 0, logLevel: 'silent', weights, ...config, workspace };
		const fakes = { engineHost: fakeHost, probe: fakeProbe, runtime: fakeRuntime, build, patience: 500 };
		return new TestServer(await startServer(full, { ...fakes, ...stand }), workspace, build, config, stand);
	}

	/** Stops the server and starts it again on the same workspace. */
	async restart(changes: Partial<Config> = {}): Promise<TestServer> {
		await this.running.close();
		return TestServer.#open(this.workspace, this.build, { ...this.config, ...changes }, this.stand);
	}

	async stop(): Promise<void> {
		await this.running.close();
		await rm(join(this.workspace, '..'), { recursive: true, force: true });
	}

	url(path: string): string {
		return this.running.address + path;
	}

	fetch(path: string, init?: RequestInit): Promise<Response> {
		return fetch(this.url(path), init);
	}

	async json<T>(path: string, init?: RequestInit): Promise<T> {
		return (await this.fetch(path, init)).json() as Promise<T>;
	}

	/** Sends one request of the tus protocol. */
	tus(method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array) {
		const init = { method, headers: { 'Tus-Resumable': '1.0.0', ...headers }, body };
		return this.fetch(path, init as RequestInit);
	}

	/** Begins an upload; returns where it goes. */
	async begin(length: number, metadata: Record<string, string> = {}): Promise<string> {
		const coded = Object.entries(metadata).map(
			([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`
		);
		const headers = { 'Upload-Length': String(length), 'Upload-Metadata': coded.join(',') };
		const response = await this.tus('POST', routes.uploads, headers);
		if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
		return response.headers.get('Location')!;
	}

	append(location: string, offset: number, body: string | Uint8Array): Promise<Response> {
		const type = { 'Content-Type': 'application/offset+octet-stream' };
		return this.tus('PATCH', location, { ...type, 'Upload-Offset': String(offset) }, body);
	}

	/** Uploads a clip that does what its first word says (`fake-host.ts`); returns its hash. */
	async clip(script = 'ok', different = randomUUID()): Promise<string> {
		const text = `${script} ${different}`;
		const location = await this.begin(text.length, { filename: 'clip.mp4' });
		const response = await this.append(location, 0, text);
		if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
		return response.headers.get('Upload-Clip')!;
	}

	/** Asks for a job; returns the answer's status and body. */
	async submit(clip: string, changes: Partial<JobRequest> = {}): Promise<{ status: number; job: Job }> {
		const request: JobRequest = {
			clip,
			name: 'My clip.mp4',
			keyframes: [{ time: 0, mask: { width: 4, height: 2, counts: [1, 2, 5] } }],
			engine: 'classic',
			options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
			outputs: ['alpha'],
			...changes
		};
		const response = await this.fetch(routes.jobs, { method: 'POST', body: JSON.stringify(request) });
		return { status: response.status, job: (await response.json()) as Job };
	}

	/** Listens to the events. */
	events(query = '', headers?: Record<string, string>): Promise<EventClient> {
		return EventClient.open(this.url(routes.events + query), headers);
	}

	/** Resolves with the job once it is in one of these states. */
	async reach<J extends AnyJob = Job>(id: string, ...states: JobState[]): Promise<J> {
		const client = await this.events();
		try {
			const current = await this.json<J>(routes.job(id));
			if (states.includes(current.state)) return current;
			const found = await client.find(
				(event) => 'job' in event && event.job.id === id && states.includes(event.job.state)
			);
			return (found as Extract<ServerEvent, { job: unknown }>).job as J;
		} finally {
			client.close();
		}
	}
}

export function sha256Of(text: string | Uint8Array): string {
	return createHash('sha256').update(text).digest('hex');
}
