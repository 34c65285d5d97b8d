import { Graph, type Scope, type Value, type Weights } from '../onnx/graph.ts';
import { cast, reshape } from '../onnx/operators/index.ts';
import type { FloatType, Shape } from '../onnx/types.ts';

export interface MatAnyoneBuild {
	/** In pixels: multiples of 16, at least 30 squares of 16 x 16 together. */
	readonly height: number;
	readonly width: number;
	/** What most of the network computes in. Inputs, outputs, recurrences, summaries and the search in the memory stay float32. */
	readonly precision: FloatType;
	/** Gives out what each part of the network answers, too, as `trace.PART.NUMBER` in float32. */
	readonly trace?: boolean;
}

/** Channels of what graphs hand to each other, and the queries of the object transformer. */
export interface Sizes {
	readonly pixel: number;
	readonly key: number;
	readonly value: number;
	readonly queries: number;
	/** What the decoder takes at strides 8, 4 and 2. */
	readonly skip: readonly number[];
}

function sizesOf(net: Scope): Sizes {
	const outputs = (tensor: string) => net.shapeOf(tensor)[0]!;
	return {
		pixel: outputs('pix_feat_proj.weight'),
		key: outputs('key_proj.key_proj.weight'),
		value: outputs('mask_encoder.fuser.distributor.g_transform.weight'),
		queries: outputs('object_transformer.query_init.weight'),
		skip: [0, 1, 2].map((i) => outputs(`mask_decoder.decoder_feat_proc.transforms.${i}.weight`))
	};
}

/** What goes in and out of one of MatAnyone's graphs: float32, whatever the network computes in. */
export class Border {
	readonly graph: Graph;
	readonly net: Scope;
	readonly sizes: Sizes;

	constructor(
		name: string,
		weights: Weights,
		private readonly build: MatAnyoneBuild
	) {
		this.graph = new Graph({ name, weights });
		this.net = this.graph.scope(build.precision);
		this.sizes = sizesOf(this.net);
	}

	/** Pixels of 0 to 255. */
	rgb(): Value {
		return this.graph.input('rgb', 'uint8', [1, this.build.height, this.build.width, 3]);
	}

	/** A matte of 0 to 1: [1, 1, H, W]. */
	matte(name: string): Value {
		return this.take(name, [1, 1, this.build.height, this.build.width]);
	}

	/** A map of the image: [1, channels, H/stride, W/stride]. */
	map(name: string, channels: number, stride: number): Value {
		return this.take(name, [1, channels, this.build.height / stride, this.build.width / stride]);
	}

	/** A map of the target at stride 16, which comes as [1, 1, channels, h, w]: [1, channels, h, w]. */
	targetMap(name: string, channels: number): Value {
		const shape = [1, channels, this.build.height / 16, this.build.width / 16];
		return reshape(this.take(name, [1, ...shape]), shape);
	}

	take(name: string, shape: Shape): Value {
		return this.graph.input(name, 'float32', shape);
	}

	/** @param axes of size 1 that go before the value's own */
	give(name: string, value: Value, axes = 0): void {
		const shape = [...Array<number>(axes).fill(1), ...value.shape];
		this.graph.output(name, reshape(cast(value, 'float32'), shape));
	}

	/** Gives out what a part of the network answers, where that is asked for. */
	show(part: string, ...values: readonly Value[]): void {
		if (!this.build.trace) return;
		for (const [i, value] of values.entries()) this.give(`trace.${part}.${i}`, value);
	}
}
