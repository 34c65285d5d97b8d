import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { repeatPixels, resize } from '../../onnx/operators/index.ts';

/**
 * Twice the size.
 * @param like a map of that size, where it may be an odd one
 */
export const upsampler = module((net: Scope, x: Value, like?: Value): Value => {
	const [rows, columns] = (like ?? x).shape.slice(2) as [number, number];
	const isTwice = !like || (rows === 2 * (x.shape[2] as number) && columns === 2 * (x.shape[3] as number));
	const large = isTwice ? repeatPixels(x, 2) : resize(x, rows, columns, 'nearest', 'asymmetric');
	return conv(net.in('conv'), large, { padding: 1 });
});

/**
 * Half the size.
 * @param border where it is padded: everywhere, or on the far sides only
 */
export const downsampler = module((net: Scope, x: Value, border: 'around' | 'far'): Value =>
	conv(net.in('conv'), x, { stride: 2, padding: border === 'around' ? 1 : 0, paddingAfter: 1 })
);
