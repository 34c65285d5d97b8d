import { createWebRuntime, type WebRuntimeOptions } from '../../../models/runtime.web.ts';
import { expose } from '../../../workers/rpc.ts';

const api = {
	/** Which provider a browser gets. */
	async start(options: WebRuntimeOptions) {
		const { provider, reasons, half } = await createWebRuntime(options);
		return { provider, reasons, half };
	}
};
export type NetworksApi = typeof api;

expose(api);
