const digits = '零一二三四五六七八九';

/** The number that is written at a place, in Chinese up to 99 or in digits. */
export function readNumeral(text: string, at: number): { value: number; end: number } | undefined {
	const [written] =
		/^(\d{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九俩仨])/.exec(
			text.slice(at)
		) ?? [];
	return written ? { value: valueOf(written), end: at + written.length } : undefined;
}

function valueOf(written: string): number {
	if (/\d/.test(written)) return Number(written);
	const digit = (character: string) => digits.indexOf(character.replace(/[两俩]/, '二').replace('仨', '三'));
	if (!written.includes('十')) return digit(written);
	const [tens, ones] = written.split('十') as [string, string];
	return 10 * (tens ? digit(tens) : 1) + (ones ? digit(ones) : 0);
}

/** The English words at a place, up to the next Chinese character or sign. */
export function englishWords(text: string, at: number): string | undefined {
	return /^[a-z][\w'’-]*(?: [a-z][\w'’-]*)*/i.exec(text.slice(at))?.[0];
}
