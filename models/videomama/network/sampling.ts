import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { cast, repeatPixels, resize } from '../../onnx/operators/index.ts';

/**
 * Twice the size.
 * @param like a map of that size, where it may be an odd one
 */
export const upsampler = module((net: Scope, x: Value, like?: Value): Value => {
	const [rows, columns] = (like ?? x).shape.slice(2) as [number, number];
	const isTwice = !like || (rows === 2 * (x.shape[2] as number) && columns === 2 * (x.shape[3] as number));
	const small = cast(x, net.precision);
	const large = isTwice ? repeatPixels(small, 2) : resize(small, rows, columns, 'nearest', 'asymmetric');
	return cast(conv(net.in('conv'), large, { padding: 1 }), x.dtype);
});

/**
 * Half the size.
 * @param border where it is padded: everywhere, or on the far sides only
 */
export const downsampler = module((net: Scope, x: Value, border: 'around' | 'far'): Value =>
	cast(
		conv(net.in('conv'), cast(x, net.precision), {
			...{ stride: 2, padding: border === 'around' ? 1 : 0, paddingAfter: 1 }
		}),
		x.dtype
	)
);
