/** The process of `probeRuntime`: starts the best of the providers that it is given, tells of it, and ends. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { providers } from '../../models/provider.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import type { RuntimeFacts } from './runtime-probe.ts';

process.on('disconnect', () => process.exit());

const allowed = z.array(z.enum(providers)).parse(process.argv.slice(2));
const { provider, reasons } = await createNodeRuntime({ providers: [...allowed, 'cpu'] });
const facts: RuntimeFacts = {
	...{ provider, reasons: [...reasons] },
	deviceMemory: provider === 'cuda' ? await cudaMemory() : undefined
};
process.send!(facts);

/** Bytes of the first card's memory, as NVIDIA's driver says. */
async function cudaMemory(): Promise<number | undefined> {
	const query = ['--query-gpu=memory.total', '--format=csv,noheader,nounits', '--id=0'];
	const { stdout } = await promisify(execFile)('nvidia-smi', query).catch(() => ({ stdout: '' }));
	const mebibytes = Number.parseInt(stdout, 10);
	return mebibytes > 0 ? mebibytes * 2 ** 20 : undefined;
}
