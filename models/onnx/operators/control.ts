import { sameShape, shapeText } from '../dims.ts';
import type { Value } from '../graph.ts';

/**
 * Runs one of two branches, by a scalar `bool`. Both hand out the same count of values, of the same types and shapes; values from
 * before can be used in both.
 */
export function ifElse(
	condition: Value,
	then: () => readonly Value[],
	otherwise: () => readonly Value[]
): Value[] {
	const { graph } = condition;
	const then_branch = graph.branch('then', then);
	const else_branch = graph.branch('else', otherwise);
	const [a, b] = [then_branch.outputs, else_branch.outputs];
	if (
		a.length !== b.length ||
		a.some((port, i) => port.dtype !== b[i]!.dtype || !sameShape(port.shape, b[i]!.shape))
	) {
		const shapes = (ports: typeof a) => ports.map(({ shape }) => shapeText(shape)).join(' ');
		throw graph.error(`the branches differ: ${shapes(a)} and ${shapes(b)}`);
	}
	return graph.node('If', [condition], a, {
		then_branch: { graph: then_branch },
		else_branch: { graph: else_branch }
	});
}
