import { z } from 'zod';
import { appError } from '../../server/protocol/errors.ts';

/** What ffprobe says of a clip. */
export interface SourceFacts {
	/** Upright, in square pixels. */
	readonly width: number;
	readonly height: number;
	readonly codec: string;
	readonly audio: boolean;
}

const output = z.object({
	streams: z
		.array(
			z.object({
				codec_type: z.string().optional(),
				codec_name: z.string().default('unknown'),
				width: z.number().default(0),
				height: z.number().default(0),
				sample_aspect_ratio: z.string().default('1:1'),
				side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([])
			})
		)
		.default([])
});

/**
 * Reads the output of `ffprobe -show_streams -of json`, which is an empty object for a file that it cannot read.
 * @throws CodedError `clip-not-video`, `clip-no-video`
 */
export function parseProbe(json: string, name: string): SourceFacts {
	const { streams } = output.parse(JSON.parse(json));
	if (streams.length === 0) throw appError('clip-not-video', { name });
	const video = streams.find((stream) => stream.codec_type === 'video');
	if (!video) throw appError('clip-no-video');
	const [across = 1, down = 1] = video.sample_aspect_ratio.split(':').map(Number);
	const width = Math.round(across > 0 && down > 0 ? (video.width * across) / down : video.width);
	const rotation = video.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0;
	const turned = Math.abs(rotation) % 180 === 90;
	return {
		width: turned ? video.height : width,
		height: turned ? width : video.height,
		codec: video.codec_name,
		audio: streams.some((stream) => stream.codec_type === 'audio')
	};
}
