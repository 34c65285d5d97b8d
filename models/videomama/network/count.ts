import type { Scope } from '../../onnx/graph.ts';

/** How many parts of a name a place has, numbered from 0: as long as they have a tensor. */
export function count(net: Scope, name: string, tensor: string): number {
	let parts = 0;
	while (net.has(`${name}.${parts}.${tensor}`)) parts++;
	return parts;
}
