import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { Hub } from '../models/hub/hub.ts';
import { ModelStore } from '../models/hub/store.node.ts';
import { limitsOf, projectRoot, type Config } from './config.ts';
import { EngineCatalogue } from './engines/catalogue.ts';
import { EnginePool } from './engines/pool.ts';
import { PhraseReading } from './engines/phrase-reading.ts';
import { Prompting } from './engines/prompting.ts';
import { probeRuntime, type RuntimeFacts } from './engines/runtime-probe.ts';
import { Translating } from './engines/translating.ts';
import { addApi } from './http/api.ts';
import { EventsEndpoint } from './http/events.ts';
import { isTrusted } from './http/guard.ts';
import { addModelsApi } from './http/models.ts';
import { addPhrasesApi } from './http/phrases.ts';
import { Router, errorReply } from './http/router.ts';
import { StaticApp } from './http/static.ts';
import {
	PortInUseError,
	type HttpRequest,
	type Reply,
	type Service,
	type Transport
} from './http/transport.ts';
import { addTranslateApi } from './http/translate.ts';
import { listen } from './http/uws-transport.ts';
import { addWeightsApi } from './http/weights.ts';
import { EventLog } from './jobs/events.ts';
import { JobQueue } from './jobs/queue.ts';
import { sweep } from './jobs/retention.ts';
import { Works } from './jobs/works.ts';
import { limited } from './limit.ts';
import { ModelDownloads } from './models/downloads.ts';
import { WebModels } from './models/web-models.ts';
import { ClipStore } from './store/clips.ts';
import { PaceStore } from './store/pace.ts';
import { SessionStore } from './store/sessions.ts';
import { checkUnowned, disown, freeSpace, openWorkspace, own } from './store/workspace.ts';
import { probeApart, type ClipFacts } from './uploads/probe.ts';
import { UploadStore } from './uploads/store.ts';
import { TusEndpoint } from './uploads/tus.ts';

const HOUR = 3_600_000;
/** Clips that are looked at at a time, each by a process. */
const PROBES = 2;

/** The program's version, as package.json has it. */
export const version = (
	JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
).version;

/** What tests put in the place of the real thing. */
export interface Stand {
	/** The module that runs in an engine's process. */
	readonly engineHost?: URL;
	/** How long a cancelled job may take to stop by itself, in milliseconds. */
	readonly patience?: number;
	readonly probe?: (path: string) => Promise<ClipFacts>;
	/** What networks run on. */
	readonly runtime?: () => Promise<RuntimeFacts>;
	/** Bytes free on the disk. */
	readonly freeSpace?: () => Promise<number>;
	/** The folder of the page's build. */
	readonly build?: string;
}

export interface RunningServer {
	/** Where a browser on this machine finds it, such as http://127.0.0.1:8787. */
	readonly address: string;
	/** Whether the port that was set was taken and this is another. */
	readonly portMoved: boolean;
	readonly log: Logger;
	/** Interrupts what runs and ends every connection and process. */
	close(): Promise<void>;
}

/**
 * Starts the server.
 * @throws PortInUseError when someone asked for a port that is taken; WorkspaceInUseError
 */
export async function startServer(config: Config, stand: Stand = {}): Promise<RunningServer> {
	const log = pino({ level: config.logLevel });
	const limits = limitsOf(config);
	const workspace = await openWorkspace(config.workspace);
	await checkUnowned(workspace);

	const events = new EventLog();
	const clips = await ClipStore.open(workspace.clips);
	const paces = await PaceStore.open(workspace.root);
	const uploads = await UploadStore.open(workspace.uploads);
	const sessions = await SessionStore.open(workspace.sessions, (id) =>
		log.warn({ session: id }, 'removed a session that was not written to the end')
	);
	const space = stand.freeSpace ?? (() => freeSpace(workspace.root));
	const store = new ModelStore(config.weights);
	const runtime = (stand.runtime ?? (() => findRuntime(config, log)))();
	const made = join(workspace.root, 'weights');
	const catalogue = new EngineCatalogue(store, made, runtime, config);
	const engines = new EnginePool({
		budget: catalogue.budget(),
		log,
		host: stand.engineHost,
		patience: stand.patience
	});
	const clean = limited(1, async () => {
		try {
			await sweep({ sessions, clips, events, isBusy: (id) => queue.isBusy(id), ...config });
			await uploads.sweep(Date.now() - config.uploadHours * HOUR);
		} catch (err) {
			log.error({ err }, 'cannot remove what is too old');
		}
	});
	const queue = new JobQueue({
		...{ sessions, clips, events, version, log },
		works: new Works({ engines: catalogue, paces, version }, sessions),
		run: ({ task, need }, hooks) => engines.run(task, need, hooks),
		freeSpace: space,
		concurrency: config.concurrency,
		onEnded: () => void clean()
	});

	const probe = stand.probe ?? limited(PROBES, (path: string) => probeApart(path, limits, { log }));
	const router = new Router(log);
	const { epoch } = events;
	const prompting = new Prompting({ clips, engines: catalogue, pool: engines, config });
	addApi(router, {
		...{ clips, queue, prompting, paces, engines: catalogue, limits, version, epoch },
		freeSpace: space
	});
	addPhrasesApi(router, new PhraseReading({ engines: catalogue, pool: engines }));
	addTranslateApi(router, new Translating({ engines: catalogue, pool: engines }));
	const webModels = new WebModels({
		...{ store, log, cache: join(made, 'web') },
		stateOf: (model, look) => catalogue.handedOut(model, look)
	});
	addWeightsApi(router, webModels);
	const models = new ModelDownloads({
		store,
		hub: new Hub({ endpoint: config.hub, token: config.hubToken }),
		removeMade: async (model) => {
			await webModels.remove(model);
			await rm(join(made, model), { recursive: true, force: true });
		},
		log
	});
	addModelsApi(router, models);
	const tus = new TusEndpoint(new Router(log), { uploads, clips, limits, probe, freeSpace: space });
	const page = new StaticApp(stand.build ?? join(projectRoot, 'build'));
	const sockets = new EventsEndpoint(events);
	const refused = errorReply({ code: 'request-forbidden', params: {} });
	const service: Service = {
		handle: async (request) => {
			if (!isTrusted(request, config)) return refused;
			const answer = tus.handle(request) ?? router.handle(request);
			return answer ?? router.guard(request, () => pageReply(page, request));
		},
		connect: (request) => (isTrusted(request, config) ? sockets.connect(request) : refused)
	};

	const transport = await listenNear(service, config, log);
	const address = `http://${urlHost(config.host)}:${transport.port}`;
	await own(workspace, address, events.epoch);
	await clean();
	await queue.resume();
	const cleaning = setInterval(() => void clean(), HOUR);

	return {
		address,
		portMoved: config.port !== 0 && transport.port !== config.port,
		log,
		async close() {
			clearInterval(cleaning);
			const stopped = queue.close();
			engines.close();
			webModels.close();
			await Promise.all([stopped, models.close()]);
			sockets.close();
			transport.close();
			await disown(workspace, events.epoch);
		}
	};
}

/** What networks run on here; the log says why nothing better. */
async function findRuntime({ providers }: Config, log: Logger): Promise<RuntimeFacts> {
	const facts = await probeRuntime(providers, (line) => log.debug({ runtime: 'probe' }, line));
	log[facts.problem ? 'error' : 'info'](facts, 'networks run on');
	return facts;
}

/** Everything that is not under `/api` belongs to the page. */
async function pageReply(page: StaticApp, request: HttpRequest): Promise<Reply> {
	if (request.path === '/api' || request.path.startsWith('/api/')) {
		return errorReply({ code: 'not-found', params: {} });
	}
	if (request.method !== 'GET' && request.method !== 'HEAD') {
		return { status: 405, headers: { Allow: 'GET, HEAD' } };
	}
	return page.reply(request);
}

/** Listens on the port that was set or, where nobody asked for that one, on the next one that is free. */
async function listenNear(
	service: Service,
	{ host, port, portGiven }: Config,
	log: Logger
): Promise<Transport> {
	const last = portGiven ? port : port + 20;
	for (let tried = port; ; tried++) {
		try {
			return await listen(service, host, tried, log);
		} catch (error) {
			if (!(error instanceof PortInUseError) || tried >= last) throw error;
		}
	}
}

function urlHost(host: string): string {
	if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
	return host.includes(':') ? `[${host}]` : host;
}
