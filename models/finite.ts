import { modelError } from './errors.ts';

/**
 * Refuses what overflowed or was computed wrongly: as an alpha it would look like an empty matte.
 * @throws CodedError `alpha-invalid`
 */
export function requireFinite(values: Float32Array): Float32Array {
	let sum = 0;
	for (const value of values) sum += value;
	if (!Number.isFinite(sum)) throw modelError('alpha-invalid');
	return values;
}
