import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { add, cast, multiply, sigmoid, transpose } from '../../onnx/operators/index.ts';
import { bottleneck, maxPool, stage, stem } from './resnet.ts';

/** The means and deviations of ImageNet's colours, in which the network was trained. */
const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

/** Pixels [1, H, W, 3] of 0 to 255 as the network takes them: [1, 3, H, W], normalised. */
export function normalisedImage(net: Scope, rgb: Value): Value {
	const scale = net.as('float32').constant(
		Float32Array.from(deviation, (d) => 1 / (255 * d)),
		[3, 1, 1]
	);
	const offset = net.as('float32').constant(
		Float32Array.from(mean, (m, c) => -m / deviation[c]!),
		[3, 1, 1]
	);
	const pixels = cast(transpose(rgb, [0, 3, 1, 2]), 'float32');
	return cast(add(multiply(pixels, scale), offset), net.precision);
}

/** Maps of an image that skip the deeper layers, to the decoder: [1, C, H/s, W/s], where the number is the stride s. */
export interface SkipFeatures {
	/** 512 channels as the encoder makes them, 256 as the decoder takes them. */
	readonly f8: Value;
	/** 256, then 128. */
	readonly f4: Value;
	/** 64, then 128. */
	readonly f2: Value;
	/** The 3 of the normalised image itself, then 64. */
	readonly f1: Value;
}

export interface ImageFeatures extends SkipFeatures {
	/** [1, 1024, H/16, W/16] */
	readonly f16: Value;
}

/** ResNet-50 up to its third stage. */
export const pixelEncoder = module((net: Scope, image: Value): ImageFeatures => {
	const f2 = stem(net, image);
	const f4 = stage(net.in('res2'), bottleneck, maxPool(f2), 1);
	const f8 = stage(net.in('layer2'), bottleneck, f4, 2);
	const f16 = stage(net.in('layer3'), bottleneck, f8, 2);
	return { f16, f8, f4, f2, f1: image };
});

/** What a frame is found by in the memory, at stride 16. */
export interface Key {
	/** [1, 64, h, w] */
	readonly key: Value;
	/** How sharply a remembered place is looked for, 1 or more: [1, 1, h, w]. */
	readonly shrinkage: Value;
	/** How much each channel counts in a search, 0 to 1: [1, 64, h, w]. */
	readonly selection: Value;
}

/** Key, shrinkage and selection (XMem; Cheng and Schwing, 2022). */
export const keyProjection = module((net: Scope, f16: Value): Key => {
	const features = conv(net.in('pix_feat_proj'), f16);
	const d = conv(net.in('d_proj'), features, { padding: 1 });
	return {
		key: conv(net.in('key_proj'), features, { padding: 1 }),
		shrinkage: add(multiply(d, d), 1),
		selection: sigmoid(conv(net.in('e_proj'), features, { padding: 1 }))
	};
});
