import { once } from 'node:events';
import { z } from 'zod';
import type { Provider } from '../../models/provider.ts';
import { errorBody } from '../protocol/errors.ts';
import { runtimeStatus } from '../protocol/schema.ts';
import { forkModule } from './child.ts';

/** What networks run on, and how much memory that has. */
export const runtimeFacts = runtimeStatus.extend({
	/** Bytes of the graphics card's memory; absent where nothing tells. */
	deviceMemory: z.number().optional(),
	/** Why not even the CPU computes. */
	problem: errorBody.optional()
});
export type RuntimeFacts = z.infer<typeof runtimeFacts>;

const probeProcess = new URL('./runtime-probe-process.ts', import.meta.url);
/** Milliseconds after which a process that says nothing hangs. */
const PATIENCE = 60_000;

/**
 * Finds out what networks can run on here. A process of its own tries, so that nothing stays loaded, and a driver that crashes takes
 * nothing along.
 * @param allowed the providers that may be used; the CPU always may
 * @param onLine gets every line that the runtime prints
 * @param host the module that runs in the process
 * @returns facts in any case: what needs no network runs where nothing computes, too
 */
export async function probeRuntime(
	allowed: readonly Provider[],
	onLine: (line: string) => void,
	host = probeProcess
): Promise<RuntimeFacts> {
	const probe = (providers: readonly Provider[]) => ask(host, providers, onLine);
	try {
		return await probe(allowed);
	} catch (error) {
		if (!allowed.includes('cuda')) return broken(error);
		const facts = await probe(allowed.filter((provider) => provider !== 'cuda')).catch(broken);
		const crash = { code: 'provider-failed', params: { problem: (error as Error).message } } as const;
		const reasons = facts.reasons.map((reason) =>
			reason.provider === 'cuda' ? { ...reason, ...crash } : reason
		);
		return { ...facts, reasons };
	}
}

function broken(error: unknown): RuntimeFacts {
	const params = { provider: 'cpu', problem: (error as Error).message };
	return { provider: 'cpu', reasons: [], problem: { code: 'provider-failed', params } };
}

async function ask(
	host: URL,
	allowed: readonly Provider[],
	onLine: (line: string) => void
): Promise<RuntimeFacts> {
	const child = forkModule(host, allowed, onLine);
	const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
	try {
		const answer = once(child, 'message').then(([facts]) => runtimeFacts.parse(facts));
		const end = once(child, 'exit').then(([code, signal]) => {
			throw new Error(`the runtime ended with ${signal ?? code}`);
		});
		return await Promise.race([answer, end]);
	} finally {
		clearTimeout(timer);
		child.kill('SIGKILL');
	}
}
