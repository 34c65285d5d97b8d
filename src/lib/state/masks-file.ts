import { linesOf, LongLine } from '$lib/lines.ts';
import type { RunLengthMask } from '$models/mask.ts';
import { appError } from '$protocol/errors.ts';
import { masksHeader, masksLine, type MasksHeader } from '$protocol/masks-file.ts';
import type { z } from 'zod';

/** The targets on one frame, of the source's size. */
export interface MaskedFrame {
	/** Seconds after the clip's first frame. */
	readonly time: number;
	/** By the targets' ids; empty for one that is not seen. */
	readonly masks: ReadonlyMap<number, RunLengthMask>;
}

export interface MasksFile {
	readonly header: MasksHeader;
	/** The frames in order, read as they are asked for. */
	readonly frames: AsyncGenerator<MaskedFrame, void, undefined>;
}

/**
 * Reads a masks file (docs/masks-file.md) as it arrives, one frame at a time.
 * @throws CodedError `answer-invalid` when it is none, or ends too early; `server-away` when its bytes break off
 */
export async function readMasksFile(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<MasksFile> {
	const lines = arriving(bytes);
	const first = await lines.next();
	if (first.done) throw appError('answer-invalid');
	const header = parse(masksHeader, first.value);
	return { header, frames: framesOf(lines, header) };
}

async function* framesOf(
	lines: AsyncGenerator<string, void, undefined>,
	{ width, height, frames, targets }: MasksHeader
): MasksFile['frames'] {
	let read = 0;
	for await (const line of lines) {
		const { time, masks } = parse(masksLine, line);
		const unseen = targets.map(({ id }) => [id, [width * height]] as const);
		const seen = Object.entries(masks).map(([id, counts]) => [Number(id), counts] as const);
		for (const [, counts] of seen) {
			if (counts.reduce((sum, count) => sum + count, 0) !== width * height) throw appError('answer-invalid');
		}
		const all = new Map<number, readonly number[]>([...unseen, ...seen]);
		yield { time, masks: new Map([...all].map(([id, counts]) => [id, { width, height, counts }])) };
		read++;
	}
	if (read !== frames) throw appError('answer-invalid');
}

async function* arriving(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): ReturnType<typeof linesOf> {
	try {
		yield* linesOf(bytes);
	} catch (error) {
		if (error instanceof DOMException && error.name === 'AbortError') throw error;
		throw appError(error instanceof LongLine ? 'answer-invalid' : 'server-away', {}, { cause: error });
	}
}

function parse<T>(schema: z.ZodType<T>, line: string): T {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw appError('answer-invalid', {}, { cause: error });
	}
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw appError('answer-invalid', {}, { cause: parsed.error });
	return parsed.data;
}
