import { Tensor } from 'onnxruntime-common';
import type { Tensors } from '../runtime.ts';
import { fromBfloat16 } from './bfloat16.ts';
import type { FixedBank } from './graphs/memory-attention.ts';
import type { Selection } from './memory-bank.ts';

/** The sizes of memory attention's inputs. */
export interface BankShape {
	/** Of a map: channels, height, width. */
	readonly map: readonly [channels: number, height: number, width: number];
	/** Numbers of a pointer. */
	readonly pointer: number;
	/** The largest age, by which ages are divided. */
	readonly largestAge: number;
	/** Where the graph was built for a fixed size. */
	readonly fixed?: FixedBank;
}

/** Whether the banks of two objects can be attended to at once. */
export function layoutOf({ maps, pointers }: Selection, { fixed }: BankShape): string {
	return fixed ? 'fixed' : `${maps.length} ${pointers.length}`;
}

/**
 * What memory attention reads of several objects' banks, which have one layout. Where the graph is of a fixed size, the first maps of
 * a selection (those with prompts first, then the newest) and the pointers of the least age are read as far as they fit, and what is
 * left is marked as not valid.
 */
export function bankFeeds(selections: readonly Selection[], shape: BankShape): Tensors {
	const { map: mapShape, pointer: pointerSize, largestAge, fixed } = shape;
	const objects = selections.length;
	const maps = fixed?.maps ?? selections[0]!.maps.length;
	const pointers = fixed?.pointers ?? selections[0]!.pointers.length;
	const mapSize = mapShape.reduce((size, length) => size * length, 1);
	const memory = new Float32Array(objects * maps * mapSize);
	const rows = new BigInt64Array(objects * maps);
	const mapValid = new Uint8Array(objects * maps);
	const pointerData = new Float32Array(objects * pointers * pointerSize);
	const ages = new Float32Array(objects * pointers);
	const pointerValid = new Uint8Array(objects * pointers);
	for (const [object, selection] of selections.entries()) {
		for (const [i, { row, map }] of selection.maps.slice(0, maps).entries()) {
			const at = object * maps + i;
			fromBfloat16(map, memory.subarray(at * mapSize, (at + 1) * mapSize));
			rows[at] = BigInt(row);
			mapValid[at] = 1;
		}
		const newest = selection.pointers.toSorted((a, b) => a.age - b.age).slice(0, pointers);
		for (const [i, { age, pointer }] of newest.entries()) {
			const at = object * pointers + i;
			pointerData.set(pointer, at * pointerSize);
			ages[at] = age / largestAge;
			pointerValid[at] = 1;
		}
	}
	return {
		memory: new Tensor('float32', memory, [objects, maps, ...mapShape]),
		memory_row: new Tensor('int64', rows, [objects, maps]),
		pointers: new Tensor('float32', pointerData, [objects, pointers, pointerSize]),
		pointer_age: new Tensor('float32', ages, [objects, pointers]),
		...(fixed && {
			memory_valid: new Tensor('bool', mapValid, [objects, maps]),
			pointer_valid: new Tensor('bool', pointerValid, [objects, pointers])
		})
	};
}
