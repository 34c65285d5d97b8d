import { z } from 'zod';
import type { Weights } from '../onnx/graph.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { toFloat32 } from '../weights/convert.ts';
import type { Overrides } from '../weights/stand-in.ts';

/**
 * What a model's public implementation computed with stand-in weights: a safetensors file with a tensor for each answer, and in its
 * metadata the shapes of all weights (`weights/stand-in.ts` makes them) and how it was computed.
 */
export interface ParityFile {
	/** The model's name, which decides how the answers are computed again. */
	readonly model: string;
	/** What was computed by, for messages. */
	readonly source: string;
	readonly metadata: Readonly<Record<string, string>>;
	/** What the checkpoint's `config.json` would say; absent for a model that has none. */
	readonly config?: unknown;
	/** Names of all answers. */
	readonly names: readonly string[];
	readonly weights: ParityWeights;
	/** Numbers of an answer, flattened; undefined where the file has none of that name. */
	read(name: string): Promise<Float32Array | undefined>;
}

/** The weights that it was computed with, for `writeStandIn`. */
export interface ParityWeights {
	readonly shapes: Readonly<Record<string, readonly number[]>>;
	readonly gain: number;
	readonly override: Overrides;
	readonly tied: Readonly<Record<string, string>>;
	/** As a checkpoint tells of them. */
	readonly tensors: Weights;
}

const metadataSchema = z.looseObject({
	model: z.string(),
	source: z.string(),
	gain: z.coerce.number(),
	shapes: json(z.record(z.string(), z.array(z.number()))),
	override: json(z.record(z.string(), z.tuple([z.number(), z.number()]))),
	/** The name under which the values of all tensors in `override` are made; each under its own when left out. */
	override_name: z.string().optional(),
	config: json(z.unknown()).optional()
});

/** Text that holds JSON of a schema. */
function json<T extends z.ZodType>(schema: T) {
	return z
		.string()
		.transform((text): unknown => JSON.parse(text))
		.pipe(schema);
}

/** Reads an opened safetensors file as a parity file. @throws ZodError when its metadata are not those of one */
export function parityFile(file: Checkpoint): ParityFile {
	const { model, source, gain, shapes, override, override_name, config } = metadataSchema.parse(
		file.metadata
	);
	const tied = Object.fromEntries(
		override_name === undefined ? [] : Object.keys(override).map((name) => [name, override_name])
	);
	const tensors = new Map(
		Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F32' as const, shape }])
	);
	return {
		...{ model, source, metadata: file.metadata, config },
		weights: { shapes, gain, override, tied, tensors },
		names: [...file.tensors.keys()],
		async read(name) {
			const tensor = file.tensors.get(name);
			if (!tensor) return undefined;
			const bytes = await file.read(name);
			if (tensor.dtype === 'I32') return Float32Array.from(new Int32Array(bytes.slice().buffer));
			return tensor.dtype === 'F32' ? toFloat32(bytes, tensor.dtype) : Float32Array.from(bytes);
		}
	};
}
