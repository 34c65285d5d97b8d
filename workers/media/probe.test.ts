import { describe, expect, it } from 'vitest';
import { parseProbe } from './probe.ts';

const video = { codec_type: 'video', codec_name: 'mjpeg', width: 640, height: 360 };

describe('what ffprobe says', () => {
	it('is read', () => {
		const json = JSON.stringify({ streams: [{ codec_type: 'audio', codec_name: 'mp3' }, video] });
		expect(parseProbe(json, 'clip.avi')).toEqual({ width: 640, height: 360, codec: 'mjpeg', audio: true });
	});

	it('is turned upright', () => {
		const streams = [{ ...video, side_data_list: [{ side_data_type: 'Display Matrix', rotation: -90 }] }];
		expect(parseProbe(JSON.stringify({ streams }), 'clip.avi')).toMatchObject({
			width: 360,
			height: 640,
			audio: false
		});
	});

	it('is brought to square pixels', () => {
		const streams = [{ ...video, sample_aspect_ratio: '4:3' }];
		expect(parseProbe(JSON.stringify({ streams }), 'clip.avi')).toMatchObject({ width: 853, height: 360 });
	});

	it('is refused where there is nothing', () => {
		expect(() => parseProbe('{}', 'clip.avi')).toThrowError(
			expect.objectContaining({ code: 'clip-not-video', params: { name: 'clip.avi' } })
		);
	});

	it('is refused without a picture', () => {
		expect(() => parseProbe('{"streams":[{"codec_type":"audio"}]}', 'clip.avi')).toThrowError(
			expect.objectContaining({ code: 'clip-no-video' })
		);
	});
});
