import type { Size } from '../frame.ts';

/** A matrix on the heap of OpenCV. Its views are valid until the next allocation there: take them anew, never keep them. */
export interface Mat {
	readonly rows: number;
	readonly cols: number;
	readonly data: Uint8Array;
	readonly data32F: Float32Array;
	readonly data32S: Int32Array;
	roi(rect: Rect): Mat;
	delete(): void;
}

/** A rectangle of whole pixels. */
export interface Rect extends Size {
	readonly x: number;
	readonly y: number;
}

interface CvSize {
	readonly width: number;
	readonly height: number;
}

/** The part of OpenCV.js 4.12 that the classic engine uses. */
export interface OpenCv {
	readonly Mat: { new (): Mat; new (rows: number, cols: number, type: number): Mat };
	readonly Size: new (width: number, height: number) => CvSize;
	readonly HEAPU8: Uint8Array;
	readonly CV_8UC1: number;
	readonly CV_8UC4: number;
	readonly CV_32F: number;
	readonly CV_32FC2: number;
	readonly COLOR_RGBA2RGB: number;
	readonly COLOR_RGB2Lab: number;
	readonly COLOR_RGBA2GRAY: number;
	readonly INTER_AREA: number;
	readonly INTER_LINEAR: number;
	cvtColor(source: Mat, result: Mat, code: number): void;
	resize(source: Mat, result: Mat, size: CvSize, fx: number, fy: number, interpolation: number): void;
	boxFilter(source: Mat, result: Mat, depth: number, size: CvSize): void;
	connectedComponentsWithStats(
		image: Mat,
		labels: Mat,
		stats: Mat,
		centroids: Mat,
		connectivity: number
	): number;
	calcOpticalFlowFarneback(
		previous: Mat,
		next: Mat,
		flow: Mat,
		pyramidScale: number,
		levels: number,
		window: number,
		iterations: number,
		polyN: number,
		polySigma: number,
		flags: number
	): void;
}

let loading: Promise<OpenCv> | undefined;

/** Loads OpenCV's WebAssembly, once for each thread. */
export function loadOpenCv(): Promise<OpenCv> {
	return (loading ??= load());
}

async function load(): Promise<OpenCv> {
	const restore = keepProcessListeners();
	const { wrapped } = await import('./opencv-module.ts');
	restore();
	const cv = wrapped.cv as OpenCv & {
		calledRun?: boolean;
		onRuntimeInitialized?: () => void;
		then?: unknown;
	};
	if (!cv.calledRun) await new Promise<void>((resolve) => (cv.onRuntimeInitialized = resolve));
	delete cv.then;
	return cv;
}

/** In Node, OpenCV makes itself the handler of every uncaught error and prints its whole source; this takes it off again. */
function keepProcessListeners(): () => void {
	const process = globalThis.process as typeof globalThis.process | undefined;
	if (!process?.listeners) return () => undefined;
	const events = ['uncaughtException', 'unhandledRejection'] as const;
	const before = events.map((event) => process.listeners(event as 'uncaughtException'));
	return () => {
		for (const [i, event] of events.entries()) {
			for (const listener of process.listeners(event as 'uncaughtException')) {
				if (!before[i]!.includes(listener)) process.off(event, listener);
			}
		}
	};
}

/** Keeps what must be freed until the end of a scope. */
export type Keep = <T extends { delete(): void }>(value: T) => T;

/** Runs a function and then frees, whatever happened, everything that it asked to keep. */
export function scoped<T>(run: (keep: Keep) => T): T {
	const kept: { delete(): void }[] = [];
	try {
		return run((value) => {
			kept.push(value);
			return value;
		});
	} finally {
		for (const value of kept) value.delete();
	}
}

/** A matrix of 8-bit pixels filled with a copy of `data`, of 1 or 4 channels as its length tells. */
export function matOf(cv: OpenCv, { width, height }: Size, data: Uint8Array | Uint8ClampedArray): Mat {
	const mat = new cv.Mat(height, width, data.length === width * height ? cv.CV_8UC1 : cv.CV_8UC4);
	mat.data.set(data);
	return mat;
}

/** The type number of a matrix of 32-bit floats with `channels` channels (1 to 512) for each pixel. */
export function floats(cv: OpenCv, channels: number): number {
	return cv.CV_32F + ((channels - 1) << 3);
}
