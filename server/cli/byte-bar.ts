import { Rate } from '../../models/hub/rate.ts';
import { formatBytes } from './bytes.ts';
import { bar, clock } from './progress-bar.ts';

/** Milliseconds between two drawings. */
const FRAME = 100;

/** Shows on a terminal how far a download is, in place; elsewhere one line for each file. */
export class ByteBar {
	#file: string | undefined;
	#drawn = -Infinity;
	readonly #rate = new Rate();

	constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

	update(file: string, done: number, total: number): void {
		if (!this.stream.isTTY) {
			if (file !== this.#file) this.stream.write(`${file}…\n`);
			this.#file = file;
			return;
		}
		this.#file = file;
		const time = performance.now();
		if (time - this.#drawn < FRAME && done < total) return;
		this.#drawn = time;
		this.stream.write(`\r${this.#line(done, total)}\x1b[K`);
	}

	end(): void {
		if (this.stream.isTTY && this.#file !== undefined) this.stream.write('\n');
	}

	#line(done: number, total: number): string {
		const rate = this.#rate.measure(done);
		const left = rate && `  ${formatBytes(rate)}/s  ${clock(((total - done) / rate) * 1000)} left`;
		const share = total > 0 ? done / total : 0;
		return `${this.#file}  ${bar(share)} ${formatBytes(done)} of ${formatBytes(total)}${left ?? ''}`;
	}
}
