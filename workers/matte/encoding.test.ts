import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseEncoding } from './encoding.ts';

afterEach(() => vi.unstubAllGlobals());

/** A browser that encodes what `takes` says. */
function browser(takes: (config: VideoEncoderConfig) => boolean): void {
	const isConfigSupported = async (config: VideoEncoderConfig) => ({ supported: takes(config), config });
	vi.stubGlobal('VideoEncoder', { isConfigSupported });
}

const hd = { width: 1920, height: 1080 };

describe('chooseEncoding', () => {
	it('prefers H.264 at a bit rate to others at a quantizer', async () => {
		browser(({ codec, bitrateMode }) => !codec.startsWith('avc') || bitrateMode === 'variable');
		const { codec, config, frameOptions } = await chooseEncoding(hd, 25, 'data');
		expect([codec, config.bitrateMode]).toEqual(['avc', 'variable']);
		expect(config.bitrate).toBeGreaterThan(20e6);
		expect(frameOptions).toBeUndefined();
	});

	it('takes a quantizer where there is one, finer for data than for a look', async () => {
		browser(({ codec }) => codec.startsWith('vp09'));
		const [data, look] = [await chooseEncoding(hd, 25, 'data'), await chooseEncoding(hd, 25, 'look')];
		expect([data.name, data.config.bitrateMode]).toEqual(['VP9', 'quantizer']);
		const quantizer = ({ frameOptions }: typeof data) => Object.values(frameOptions!)[0].quantizer;
		expect(quantizer(data)).toBeLessThan(quantizer(look));
	});

	it('names a level that the size fits into', async () => {
		browser(() => true);
		const codec = async (width: number, height: number) =>
			(await chooseEncoding({ width, height }, 25, 'edit')).config.codec;
		expect(await codec(1920, 1080)).toBe('avc1.64002a');
		expect(await codec(3840, 2160)).toBe('avc1.640034');
		expect(await codec(7680, 4320)).toBe('avc1.64003e');
	});

	it('says so when there is none', async () => {
		browser(() => false);
		await expect(chooseEncoding(hd, 25, 'data')).rejects.toMatchObject({
			code: 'encoder-missing',
			params: hd
		});
	});
});
