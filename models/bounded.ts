/**
 * Runs an async generator ahead of its consumer by at most `capacity` items, so that making items overlaps with using them. Errors
 * arrive where the item would have; when the consumer stops, so does the source.
 */
export async function* bounded<T>(
	source: AsyncIterable<T>,
	capacity: number
): AsyncGenerator<T, void, undefined> {
	const iterator = source[Symbol.asyncIterator]();
	const ahead: Promise<IteratorResult<T>>[] = [];
	const pull = () => {
		const item = iterator.next();
		// It is awaited in its turn; until then an error is no unhandled one.
		item.catch(() => {});
		ahead.push(item);
	};
	try {
		for (let i = 0; i < capacity; i++) pull();
		for (;;) {
			const item = await ahead.shift()!;
			if (item.done) return;
			pull();
			yield item.value;
		}
	} finally {
		await iterator.return?.();
	}
}
