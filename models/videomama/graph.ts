import { Graph, type Scope, type Weights } from '../onnx/graph.ts';
import { add, clip, concat, mean, multiply, reshape, subtract } from '../onnx/operators/index.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import { attentionRoom, type VideoMaMaBuild } from './build.ts';
import { pictureDecoder } from './network/picture-decoder.ts';
import { pictureEncoder } from './network/picture-encoder.ts';
import { timeOf } from './network/time.ts';
import { unet } from './network/unet.ts';

export type { VideoMaMaBuild } from './build.ts';

export interface VideoMaMaGraphs {
	readonly encoder: GraphDefinition;
	readonly unet: GraphDefinition;
	readonly decoder: GraphDefinition;
}

/** Latents have an eighth of the pictures' sides, and four channels. */
const STRIDE = 8;
const CHANNELS = 4;

/**
 * VideoMaMa (CVPR 2026) as three graphs: what `VideoMaMaNetworks` says of each. Written after the behaviour of `VideoInferencePipeline`
 * (cvlab-kaist/VideoMaMa) over Stable Video Diffusion's networks (huggingface/diffusers): one step, without CLIP, whose answer upstream
 * replaces by zeros.
 *
 * @param weights the tensors of both official checkpoints, their names behind `unet.` and `vae.`
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildVideoMaMa(weights: Weights, build: VideoMaMaBuild): VideoMaMaGraphs {
	const { width, height, frames } = build;
	if (width % STRIDE || height % STRIDE || !Number.isInteger(frames) || frames < 1) {
		throw new RangeError(`VideoMaMa at ${width}x${height}, ${frames} frames`);
	}
	return {
		encoder: encoderGraph(weights, build),
		unet: unetGraph(weights, build),
		decoder: decoderGraph(weights, build)
	};
}

function encoderGraph(weights: Weights, build: VideoMaMaBuild): GraphDefinition {
	const { width, height } = build;
	const { graph, net } = begin('encoder', weights, build);
	const image = graph.input('image', 'float32', ['N', 3, height, width]);
	const pictures = subtract(multiply(image, 2), 1);
	// All else stands on these latents: what is rounded here is in each of them.
	const latent = pictureEncoder(net.in('vae').as('float32'), pictures, attentionRoom(build, 'open'));
	graph.output('latent', latent);
	return graph.define();
}

function unetGraph(weights: Weights, build: VideoMaMaBuild): GraphDefinition {
	const { frames, folded = true } = build;
	const { graph, net, rows, columns } = begin('unet', weights, build);
	const shape = [1, frames, CHANNELS, rows, columns];
	const inputs = ['noise', 'frames', 'masks'].map((name) =>
		reshape(graph.input(name, 'float32', shape), shape.slice(1))
	);
	const place = net.in('unet');
	const latents = unet(place, concat(inputs, 1), {
		...{ folded, heads: build.unet.num_attention_heads, room: attentionRoom(build, 'known') },
		time: timeOf(place, build.unet.addition_time_embed_dim, folded)
	});
	graph.output('latents', reshape(latents, shape));
	return graph.define();
}

function decoderGraph(weights: Weights, build: VideoMaMaBuild): GraphDefinition {
	const { graph, net, rows, columns } = begin('decoder', weights, build);
	const scaled = graph.input('latents', 'float32', ['N', CHANNELS, rows, columns]);
	const latents = multiply(scaled, 1 / build.vae.scaling_factor);
	const pictures = pictureDecoder(net.in('vae.decoder'), latents, attentionRoom(build, 'open'));
	if (build.trace) graph.output('pictures', pictures);
	graph.output('alpha', mean(clip(add(multiply(pictures, 0.5), 0.5), 0, 1), [1], true));
	return graph.define();
}

function begin(
	name: string,
	weights: Weights,
	{ width, height, precision }: VideoMaMaBuild
): { graph: Graph; net: Scope; rows: number; columns: number } {
	const graph = new Graph({ name: `videomama-${name}`, weights });
	return { graph, net: graph.scope(precision), rows: height / STRIDE, columns: width / STRIDE };
}
