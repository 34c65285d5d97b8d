import { CodedError } from '../errors.ts';
import type { StoredTensor } from '../weights/checkpoint.ts';
import { elements, sameShape, shapeText } from './dims.ts';
import type {
	Attribute,
	ConstantData,
	DType,
	FloatType,
	GraphDefinition,
	GraphNode,
	Initializer,
	InitializerSource,
	Port,
	Shape
} from './types.ts';

/** A network was written down wrongly: names the module and the shapes. A defect of ours, never of the user's. */
export class GraphError extends Error {
	override readonly name = 'GraphError';
}

/** One tensor on its way through a graph. Its shape and type are known while the graph is written. */
export interface Value extends Port {
	readonly graph: Graph;
	/** Its numbers, where they are known already; float types in float32. */
	readonly data?: ConstantData;
}

/** What a graph needs to know of the weights: which there are, and their shapes. */
export type Weights = ReadonlyMap<string, Pick<StoredTensor, 'dtype' | 'shape'>>;

export interface GraphOptions {
	readonly name: string;
	readonly weights: Weights;
	/** The version of ONNX's operators, 21 unless told otherwise; `Attention` needs 23. */
	readonly opset?: number;
}

/** The nodes that are being written: those of the graph itself, or of a branch. */
interface Block {
	readonly nodes: GraphNode[];
}

/** A graph while it is written: operators (`operators/`) and layers (`layers.ts`) add to it, `define` ends it. */
export class Graph {
	readonly name: string;
	readonly weights: Weights;
	readonly opset: number;
	readonly #inputs: Port[] = [];
	readonly #outputs: Port[] = [];
	readonly #initializers = new Map<string, { initializer: Initializer; value: Value }>();
	readonly #counts = new Map<string, number>();
	#block: Block = { nodes: [] };
	#module = '';

	constructor({ name, weights, opset = 21 }: GraphOptions) {
		this.name = name;
		this.weights = weights;
		this.opset = opset;
	}

	input(name: string, dtype: DType, shape: Shape): Value {
		this.#inputs.push({ name, dtype, shape });
		return { graph: this, name, dtype, shape };
	}

	/** Gives a value to the outside under a name. */
	output(name: string, value: Value): void {
		this.#block.nodes.push({
			...{ op: 'Identity', domain: '', name, inputs: [value.name], outputs: [name], attributes: {} }
		});
		this.#outputs.push({ name, dtype: value.dtype, shape: value.shape });
	}

	/** The root of the network's names, computing in a precision. */
	scope(precision: FloatType = 'float32'): Scope {
		return new Scope(this, '', precision);
	}

	/** Numbers that are known now. `float16` is rounded when the graph is written to a file. */
	constant(data: ConstantData, shape: readonly number[], dtype: DType = typeOf(data)): Value {
		if (data.length !== elements(shape))
			throw this.error(`${data.length} numbers do not make ${shapeText(shape)}`);
		return { ...this.#initializer(this.#fresh('constant'), dtype, shape, { kind: 'inline', data }), data };
	}

	/** A scalar of a value's type. */
	scalar(value: number, dtype: DType): Value {
		if (dtype === 'int64') return this.constant(BigInt64Array.of(BigInt(value)), []);
		if (dtype === 'int32') return this.constant(Int32Array.of(value), []);
		if (dtype === 'uint8' || dtype === 'bool') return this.constant(Uint8Array.of(value), [], dtype);
		return this.constant(Float32Array.of(value), [], dtype);
	}

	/** A tensor that is carried along; asked for again by the same name and type, it is the same value. */
	initializer(name: string, dtype: DType, shape: readonly number[], source: InitializerSource): Value {
		return this.#initializer(`${name}:${dtype}`, dtype, shape, source);
	}

	/**
	 * Adds one node.
	 * @param inputs undefined stands for an optional input that is left out
	 * @param outputs type and shape of each output
	 */
	node(
		op: string,
		inputs: readonly (Value | undefined)[],
		outputs: readonly { readonly dtype: DType; readonly shape: Shape }[],
		attributes: Readonly<Record<string, Attribute>> = {},
		domain: GraphNode['domain'] = ''
	): Value[] {
		const name = this.#fresh(this.#module ? `${this.#module}/${op}` : op);
		const values = outputs.map(({ dtype, shape }, index) => ({
			...{ graph: this, dtype, shape },
			name: index === 0 ? name : `${name}.${index}`
		}));
		this.#block.nodes.push({
			...{ op, domain, name, attributes },
			inputs: withoutTail(inputs.map((value) => value?.name ?? '')),
			outputs: values.map((value) => value.name)
		});
		return values;
	}

	/** Writes a branch: nodes that run only when their `If` chooses them. What was written before is visible in it. */
	branch(name: string, write: () => readonly Value[]): GraphDefinition {
		const outer = this.#block;
		this.#block = { nodes: [] };
		try {
			// A branch may not hand out a value of the outer graph itself.
			const outputs = write().map(
				(value) => this.node('Identity', [value], [{ dtype: value.dtype, shape: value.shape }])[0]!
			);
			const { nodes } = needed(this.#block.nodes, outputs);
			return { name, opset: this.opset, inputs: [], outputs, nodes, initializers: [] };
		} finally {
			this.#block = outer;
		}
	}

	/** Writes part of the network under a module's name, for messages and profiles. */
	within<T>(module: string, write: () => T): T {
		const outer = this.#module;
		this.#module = module;
		try {
			return write();
		} finally {
			this.#module = outer;
		}
	}

	/** The finished graph: what its outputs need, and no more. */
	define(): GraphDefinition {
		const { nodes, used } = needed(this.#block.nodes, this.#outputs);
		return {
			...{ name: this.name, opset: this.opset, inputs: this.#inputs, outputs: this.#outputs, nodes },
			initializers: [...this.#initializers.values()]
				.map(({ initializer }) => initializer)
				.filter(({ name }) => used.has(name))
		};
	}

	/** An error that names the module that is being written. */
	error(words: string): GraphError {
		return new GraphError([this.name, this.#module, words].filter(Boolean).join(': '));
	}

	#initializer(name: string, dtype: DType, shape: readonly number[], source: InitializerSource): Value {
		const known = this.#initializers.get(name);
		if (known) {
			if (!sameShape(known.value.shape, shape)) throw this.error(`${name} is used in two shapes`);
			return known.value;
		}
		const value = { graph: this, name, dtype, shape };
		this.#initializers.set(name, { initializer: { name, dtype, shape, source }, value });
		return value;
	}

	#fresh(name: string): string {
		const count = this.#counts.get(name) ?? 0;
		this.#counts.set(name, count + 1);
		return count === 0 ? name : `${name}_${count}`;
	}
}

/** A place in the network, with the checkpoint's name for it, and the precision in which it computes. */
export class Scope {
	constructor(
		readonly graph: Graph,
		/** Names of tensors begin with it. */
		readonly path: string,
		readonly precision: FloatType
	) {}

	/** A part of this one: `net.in('layer1.0.conv1')`. */
	in(name: string | number): Scope {
		return new Scope(this.graph, this.#name(String(name)), this.precision);
	}

	/** The same place, computing in another precision. */
	as(precision: FloatType): Scope {
		return new Scope(this.graph, this.path, precision);
	}

	/** Whether the checkpoint has a tensor here. */
	has(name: string): boolean {
		return this.graph.weights.has(this.#name(name));
	}

	/** The stored shape of a tensor. @throws CodedError `weights-missing` */
	shapeOf(name: string): readonly number[] {
		const tensor = this.#name(name);
		const stored = this.graph.weights.get(tensor);
		if (!stored) throw new CodedError('weights-missing', { tensor });
		return stored.shape;
	}

	/**
	 * A tensor of the checkpoint, in this place's precision.
	 * @param shape what it must be; left out, any shape is taken
	 * @throws CodedError `weights-missing`, `weights-shape`
	 */
	weight(name: string, shape?: readonly number[]): Value {
		const found = this.shapeOf(name);
		const tensor = this.#name(name);
		if (shape && !sameShape(shape, found)) {
			throw new CodedError('weights-shape', {
				...{ tensor, expected: shapeText(shape), found: shapeText(found) }
			});
		}
		return this.graph.initializer(tensor, this.precision, found, { kind: 'tensor', tensor });
	}

	/**
	 * A tensor computed from tensors of the checkpoint when the weights are written, for example two layers merged into one.
	 * @param names of the tensors here
	 * @param key names the computation: the same key over the same tensors means the same numbers
	 */
	derived(
		names: readonly string[],
		key: string,
		shape: readonly number[],
		derive: (tensors: readonly Float32Array[]) => Float32Array
	): Value {
		for (const name of names) this.shapeOf(name);
		const tensors = names.map((name) => this.#name(name));
		const name = `${key}(${tensors.join(',')})`;
		return this.graph.initializer(name, this.precision, shape, {
			...{ kind: 'derived', tensors, key: name, derive }
		});
	}

	/**
	 * A matrix [N, K] of the checkpoint in blocks of 4 bits, for `matmulInBlocks`.
	 * @param blockSize a power of two, 16 to 128
	 */
	blocks(name: string, blockSize: number): { codes: Value; scales: Value } {
		const [rows, columns] = this.shapeOf(name) as [number, number];
		const count = Math.ceil(columns / blockSize);
		const tensor = this.#name(name);
		const part = (part: 'codes' | 'scales', dtype: DType, shape: readonly number[]) =>
			this.graph.initializer(`${tensor}/${part}/${blockSize}`, dtype, shape, {
				...{ kind: 'blocks', tensor, blockSize, part }
			});
		return {
			codes: part('codes', 'uint8', [rows, count, blockSize / 2]),
			scales: part('scales', this.precision, [rows, count])
		};
	}

	/** Numbers that are known now, in this place's precision. */
	constant(data: Float32Array, shape: readonly number[]): Value {
		return this.graph.constant(data, shape, this.precision);
	}

	#name(name: string): string {
		return this.path ? `${this.path}.${name}` : name;
	}
}

/** Makes a part of a network out of a function: what it writes carries the place's name in messages and profiles. */
export function module<Arguments extends readonly unknown[], Result>(
	write: (net: Scope, ...args: Arguments) => Result
): (net: Scope, ...args: Arguments) => Result {
	return (net, ...args) => net.graph.within(net.path, () => write(net, ...args));
}

function typeOf(data: ConstantData): DType {
	if (data instanceof Float32Array) return 'float32';
	if (data instanceof BigInt64Array) return 'int64';
	return data instanceof Int32Array ? 'int32' : 'uint8';
}

/** The nodes that these outputs need, in order, and the names of everything that they read. */
function needed(nodes: readonly GraphNode[], outputs: readonly Port[]) {
	const used = new Set(outputs.map(({ name }) => name));
	const kept: GraphNode[] = [];
	for (const node of nodes.toReversed()) {
		if (!node.outputs.some((name) => used.has(name))) continue;
		kept.push(node);
		for (const name of everyInput(node)) used.add(name);
	}
	return { nodes: kept.toReversed(), used };
}

/** Names without those left out at the end: ONNX Runtime's WebGPU counts inputs and takes an empty name for one that is there. */
function withoutTail(names: readonly string[]): string[] {
	return names.slice(0, names.findLastIndex((name) => name !== '') + 1);
}

function everyInput({ inputs, attributes }: GraphNode): string[] {
	const inner = Object.values(attributes).flatMap((attribute) =>
		typeof attribute === 'object' && 'graph' in attribute ? attribute.graph.nodes.flatMap(everyInput) : []
	);
	return [...inputs, ...inner];
}
