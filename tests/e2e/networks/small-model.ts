import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../../../models/hub/files.node.ts';
import { buildMatAnyone } from '../../../models/matanyone/graph.ts';
import { openCheckpoint } from '../../../models/weights/checkpoint.node.ts';
import { ensurePacked } from '../../../models/weights/pack.node.ts';
import { placeWeights } from '../../../models/weights/place.ts';
import { writeStandIn, type Overrides } from '../../../models/weights/stand-in.ts';
import { tableOf } from '../../../models/weights/table.ts';

import { clip } from './clip.ts';

const list = new URL('../../../models/matanyone/tensors.json', import.meta.url);

/** Channels of MatAnyone's layers, with the number that takes their place: an eighth. */
const fewer = new Map(
	[64, 128, 256, 512, 1024, 2048, 768].flatMap((channels): [number, number][] => [
		[channels, channels / 8],
		// Some layers take a mask besides.
		[channels + 1, channels / 8 + 1]
	])
);

/**
 * Makes MatAnyone with an eighth of its channels, on stand-in weights, as a browser gets it: it computes what the whole one does, fast
 * enough for a graphics card that is only a program.
 * @returns `packed`, the path of its weights, and `table`, the path of the file that tells of them
 */
export async function makeSmallModel(folder: string): Promise<{ packed: string; table: string }> {
	const { shapes, override } = JSON.parse(readFileSync(list, 'utf8')) as {
		shapes: Record<string, number[]>;
		override: Overrides;
	};
	const small = Object.entries(shapes).map(([name, shape]) => [
		name,
		shape.map((size) => fewer.get(size) ?? size)
	]);
	const chunks: Uint8Array[] = [];
	await writeStandIn(
		Object.fromEntries(small),
		{ override },
		async (chunk) => void chunks.push(chunk.slice())
	);
	await writeFile(join(folder, 'model.safetensors'), Buffer.concat(chunks));

	const checkpoint = await openCheckpoint(folder);
	const graphs = buildMatAnyone(checkpoint.tensors, { ...clip, precision: 'float16' });
	const plan = placeWeights(Object.values(graphs), checkpoint, { packAll: true });
	const packed = (await ensurePacked(plan, checkpoint, folder))!;
	const table = join(folder, 'table.json');
	await writeFile(table, JSON.stringify(tableOf(plan, checkpoint, await sha256OfFile(packed))));
	return { packed, table };
}
