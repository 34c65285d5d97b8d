/** Milliseconds over which it is measured. */
const WINDOW = 5000;

/** How fast bytes come in: over the last seconds, so that it follows the connection without jumping. */
export class Rate {
	#marks: { time: number; done: number }[] = [];

	constructor(private readonly now: () => number = () => performance.now()) {}

	/**
	 * @param done bytes so far
	 * @returns bytes a second; undefined until there is something to measure
	 */
	measure(done: number): number | undefined {
		const time = this.now();
		const oldest = this.#marks.find((mark) => time - mark.time < WINDOW);
		const newest = this.#marks.at(-1);
		// A few marks are enough.
		if (!newest || time - newest.time > WINDOW / 50) {
			this.#marks = [...this.#marks.filter((mark) => time - mark.time < WINDOW), { time, done }];
		}
		if (!oldest || time === oldest.time || done <= oldest.done) return undefined;
		return ((done - oldest.done) / (time - oldest.time)) * 1000;
	}
}
