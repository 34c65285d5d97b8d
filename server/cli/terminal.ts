import { ProgressBar } from './progress-bar.ts';
import { Words } from './words.ts';

/** Where a command speaks: its results on one stream, all else on the other. */
export interface Terminal {
	/** A line of the result. */
	print(line: string): void;
	/** A line about what happens. */
	tell(line: string): void;
	/** A bar for one stage after the other. */
	progressBar(): ProgressBar;
	readonly words: Words;
}

/** The terminal that the program runs in. */
export function openTerminal(): Terminal {
	return {
		print: (line) => console.log(line),
		tell: (line) => console.error(line),
		progressBar: () => new ProgressBar(),
		words: new Words()
	};
}
