import { Graph, type Scope, type Value, type Weights } from '../onnx/graph.ts';
import { cast, reshape } from '../onnx/operators/index.ts';
import type { FloatType, Shape } from '../onnx/types.ts';

export interface MatAnyoneBuild {
	/** In pixels: a multiple of 16, at least 32. */
	readonly height: number;
	readonly width: number;
	/** What most of the network computes in. Inputs, outputs, recurrences, summaries and the search in the memory stay float32. */
	readonly precision: FloatType;
	/** Gives out what each part of the network answers, too, as `trace.PART.NUMBER` in float32. */
	readonly trace?: boolean;
}

/** What goes in and out of one of MatAnyone's graphs: float32, whatever the network computes in. */
export class Border {
	readonly graph: Graph;
	readonly net: Scope;
	/** Channels, and queries of the object transformer. */
	readonly sizes: {
		readonly pixel: number;
		readonly key: number;
		readonly value: number;
		readonly queries: number;
	};

	constructor(
		name: string,
		weights: Weights,
		private readonly build: MatAnyoneBuild
	) {
		this.graph = new Graph({ name, weights });
		this.net = this.graph.scope(build.precision);
		const first = (tensor: string) => this.net.shapeOf(tensor)[0]!;
		this.sizes = {
			pixel: first('pix_feat_proj.weight'),
			key: first('key_proj.key_proj.weight'),
			value: first('mask_encoder.fuser.distributor.g_transform.weight'),
			queries: first('object_transformer.query_init.weight')
		};
	}

	/** Pixels of 0 to 255. */
	rgb(): Value {
		return this.graph.input('rgb', 'uint8', [1, this.build.height, this.build.width, 3]);
	}

	/** A matte of 0 to 1: [1, 1, H, W]. */
	matte(name: string): Value {
		return this.take(name, [1, 1, this.build.height, this.build.width]);
	}

	/** A map at stride 16: [1, channels, h, w]. */
	map(name: string, channels: number): Value {
		return this.take(name, [1, channels, this.build.height / 16, this.build.width / 16]);
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
