import { findAdapter, problemOfAdapter } from '../../models/adapter.web.ts';
import { CodedError, modelError } from '../../models/errors.ts';
import type { WebRuntime } from '../../models/runtime.web.ts';
import { parseSam3Config, type Sam3Config } from '../../models/sam3/config.ts';
import { chooseInput, inputSizes, type InputChoice } from '../../models/sam3/input-sizes.ts';
import { segmenterInfo } from '../../models/segmenters.ts';
import { KeptModels } from '../models/kept-models.ts';
import { openPhrases } from './phrases.ts';
import type { OpenedSegmenter } from './segmenting.ts';
import type { OpenStage, Sam3Wish } from './types.ts';

/**
 * Opens SAM 3 over the weights that this browser keeps.
 * @throws CodedError as `SegmentApi.openSam3`
 */
export async function openSam3(
	wish: Sam3Wish,
	onStage: (stage: OpenStage) => void
): Promise<OpenedSegmenter> {
	const kept = await (await KeptModels.open())?.find('sam3');
	if (!kept) throw modelError('weights-absent', { file: 'SAM 3' });
	const { about, weights } = kept;
	const config = parseSam3Config(about.config);
	onStage('runtime');
	if (wish.provider === 'webgpu' && !wish.anySpeed) await requireGraphicsCard();
	// Only who computes with it loads ONNX Runtime.
	const [{ createWebRuntime }, { openSam3Web }] = await Promise.all([
		import('../../models/runtime.web.ts'),
		import('../../models/sam3/networks.web.ts')
	]);
	const runtime = await createWebRuntime({ providers: wish.provider && [wish.provider] });
	const { size, precision, reasons: larger, milliseconds } = await choose(runtime, config, wish);
	onStage('networks');
	const segmenter = await openSam3Web({
		...{ runtime, about, weights, size, precision },
		phrases: openPhrases(about, runtime)
	}).catch((error: unknown) => {
		throw withSmaller(error, inputSizes(config), size);
	});
	const { id, prompts, refines, concepts } = segmenterInfo('sam3');
	return {
		segmenter,
		info: {
			...{ engine: id, prompts, refines, concepts, standIn: about.standIn, weights: about.weights },
			setup: { provider: runtime.provider, size, precision },
			sizes: inputSizes(config),
			half: runtime.half,
			encodeMilliseconds: milliseconds(size),
			reasons: runtime.reasons,
			larger
		},
		frameBytes: () => featureBytes(config, size)
	};
}

/** @throws CodedError `webgpu-no-adapter`, and `webgpu-software` for a program that plays a graphics card */
async function requireGraphicsCard(): Promise<void> {
	const problem = problemOfAdapter(await findAdapter(), { programs: false });
	if (problem) throw new CodedError(problem);
}

/** Memory that is short for one input size may do for the next smaller one, which the error names. */
function withSmaller(error: unknown, sizes: readonly number[], size: number): unknown {
	if (!(error instanceof CodedError) || error.code !== 'out-of-memory') return error;
	const smaller = sizes.find((other) => other < size);
	return smaller === undefined ? error : modelError('out-of-memory', { smaller }, { cause: error });
}

/** The input that is wished for as far as this machine can do it, by its limits and a short measurement. */
async function choose(
	runtime: WebRuntime,
	config: Sam3Config,
	{ size, precision, anySpeed }: Sam3Wish
): Promise<InputChoice & { milliseconds(size: number): number }> {
	const { estimateEncoding } = await import('./trial.ts');
	const milliseconds = await estimateEncoding(runtime, config);
	const { provider, half, adapter } = runtime;
	const smallest = inputSizes(config).at(-1)!;
	const choice = chooseInput(config, {
		...{ provider, size, anySpeed },
		half: half && precision !== 'float32',
		limits: provider === 'webgpu' ? adapter?.limits : undefined,
		trial: { size: smallest, milliseconds: milliseconds(smallest) }
	});
	if ('code' in choice) throw new CodedError(choice.code, choice.params);
	return { ...choice, milliseconds };
}

/** Bytes of what the vision encoder sees in a frame, in float32: three levels for each half, the tracker's finer ones of fewer channels. */
function featureBytes({ detector_config }: Sam3Config, size: number): number {
	const { backbone_config, fpn_hidden_size: channels } = detector_config.vision_config;
	const cells = (size / backbone_config.patch_size) ** 2;
	return 4 * cells * channels * (16 + 4 + 1 + 16 / 8 + 4 / 4 + 1);
}
