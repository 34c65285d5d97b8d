/** Index of the value nearest to `value` in an ascending list that is not empty; the earlier of two equally near ones. */
export function nearest(ascending: Float64Array, value: number): number {
	let low = 0;
	let high = ascending.length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (ascending[middle]! < value) low = middle + 1;
		else high = middle;
	}
	return low > 0 && value - ascending[low - 1]! <= ascending[low]! - value ? low - 1 : low;
}
