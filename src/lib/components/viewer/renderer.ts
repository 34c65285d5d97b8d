import type { View } from '$lib/state/viewport.svelte.ts';
import type { Rgb } from './colour.ts';
import { assignBits, mostBits, packMasks, type Layer, type Placed } from './layers.ts';
import { fragment, vertex } from './shaders.ts';
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

/** From this many device pixels for each pixel of the picture on, pixels are shown as squares. */
const squaresFrom = 4;

/** Draws frames, masks and mattes into a canvas with WebGL2. */
export class Renderer {
	readonly #gl: WebGL2RenderingContext;
	#program: WebGLProgram;
	/** Whether the program has been waited for: it is compiled beside everything else until something is drawn. */
	#ready = false;
	readonly #uniforms = new Map<string, WebGLUniformLocation | null>();
	readonly #uploaded = new Map<TextureName, ImageBitmap>();
	#uploadedMasks: readonly Placed[] = [];
	/** Signalled when the last drawing is finished. */
	#done?: WebGLSync;

	private constructor(gl: WebGL2RenderingContext) {
		this.#gl = gl;
		this.#program = link(gl);
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
		this.#program = link(this.#gl);
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
		gl.uniform4f(
			this.#uniform('place'),
			(2 * left) / width - 1,
			1 - (2 * top) / height,
			(2 * right) / width - 1,
			1 - (2 * bottom) / height
		);
		gl.uniform2f(this.#uniform('pixel'), 1 / (scene.width * scale), 1 / (scene.height * scale));
		gl.uniform1f(this.#uniform('square'), 12 * ratio);

		const sharp = scale >= squaresFrom;
		this.#picture('source', scene.source, sharp);
		this.#layers(scene.layers);

		const { result } = scene;
		gl.uniform1i(this.#uniform('view'), result ? modes.indexOf(result.mode) : 0);
		if (result) {
			this.#picture('alpha', result.alpha, sharp);
			this.#picture('foreground', result.foreground, sharp);
			gl.uniform3fv(this.#uniform('background'), result.colour);
			gl.uniform1f(this.#uniform('wipe'), result.wipe ?? 0);
		}
		gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
		if (this.#done) gl.deleteSync(this.#done);
		this.#done = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0) ?? undefined;
		gl.flush();
	}

	#prepare(): void {
		const gl = this.#gl;
		this.#uniforms.clear();
		this.#uploaded.clear();
		this.#uploadedMasks = [];
		this.#done = undefined;
		this.#ready = true;
		checkLinked(gl, this.#program);
		gl.useProgram(this.#program);
		gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
		for (const [unit, name] of textures.entries()) {
			gl.activeTexture(gl.TEXTURE0 + unit);
			gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
			gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
			gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
			gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
			gl.uniform1i(this.#uniform(name), unit);
		}
	}

	#uniform(name: string): WebGLUniformLocation | null {
		if (!this.#uniforms.has(name)) {
			this.#uniforms.set(name, this.#gl.getUniformLocation(this.#program, name));
		}
		return this.#uniforms.get(name)!;
	}

	#picture(name: TextureName, picture: ImageBitmap, sharp: boolean): void {
		const gl = this.#gl;
		gl.activeTexture(gl.TEXTURE0 + textures.indexOf(name));
		gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, sharp ? gl.NEAREST : gl.LINEAR);
		if (this.#uploaded.get(name) === picture) return;
		gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, picture);
		this.#uploaded.set(name, picture);
	}

	#layers(layers: readonly Layer[]): void {
		const gl = this.#gl;
		const bits = assignBits(layers);
		const looks = new Float32Array(4 * mostBits);
		const edges = new Float32Array(mostBits);
		for (const [index, { colour, tint, edge }] of layers.entries()) {
			looks.set([...colour, tint], 4 * bits[index]!);
			edges[bits[index]!] = edge;
		}
		gl.uniform1i(this.#uniform('layerCount'), Math.max(0, ...bits.map((bit) => bit + 1)));
		gl.uniform4fv(this.#uniform('looks'), looks);
		gl.uniform1fv(this.#uniform('edges'), edges);
		if (layers.length > 0) this.#masks(layers.map(({ mask }, index) => ({ mask, bit: bits[index]! })));
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
		this.#uploadedMasks = masks;
	}
}

/** Begins to make the program; asking how that went would wait for it. */
function link(gl: WebGL2RenderingContext): WebGLProgram {
	const program = gl.createProgram();
	for (const [type, text] of [
		[gl.VERTEX_SHADER, vertex],
		[gl.FRAGMENT_SHADER, fragment]
	] as const) {
		const shader = gl.createShader(type)!;
		gl.shaderSource(shader, text);
		gl.compileShader(shader);
		gl.attachShader(program, shader);
	}
	gl.linkProgram(program);
	gl.flush();
	return program;
}

function checkLinked(gl: WebGL2RenderingContext, program: WebGLProgram): void {
	if (gl.getProgramParameter(program, gl.LINK_STATUS) || gl.isContextLost()) return;
	const [failed] = gl
		.getAttachedShaders(program)!
		.map((shader) => gl.getShaderInfoLog(shader))
		.filter(Boolean);
	throw new Error(failed ?? gl.getProgramInfoLog(program) ?? 'the shaders do not fit together');
}
