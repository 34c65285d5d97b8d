import { formatBytes } from './bytes.ts';
import { bar, clock } from './progress-bar.ts';

/** Milliseconds over which the speed is measured, and between two drawings. */
const WINDOW = 5000;
const FRAME = 100;

/** Shows on a terminal how far a download is, in place; elsewhere one line for each file. */
export class ByteBar {
	#file: string | undefined;
	#drawn = -Infinity;
	#marks: { time: number; done: number }[] = [];

	constructor(
		private readonly stream: NodeJS.WriteStream = process.stderr,
		private readonly now: () => number = () => performance.now()
	) {}

	update(file: string, done: number, total: number): void {
		if (!this.stream.isTTY) {
			if (file !== this.#file) this.stream.write(`${file}…\n`);
			this.#file = file;
			return;
		}
		this.#file = file;
		const time = this.now();
		if (time - this.#drawn < FRAME && done < total) return;
		this.#drawn = time;
		this.stream.write(`\r${this.#line(time, done, total)}\x1b[K`);
	}

	end(): void {
		if (this.stream.isTTY && this.#file !== undefined) this.stream.write('\n');
	}

	#line(time: number, done: number, total: number): string {
		this.#marks = [...this.#marks.filter((mark) => time - mark.time < WINDOW), { time, done }];
		const [oldest] = this.#marks;
		const perMs = time > oldest!.time ? (done - oldest!.done) / (time - oldest!.time) : 0;
		const speed = perMs > 0 ? `  ${formatBytes(perMs * 1000)}/s  ${clock((total - done) / perMs)} left` : '';
		const share = total > 0 ? done / total : 0;
		return `${this.#file}  ${bar(share)} ${formatBytes(done)} of ${formatBytes(total)}${speed}`;
	}
}
