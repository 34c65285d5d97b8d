/** A colour as 0xRRGGBB, in sRGB. */
export type Colour = number;

/** The colour between two, at `t` from 0 (the first) to 1 (the second); values outside are clipped. */
export function mix(a: Colour, b: Colour, t: number): Colour {
	const k = Math.min(1, Math.max(0, t));
	return pack(
		red(a) + (red(b) - red(a)) * k,
		green(a) + (green(b) - green(a)) * k,
		blue(a) + (blue(b) - blue(a)) * k
	);
}

/** A colour made darker (factor below 1) or lighter (above 1). */
export function shade(colour: Colour, factor: number): Colour {
	return pack(red(colour) * factor, green(colour) * factor, blue(colour) * factor);
}

function pack(r: number, g: number, b: number): Colour {
	return (byte(r) << 16) | (byte(g) << 8) | byte(b);
}

function byte(value: number): number {
	return Math.min(255, Math.max(0, Math.round(value)));
}

function red(colour: Colour): number {
	return (colour >>> 16) & 255;
}

function green(colour: Colour): number {
	return (colour >>> 8) & 255;
}

function blue(colour: Colour): number {
	return colour & 255;
}
