import { connect } from '../../../workers/rpc.ts';
import { measureClicks } from './drawn-clicks.ts';
import type { NetworksApi } from './worker.ts';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

declare global {
	/** What the tests call. */
	var networks: ReturnType<typeof connect<NetworksApi>> & { readonly measureClicks: typeof measureClicks };
}

globalThis.networks = Object.assign(connect<NetworksApi>(worker), { measureClicks });
