import type { Scope, Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import { add, silu } from '../../onnx/operators/index.ts';
import { embed, embedNow, embeddingTensors, linearNow, siluNow, wavesOf } from './embedding.ts';

/** The step of the noise that the UNet is always told. */
const STEP = 1;
/** What it is told of every clip: frames a second, motion, and noise in the picture. */
const FACTS = [7, 127, 0];

/** What a residual block is told of the time. */
export interface Time {
	/** The bias of its first convolution. */
	bias(block: Scope): Value;
	/** What is to be added after that convolution, where the bias does not hold it already: [1, C]. */
	shift(block: Scope): Value | undefined;
}

/**
 * The time as the UNet's embeddings of the step and of the clip's facts tell it.
 * @param width how many numbers each fact becomes
 * @param folded into the biases, when the weights are written
 */
export function timeOf(unet: Scope, width: number, folded: boolean): Time {
	const step = wavesOf([STEP], unet.shapeOf('time_embedding.linear_1.weight')[1]!);
	const facts = wavesOf(FACTS, width);
	return folded ? foldedTime(unet, step, facts) : computedTime(unet, step, facts);
}

function computedTime(unet: Scope, step: Float32Array, facts: Float32Array): Time {
	const ofStep = embed(unet.in('time_embedding'), unet.constant(step, [1, step.length]));
	const ofFacts = embed(unet.in('add_embedding'), unet.constant(facts, [1, facts.length]));
	const embedding = silu(add(ofStep, ofFacts));
	return {
		bias: (block) => block.weight('conv1.bias'),
		shift: (block) => linear(block.in('time_emb_proj'), embedding)
	};
}

function foldedTime(unet: Scope, step: Float32Array, facts: Float32Array): Time {
	const embeddings = ['time_embedding', 'add_embedding'].flatMap((part) =>
		embeddingTensors.map((name) => `${part}.${name}`)
	);
	return {
		bias(block) {
			const path = block.path.slice(unet.path.length + 1);
			const own = ['time_emb_proj.weight', 'time_emb_proj.bias', 'conv1.bias'].map(
				(name) => `${path}.${name}`
			);
			return unet.derived(
				[...embeddings, ...own],
				'bias with time',
				block.shapeOf('conv1.bias'),
				(tensors) => {
					const ofStep = embedNow(step, tensors.slice(0, 4));
					const ofFacts = embedNow(facts, tensors.slice(4, 8));
					const [weight, shift, bias] = tensors.slice(8) as [Float32Array, Float32Array, Float32Array];
					const embedding = ofStep.map((value, i) => siluNow(value + ofFacts[i]!));
					return linearNow(embedding, weight, shift).map((value, i) => value + bias[i]!);
				}
			);
		},
		shift: () => undefined
	};
}
