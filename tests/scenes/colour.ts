/** A colour as 0xRRGGBB, in sRGB. */
export type Colour = number;

/** The colour between two, at `t` from 0 (the first) to 1 (the second); values outside are clipped. */
export function mix(a: Colour, b: Colour, t: number): Colour {
	const k = Math.min(1, Math.max(0, t));
	const channel = (shift: number) => {
		const from = (a >>> shift) & 255;
		return Math.round(from + (((b >>> shift) & 255) - from) * k) << shift;
	};
	return channel(16) | channel(8) | channel(0);
}

/** A colour made darker (factor below 1) or lighter (above 1). */
export function shade(colour: Colour, factor: number): Colour {
	const channel = (shift: number) =>
		Math.min(255, Math.max(0, Math.round(((colour >>> shift) & 255) * factor))) << shift;
	return channel(16) | channel(8) | channel(0);
}
