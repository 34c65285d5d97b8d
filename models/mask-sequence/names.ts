/** One picture of a sequence. */
export interface SequencePicture {
	/** Its place in the list of paths. */
	readonly file: number;
	/** How many pictures it comes after the first one, by their numbers: what is missing leaves a gap. */
	readonly place: number;
}

/** Pictures that follow each other. */
export interface PictureSequence {
	/** What tells it from others: of its files, or of their folder; empty where there is neither. */
	readonly name: string;
	/** In order. */
	readonly pictures: readonly SequencePicture[];
}

const inNaturalOrder = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Puts picture files in order, as sequences: by the last number of their names, where those who have the same name otherwise follow each
 * other, wherever their numbers begin; without numbers all pictures of a folder, as people would sort them.
 * @param paths with `/` between folders; what begins with a dot or `__MACOSX` is left out
 */
export function sequencesOf(paths: readonly string[]): PictureSequence[] {
	const files = paths
		.map((path, file) => ({ file, path, ...partsOf(path) }))
		.filter(({ path }) => !/(^|\/)(\.|__MACOSX\/)/.test(path));
	const folders = groupBy(files, ({ folder }) => folder);
	return [...folders.values()]
		.flatMap((inFolder) => {
			const alike = groupBy(inFolder, ({ before, after }) => `${before}\0${after}`);
			// Where every picture has a name of its own, the numbers are not those of a sequence.
			return [...alike.values()].every((group) => group.length === 1) ? [inFolder] : [...alike.values()];
		})
		.map(sequenceOf)
		.sort((a, b) => inNaturalOrder(a.name, b.name));
}

interface NamedFile {
	readonly file: number;
	readonly path: string;
	readonly folder: string;
	/** What comes before the number, and after it. */
	readonly before: string;
	readonly after: string;
	readonly number?: number;
}

function partsOf(path: string): Omit<NamedFile, 'file' | 'path'> {
	const slash = path.lastIndexOf('/');
	const folder = path.slice(0, Math.max(0, slash));
	const stem = path.slice(slash + 1).replace(/\.[^.]*$/, '');
	const found = /^(.*?)(\d+)(\D*)$/.exec(stem);
	if (!found) return { folder, before: stem, after: '' };
	const [, before, digits, after] = found as unknown as [string, string, string, string];
	return { folder, before, after, number: Number(digits) };
}

function sequenceOf(files: readonly NamedFile[]): PictureSequence {
	const [{ folder, before }] = files as readonly [NamedFile];
	const numbers = files.map(({ number }) => number ?? NaN);
	const isNumbered =
		files.every((file) => file.before === before) &&
		numbers.every(Number.isSafeInteger) &&
		new Set(numbers).size === files.length;
	const first = Math.min(...numbers);
	const sorted = isNumbered
		? [...files].sort((a, b) => a.number! - b.number!)
		: [...files].sort((a, b) => inNaturalOrder(a.path, b.path));
	const own = isNumbered ? before.replace(/[\s._-]+$/, '') : '';
	return {
		name: own || folder.slice(folder.lastIndexOf('/') + 1),
		pictures: sorted.map(({ file, number }, i) => ({ file, place: isNumbered ? number! - first : i }))
	};
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const name = key(item);
		const group = groups.get(name);
		if (group) group.push(item);
		else groups.set(name, [item]);
	}
	return groups;
}
