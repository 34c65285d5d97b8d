import { expect, it } from 'vitest';
import { parseUNetConfig, parseVaeConfig } from './config.ts';

const unet = {
	...{ _class_name: 'UNetSpatioTemporalConditionModel', in_channels: 12, out_channels: 4 },
	...{ num_attention_heads: [5, 10, 20, 20], addition_time_embed_dim: 256 }
};

it('reads what the networks need', () => {
	expect(parseUNetConfig(unet)).toEqual({
		...{ in_channels: 12, num_attention_heads: [5, 10, 20, 20], addition_time_embed_dim: 256 }
	});
	expect(parseUNetConfig({ in_channels: 12, num_attention_heads: 4 }).num_attention_heads).toBe(4);
	const vae = { _class_name: 'AutoencoderKLTemporalDecoder', latent_channels: 4, scaling_factor: 0.2 };
	expect(parseVaeConfig(vae)).toEqual({ latent_channels: 4, scaling_factor: 0.2 });
});

it("tells Stable Video Diffusion's own UNet from VideoMaMa's", () => {
	expect(() => parseUNetConfig({ ...unet, in_channels: 8 })).toThrow(
		expect.objectContaining({ code: 'weights-svd' })
	);
});

it('tells other networks, and what is none', () => {
	for (const parse of [parseUNetConfig, parseVaeConfig]) {
		expect(() => parse({ _class_name: 'AutoencoderKL' })).toThrow(
			expect.objectContaining({
				...{ code: 'weights-other', params: { name: 'VideoMaMa', found: 'AutoencoderKL' } }
			})
		);
		expect(() => parse([])).toThrow(expect.objectContaining({ code: 'weights-damaged' }));
		expect(() => parse(null)).toThrow(expect.objectContaining({ code: 'weights-damaged' }));
	}
	expect(() => parseUNetConfig({ ...unet, in_channels: 4 })).toThrow(
		expect.objectContaining({ code: 'weights-damaged' })
	);
});
