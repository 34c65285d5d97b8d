/** A process of `probeRuntime` for tests, on a machine whose CUDA driver crashes. */
import type { RuntimeFacts } from '../engines/runtime-probe.ts';

if (process.argv.includes('cuda')) process.kill(process.pid, 'SIGSEGV');
const reasons: RuntimeFacts['reasons'] = [
	{ provider: 'cuda', code: 'provider-off', params: {} },
	{ provider: 'webgpu', code: 'webgpu-no-adapter', params: {} }
];
process.send!({ provider: 'cpu', reasons } satisfies RuntimeFacts);
