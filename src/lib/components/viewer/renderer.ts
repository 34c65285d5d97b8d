import type { View } from '$lib/state/viewport.svelte.ts';
import type { Rgb } from './colour.ts';
import { assignBits, boxAround, mostBits, packMasks, type Layer, type Placed } from './layers.ts';
import { Program } from './program.ts';
import { layersFragment, resultFragment, sourceFragment } from './shaders.ts';
import type { ResultMode } from './types.ts';

/** Everything that decides what is drawn. Pictures that did not change since the last time are not uploaded again. */
export interface Scene {
	readonly view: View;
	/** The picture's own size; the bitmaps may be smaller. */
	readonly width: number;
	readonly height: number;
	readonly source: ImageBitmap;
	/** Masks over the source, the lowest first. */
	readonly layers: readonly Layer[];
	readonly result?: {
		readonly mode: ResultMode;
		readonly alpha: ImageBitmap;
		readonly foreground: ImageBitmap;
		readonly colour: Rgb;
		readonly wipe: number | null;
	};
}

const modes: readonly ResultMode[] = ['source', 'alpha', 'foreground', 'checker', 'colour'];
const textures = ['source', 'layers', 'alpha', 'foreground'] as const;
type TextureName = (typeof textures)[number];

/** Left, top, right and bottom, 0 to 1 of the picture. */
type Part = readonly [number, number, number, number];
const whole: Part = [0, 0, 1, 1];

/** Where the picture lies, for every program that draws. */
interface Placing {
	/** Left, top, right and bottom in clip space. */
	readonly place: readonly [number, number, number, number];
	/** One device pixel in coordinates of the picture. */
	readonly pixel: readonly [number, number];
	/** Side of the checkerboard's squares in device pixels. */
	readonly square: number;
	/** Whether pixels are shown as squares. */
	readonly sharp: boolean;
}

/** From this many device pixels for each pixel of the picture on, pixels are shown as squares. */
const squaresFrom = 4;

/** Draws frames, masks and mattes into a canvas with WebGL2. */
export class Renderer {
	readonly #gl: WebGL2RenderingContext;
	#programs: ReturnType<typeof link>;
	#ready = false;
	readonly #uploaded = new Map<TextureName, ImageBitmap>();
	#uploadedMasks: readonly Placed[] = [];
	/** The part of the picture that these cover. */
	#covered: Part | undefined;
	/** Signalled when the last drawing is finished. */
	#done?: WebGLSync;

	private constructor(gl: WebGL2RenderingContext) {
		this.#gl = gl;
		this.#programs = link(gl);
	}

	/** Undefined where the browser has no WebGL2. */
	static create(canvas: HTMLCanvasElement): Renderer | undefined {
		const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, depth: false });
		return gl ? new Renderer(gl) : undefined;
	}

	/** Whether the graphics processor still works on the last drawing; another one would only queue up behind it. */
	get busy(): boolean {
		const gl = this.#gl;
		return this.#done !== undefined && gl.clientWaitSync(this.#done, 0, 0) === gl.TIMEOUT_EXPIRED;
	}

	/** Makes everything anew after the graphics context was lost and restored. */
	restore(): void {
		this.#programs = link(this.#gl);
		this.#ready = false;
	}

	clear(): void {
		this.#gl.clearColor(0, 0, 0, 0);
		this.#gl.clear(this.#gl.COLOR_BUFFER_BIT);
	}

	/** @param ratio device pixels for each CSS pixel */
	draw(scene: Scene, ratio: number): void {
		const gl = this.#gl;
		if (!this.#ready) this.#prepare();
		const { width, height } = gl.canvas;
		gl.viewport(0, 0, width, height);
		this.clear();
		const scale = scene.view.scale * ratio;
		const left = Math.round(scene.view.x * ratio);
		const top = Math.round(scene.view.y * ratio);
		const right = left + scene.width * scale;
		const bottom = top + scene.height * scale;
		const placing: Placing = {
			place: [
				(2 * left) / width - 1,
				1 - (2 * top) / height,
				(2 * right) / width - 1,
				1 - (2 * bottom) / height
			],
			pixel: [1 / (scene.width * scale), 1 / (scene.height * scale)],
			square: 12 * ratio,
			sharp: scale >= squaresFrom
		};
		this.#picture('source', scene.source, placing);
		this.#fill(this.#programs.source, placing, whole);
		if (scene.layers.length > 0) this.#layers(scene.layers, placing);
		if (scene.result && scene.result.mode !== 'source') this.#result(scene.result, placing);
		if (this.#done) gl.deleteSync(this.#done);
		this.#done = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0) ?? undefined;
		gl.flush();
	}

	#prepare(): void {
		const gl = this.#gl;
		this.#uploaded.clear();
		this.#uploadedMasks = [];
		this.#done = undefined;
		this.#ready = true;
		gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
		for (const [unit] of textures.entries()) {
			gl.activeTexture(gl.TEXTURE0 + unit);
			gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
			gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
			gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
			gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
		}
	}

	/** Draws over a part of the picture what a program makes of it. */
	#fill(program: Program, { place, pixel, square }: Placing, part: Part, set?: () => void): void {
		const gl = this.#gl;
		program.use();
		for (const [unit, name] of textures.entries()) gl.uniform1i(program.uniform(name), unit);
		gl.uniform4f(program.uniform('place'), ...place);
		gl.uniform4f(program.uniform('part'), ...part);
		gl.uniform2f(program.uniform('pixel'), ...pixel);
		gl.uniform1f(program.uniform('square'), square);
		set?.();
		gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
	}

	#picture(name: TextureName, picture: ImageBitmap, { sharp }: Placing): void {
		const gl = this.#gl;
		gl.activeTexture(gl.TEXTURE0 + textures.indexOf(name));
		gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, sharp ? gl.NEAREST : gl.LINEAR);
		if (this.#uploaded.get(name) === picture) return;
		gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, picture);
		this.#uploaded.set(name, picture);
	}

	#layers(layers: readonly Layer[], placing: Placing): void {
		const gl = this.#gl;
		const bits = assignBits(layers);
		const looks = new Float32Array(4 * mostBits);
		const edges = new Float32Array(mostBits);
		for (const [index, { colour, tint, edge }] of layers.entries()) {
			looks.set([...colour, tint], 4 * bits[index]!);
			edges[bits[index]!] = edge;
		}
		this.#masks(layers.map(({ mask }, index) => ({ mask, bit: bits[index]! })));
		if (!this.#covered) return;
		const [left, top, right, bottom] = this.#covered;
		const [x, y] = placing.pixel;
		// The line along an edge lies a device pixel outside of it, too.
		const part: Part = [
			Math.max(0, left - 2 * x),
			Math.max(0, top - 2 * y),
			Math.min(1, right + 2 * x),
			Math.min(1, bottom + 2 * y)
		];
		const program = this.#programs[x * layers[0]!.mask.width < 1 ? 'magnifiedLayers' : 'layers'];
		this.#fill(program, placing, part, () => {
			gl.uniform1i(program.uniform('layerCount'), Math.max(...bits) + 1);
			gl.uniform4fv(program.uniform('looks'), looks);
			gl.uniform1fv(program.uniform('edges'), edges);
		});
	}

	#masks(masks: readonly Placed[]): void {
		const gl = this.#gl;
		const before = this.#uploadedMasks;
		const same = ({ mask, bit }: Placed, index: number) =>
			before[index]?.mask === mask && before[index].bit === bit;
		if (masks.length === before.length && masks.every(same)) return;
		const { width, height, data } = packMasks(masks);
		const [format, type] = {
			1: [gl.R8UI, gl.UNSIGNED_BYTE],
			2: [gl.R16UI, gl.UNSIGNED_SHORT],
			4: [gl.R32UI, gl.UNSIGNED_INT]
		}[data.BYTES_PER_ELEMENT as 1 | 2 | 4];
		gl.activeTexture(gl.TEXTURE0 + textures.indexOf('layers'));
		gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
		gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
		gl.texImage2D(gl.TEXTURE_2D, 0, format!, width, height, 0, gl.RED_INTEGER, type!, data);
		const box = boxAround(masks.map(({ mask }) => mask));
		this.#covered = box && [
			box.x / width,
			box.y / height,
			(box.x + box.width) / width,
			(box.y + box.height) / height
		];
		this.#uploadedMasks = masks;
	}

	/** Draws a result; left of the wipe the source stays. */
	#result(result: NonNullable<Scene['result']>, placing: Placing): void {
		const gl = this.#gl;
		const program = this.#programs.result;
		this.#picture('alpha', result.alpha, placing);
		this.#picture('foreground', result.foreground, placing);
		this.#fill(program, placing, [result.wipe ?? 0, 0, 1, 1], () => {
			gl.uniform1i(program.uniform('view'), modes.indexOf(result.mode));
			gl.uniform3fv(program.uniform('background'), result.colour);
		});
	}
}

/** Begins to make the programs; asking how that went would wait for it. */
function link(gl: WebGL2RenderingContext) {
	const programs = {
		source: new Program(gl, sourceFragment),
		layers: new Program(gl, layersFragment(false)),
		magnifiedLayers: new Program(gl, layersFragment(true)),
		result: new Program(gl, resultFragment)
	};
	gl.flush();
	return programs;
}
