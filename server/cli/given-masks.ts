import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { modelError } from '../../models/errors.ts';
import { readMaskPicture } from '../../models/mask-sequence/files.ts';
import { sequencesOf } from '../../models/mask-sequence/names.ts';
import { planesOfRgba } from '../../models/mask-sequence/picture.ts';
import { placeSequence } from '../../models/mask-sequence/placing.ts';
import { lookAtMasks, readMasks, type MaskSource } from '../../models/mask-sequence/read.ts';
import { alphaText } from '../../models/packed-alpha.ts';
import { packedText } from '../../models/packed-mask.ts';
import { engineInfo, type EngineId } from '../../models/registry.ts';
import { openClip, type ClipReader, type TimedFrame } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import type { Keyframe } from '../protocol/schema.ts';

interface Wanted {
	readonly engine: EngineId;
	/** Whether soft edges are kept. */
	readonly soft: boolean;
	readonly signal: AbortSignal;
}

/**
 * Reads masks of a clip's frames from a folder of PNG or OpenEXR files or from a video: of every frame, or, for an engine that follows the target by
 * itself, of the first on which it is seen.
 * @throws CodedError `masks-absent`, `masks-several`, `mask-missing`, `masks-surplus`, `mask-shape`, `mask-unreadable`, `mask-empty`
 */
export async function readGivenMasks(path: string, clip: ClipReader, wanted: Wanted): Promise<Keyframe[]> {
	const source = await openSource(resolve(path));
	try {
		const [sequence, ...others] = source.sequences;
		if (!sequence) throw appError('masks-absent', { name: source.name });
		if (others.length > 0) throw appError('masks-several', { sequences: source.sequences.length });
		const { frames } = clip.info;
		const masks = sequence.pictures.at(-1)!.place + 1;
		const placing = placeSequence(sequence, 0, frames);
		const isEvery = engineInfo(wanted.engine).masks === 'every-frame';
		if (isEvery && placing.without > 0) throw modelError('mask-missing', { frame: placing.firstWithout! });
		if (placing.surplus > 0) throw appError('masks-surplus', { masks, frames });
		const { channel } = await lookAtMasks(source);
		const { soft, signal } = wanted;
		const read = await readMasks(source, placing, {
			...{ size: clip.info, channel, soft, signal },
			onPicture: () => {}
		});
		const keyframes: Keyframe[] = [];
		for (const [index, { mask, soft }] of read) {
			if (!isEvery && (mask.isEmpty || keyframes.length > 0)) continue;
			keyframes.push({
				time: clip.timeAt(index),
				mask: packedText(mask),
				soft: soft && (await alphaText(soft))
			});
		}
		return keyframes;
	} finally {
		source.close();
	}
}

async function openSource(path: string): Promise<MaskSource> {
	const name = basename(path);
	if (!(await stat(path)).isDirectory()) return openVideo(path, name);
	const files = (await readdir(path)).filter((file) => /\.(png|exr)$/i.test(file));
	return {
		name,
		sequences: sequencesOf(files),
		read: async (file) => readMaskPicture(new Blob([await readFile(join(path, files[file]!))]), files[file]!),
		close: () => {}
	};
}

async function openVideo(path: string, name: string): Promise<MaskSource> {
	const video = await openClip(path);
	const pictures = Array.from({ length: video.info.frames }, (_, index) => ({ file: index, place: index }));
	let pass: AsyncGenerator<TimedFrame, void, undefined> | undefined;
	let next = 0;
	return {
		...{ name, sequences: [{ name: '', pictures }] },
		async read(index) {
			// One pass goes on as long as frames are asked for in order.
			if (!pass || index !== next) {
				await pass?.return();
				pass = video.frames({ from: video.timeAt(index) });
			}
			const { value: frame } = await pass.next();
			if (!frame) throw modelError('clip-damaged', { frame: index });
			next = index + 1;
			return { brightness: planesOfRgba(frame, frame.data).brightness };
		},
		close: () => video.close()
	};
}
