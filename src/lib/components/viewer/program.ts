import { vertex } from './shaders.ts';

/** A program of the graphics processor. It is compiled beside everything else until it is first used. */
export class Program {
	readonly #gl: WebGL2RenderingContext;
	readonly #program: WebGLProgram;
	readonly #uniforms = new Map<string, WebGLUniformLocation | null>();
	#checked = false;

	constructor(gl: WebGL2RenderingContext, fragment: string) {
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
		this.#gl = gl;
		this.#program = program;
	}

	/** Makes it the one that draws. @throws Error when it does not compile */
	use(): void {
		if (!this.#checked) this.#check();
		this.#gl.useProgram(this.#program);
	}

	/** Null for one that it does not have, which WebGL ignores. */
	uniform(name: string): WebGLUniformLocation | null {
		if (!this.#uniforms.has(name)) {
			this.#uniforms.set(name, this.#gl.getUniformLocation(this.#program, name));
		}
		return this.#uniforms.get(name)!;
	}

	#check(): void {
		const gl = this.#gl;
		if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost()) {
			const [failed] = gl
				.getAttachedShaders(this.#program)!
				.map((shader) => gl.getShaderInfoLog(shader))
				.filter(Boolean);
			throw new Error(failed ?? gl.getProgramInfoLog(this.#program) ?? 'the shaders do not fit together');
		}
		this.#checked = true;
	}
}
