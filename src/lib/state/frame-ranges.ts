/** Frames from one number to another, both included. */
type Range = readonly [first: number, last: number];

/** A set of frames, kept as the stretches that they make: few, however many frames there are. */
export class FrameRanges {
	/** In order; there is a gap between any two. */
	#ranges: Range[] = [];

	get all(): readonly Range[] {
		return [...this.#ranges];
	}

	add(frame: number): void {
		const at = this.#endingFrom(frame - 1);
		const touched = this.#ranges.slice(at, at + 2).filter(([first]) => first <= frame + 1);
		const first = Math.min(frame, ...touched.map(([first]) => first));
		const last = Math.max(frame, ...touched.map(([, last]) => last));
		this.#ranges.splice(at, touched.length, [first, last]);
	}

	delete(frame: number): void {
		const at = this.#endingFrom(frame);
		const range = this.#ranges[at];
		if (!range || range[0] > frame) return;
		const left: Range[] = [
			[range[0], frame - 1],
			[frame + 1, range[1]]
		];
		this.#ranges.splice(at, 1, ...left.filter(([first, last]) => first <= last));
	}

	/** The first frame that is not before a number. */
	firstFrom(frame: number): number | undefined {
		const range = this.#ranges[this.#endingFrom(frame)];
		return range && Math.max(frame, range[0]);
	}

	/** The place of the first stretch that does not end before a frame, or behind all. */
	#endingFrom(frame: number): number {
		const at = this.#ranges.findIndex(([, last]) => last >= frame);
		return at < 0 ? this.#ranges.length : at;
	}
}
