/** Red, green and blue, each from 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

const known = new Map<string, Rgb>();

/** What the browser makes of a CSS colour, in sRGB. */
export function rgbOf(css: string): Rgb {
	const ready = known.get(css);
	if (ready) return ready;
	const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
	context.fillStyle = css;
	context.fillRect(0, 0, 1, 1);
	const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
	const rgb: Rgb = [red / 255, green / 255, blue / 255];
	known.set(css, rgb);
	return rgb;
}

/** The colour that the theme gives a name, for example `--color-target-1`. */
export function themeColour(name: string): Rgb {
	return rgbOf(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
}
