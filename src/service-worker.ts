/// <reference lib="webworker" />
import { version } from '$service-worker';
import type { InstallFailed, KeepProblem, PageMessage, Standing } from '$lib/offline/messages.ts';
import { replyFrom } from '$lib/offline/ranges.ts';
import { dropOutdated, findOnDemand, keepUsed, type OnDemandFiles } from '$lib/offline/on-demand-cache.ts';
import { keptPath } from '$lib/offline/routing.ts';
import {
	cacheName,
	findFile,
	isShell,
	keepProblem,
	keepShell,
	unusedCaches,
	type Shell
} from '$lib/offline/shell-cache.ts';

/**
 * Keeps the page and all that it runs, so that it starts without a network; large files that only some need, once they were used. The
 * build adds `files` and `later` (scripts/offline-files.mjs).
 */
const worker = self as unknown as ServiceWorkerGlobalScope & Pick<Shell, 'files'> & { later: OnDemandFiles };
const shell: Shell = { version, files: worker.files };

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
	const path = keptPath(event.request, location.origin);
	if (path !== undefined) event.respondWith(reply(event.request, path));
});

worker.addEventListener('message', (event) => {
	const { type } = event.data as PageMessage;
	if (type === 'activate') event.waitUntil(worker.skipWaiting());
	else event.waitUntil(check(event.ports[0]!));
});

async function reply(request: Request, path: string): Promise<Response> {
	const kept =
		(await findFile(path, shell, caches)) ?? (await findOnDemand(path, worker.later, caches, fetch));
	return kept ? replyFrom(kept, request) : fetch(request);
}

/** All or nothing: while this fails, the version that is there goes on as if nothing had happened. */
async function install(): Promise<void> {
	const problem = await alone(async () => {
		// Without a version at work, what others have left is only in the way.
		if (!worker.registration.active) await sweep();
		return keep();
	});
	if (!problem) return;
	if (problem === 'storage-full') await caches.delete(cacheName(version));
	const message: InstallFailed = { type: 'install-failed', problem };
	for (const page of await pages()) page.postMessage(message);
	throw new Error(`this version could not be kept: ${problem}`);
}

/** Gets back what the browser has removed, answers how things stand, and removes what no page needs any more. */
async function check(port: MessagePort): Promise<void> {
	const standing: Standing = { version, problem: await keep() };
	port.postMessage(standing);
	await alone(async () => {
		const { installing, waiting } = worker.registration;
		if (!installing && !waiting) await sweep();
	});
}

async function keep(): Promise<KeepProblem | undefined> {
	try {
		await keepShell(shell, caches, fetch);
		await keepUsed(worker.later, caches, fetch);
		return undefined;
	} catch (error) {
		console.warn(error);
		return keepProblem(error);
	}
}

async function sweep(): Promise<void> {
	const names = await caches.keys();
	const open = (await pages()).length;
	const held = (await navigator.locks.query()).held!.map(({ name }) => name!);
	const unused = unusedCaches(names, version, open, held);
	await Promise.all(unused.map((name) => caches.delete(name)));
	if ((await caches.keys()).filter(isShell).length === 1) await dropOutdated(worker.later, caches);
}

function pages(): Promise<readonly WindowClient[]> {
	return worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

/** Not while another version is being installed: what it has just kept would go. */
function alone<T>(work: () => Promise<T>): Promise<T> {
	return navigator.locks.request('offline files', work);
}
