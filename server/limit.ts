/** Makes a function of which at most `most` calls run at a time; the others wait their turn. */
export function limited<Args extends unknown[], T>(
	most: number,
	run: (...args: Args) => Promise<T>
): (...args: Args) => Promise<T> {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async (...args) => {
		if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
		else running++;
		try {
			return await run(...args);
		} finally {
			// Whoever waits takes the place over.
			const next = waiting.shift();
			if (next) next();
			else running--;
		}
	};
}
