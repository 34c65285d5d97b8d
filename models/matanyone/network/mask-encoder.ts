import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { concat } from '../../onnx/operators/index.ts';
import { featureFusion } from './feature-fusion.ts';
import { basicBlock, maxPool, stage, stem } from './resnet.ts';

/**
 * What the memory keeps of a frame and its matte: ResNet-18 up to its third stage over both, fused with the frame's features.
 * @param image [1, 3, H, W], normalised
 * @param pixFeat [1, 256, h, w]
 * @param mask [1, 1, H, W], 0 to 1
 * @returns [1, 256, h, w]
 */
export const maskEncoder = module((net: Scope, image: Value, pixFeat: Value, mask: Value): Value => {
	let x = maxPool(stem(net, concat([image, mask], 1)));
	x = stage(net.in('layer1'), basicBlock, x, 1);
	x = stage(net.in('layer2'), basicBlock, x, 2);
	x = stage(net.in('layer3'), basicBlock, x, 2);
	return featureFusion(net.in('fuser'), pixFeat, x);
});
