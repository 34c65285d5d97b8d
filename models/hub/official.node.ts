import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { modelError } from '../errors.ts';
import type { FloatType } from '../onnx/types.ts';
import { readMarianConfig } from '../opus/open.node.ts';
import { standInFiles } from '../opus/stand-in-files.ts';
import type { ModelId } from '../registry.ts';
import { readSam3Config } from '../sam3/config.node.ts';
import { parseSam3Config } from '../sam3/config.ts';
import { tokenizerJson } from '../sam3/stand-in-tokenizer.ts';
import { checkVideoMaMa } from '../videomama/config.node.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';

/** A file of weights. */
export interface WeightsFile {
	readonly path: string;
	/** What the names of its tensors begin with in the checkpoint, where it is a part of one. */
	readonly prefix: string;
	readonly dtype: FloatType;
}

/** What is known of a model's files before they are here. */
interface OfficialFiles {
	/** The tensors of its weights. */
	readonly tensors: URL;
	/** Names of the files beside its weights that change what it answers. */
	readonly read: readonly string[];
	/** Its files of weights, as stand-in weights are written: one in float32 when left out. */
	readonly weights?: readonly WeightsFile[];
	/** What lies beside stand-in weights, by the files' names. */
	beside?(): Promise<Readonly<Record<string, string | Uint8Array>>>;
	/** Looks at what lies beside the weights in a folder. @throws CodedError */
	check?(folder: string): Promise<unknown>;
}

const file = (path: string) => new URL(`../${path}`, import.meta.url);
const matAnyone: OfficialFiles = { tensors: file('matanyone/tensors.json'), read: [] };
const official: Record<ModelId, OfficialFiles> = {
	matanyone2: matAnyone,
	matanyone: matAnyone,
	sam3: {
		tensors: file('sam3/tensors.json'),
		read: ['config.json', 'tokenizer.json'],
		beside: async () => {
			const config = await readFile(file('sam3/config.full.json'), 'utf8');
			const { bos_token_id, eos_token_id } = parseSam3Config(JSON.parse(config)).detector_config.text_config;
			const tokenizer = tokenizerJson([], bos_token_id, eos_token_id);
			return { 'config.json': config, 'tokenizer.json': JSON.stringify(tokenizer) };
		},
		check: readSam3Config
	},
	videomama: {
		tensors: file('videomama/tensors.json'),
		read: ['unet/config.json', 'vae/config.json'],
		weights: [
			{ path: 'unet/diffusion_pytorch_model.safetensors', prefix: 'unet.', dtype: 'float32' },
			{ path: 'vae/diffusion_pytorch_model.fp16.safetensors', prefix: 'vae.', dtype: 'float16' }
		],
		beside: async () => ({
			'unet/config.json': await readFile(file('videomama/unet.full.json'), 'utf8'),
			'vae/config.json': await readFile(file('videomama/vae.full.json'), 'utf8')
		}),
		check: checkVideoMaMa
	},
	'opus-mt-zh-en': {
		tensors: file('opus/tensors.json'),
		read: ['config.json', 'source.spm', 'vocab.json'],
		beside: async () => standInFiles(await readFile(file('opus/config.full.json'), 'utf8')),
		check: readMarianConfig
	}
};

const tensorList = z.object({
	/** (base, amplitude) of stand-in weights for which the formula's rule is not good enough; names as those of `shapes`. */
	override: z.record(z.string(), z.tuple([z.number(), z.number()])).transform(expandNames),
	/** Tensors that have the same stand-in weights as another: by their names, the other's. */
	tied: z.record(z.string(), z.string()).optional(),
	/** By names; those that differ in a part only are written as a shell expands braces: `layers.{0..31}.{q,k,v}.weight`. */
	shapes: z.record(z.string(), z.array(z.number().int().positive())).transform(expandNames)
});
export type TensorList = z.infer<typeof tensorList>;

/** The tensors of a model's checkpoint. */
export async function tensorsOf(model: ModelId): Promise<TensorList> {
	return tensorList.parse(JSON.parse(await readFile(official[model].tensors, 'utf8')));
}

/** Names of the files beside a model's weights that change what it answers. */
export function filesBeside(model: ModelId): readonly string[] {
	return official[model].read;
}

/** The files of a model's weights, as stand-in weights are written. */
export function weightsFilesOf(model: ModelId): readonly WeightsFile[] {
	return official[model].weights ?? [{ path: 'model.safetensors', prefix: '', dtype: 'float32' }];
}

/** What lies beside a model's stand-in weights, by the files' names. */
export async function besideStandIn(model: ModelId): Promise<Readonly<Record<string, string | Uint8Array>>> {
	return (await official[model].beside?.()) ?? {};
}

/**
 * Checks what lies beside a model's weights, as far as the model needs it.
 * @throws CodedError `weights-other`, `weights-damaged`, `model-damaged`
 */
export async function checkBeside(model: ModelId, folder: string): Promise<void> {
	await official[model].check?.(folder);
}

/**
 * Compares the names and shapes of a checkpoint with those of the model that it should be.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function checkTensors(checkpoint: Checkpoint, { shapes }: TensorList): void {
	for (const [tensor, shape] of Object.entries(shapes)) {
		const stored = checkpoint.tensors.get(tensor);
		if (!stored) throw modelError('weights-missing', { tensor });
		const [expected, found] = [shape, stored.shape].map((each) => `[${each.join(',')}]`);
		if (expected !== found) throw modelError('weights-shape', { tensor, expected: expected!, found: found! });
	}
}

function expandNames<T>(byName: Readonly<Record<string, T>>): Record<string, T> {
	return Object.fromEntries(
		Object.entries(byName).flatMap(([pattern, value]) => expandBraces(pattern).map((name) => [name, value]))
	);
}

/** `a{0..2}b{x,y}` → a0bx, a0by, a1bx, …. */
function expandBraces(pattern: string): string[] {
	const match = /^(.*?)\{([^}]*)\}(.*)$/.exec(pattern);
	if (!match) return [pattern];
	const [, before, braces, after] = match as unknown as [string, string, string, string];
	const [first, last] = braces.split('..').map(Number) as [number, number?];
	const choices =
		last === undefined ? braces.split(',') : Array.from({ length: last - first + 1 }, (_, i) => first + i);
	return choices.flatMap((choice) => expandBraces(after).map((rest) => `${before}${choice}${rest}`));
}
