import { findAdapter } from '../../models/adapter.web.ts';
import { parseSam3Config } from '../../models/sam3/config.ts';
import { inputSizes } from '../../models/sam3/input-sizes.ts';
import { KeptModels } from '../models/kept-models.ts';
import { expose } from '../rpc.ts';
import { openSam3 } from '../segment/sam3.ts';
import { measureSegmenter } from './measure.ts';
import type { BenchmarkApi } from './types.ts';

expose({
	async look() {
		const kept = await (await KeptModels.open())?.find('sam3');
		return {
			adapter: await findAdapter(),
			threads: crossOriginIsolated ? navigator.hardwareConcurrency : 1,
			isolated: crossOriginIsolated,
			sizes: kept && inputSizes(parseSam3Config(kept.about.config)),
			standIn: kept?.about.standIn ?? false
		};
	},
	async prove(provider) {
		const { createWebRuntime } = await import('../../models/runtime.web.ts');
		const start = performance.now();
		await createWebRuntime({ providers: [provider] });
		return performance.now() - start;
	},
	async measure(setup, onStage) {
		const start = performance.now();
		const { segmenter } = await openSam3({ ...setup, anySpeed: true }, onStage);
		return measureSegmenter(segmenter, performance.now() - start, onStage);
	}
} satisfies BenchmarkApi);
