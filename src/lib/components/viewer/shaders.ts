/** Places the picture's rectangle, given in clip space, and hands on coordinates from its top left corner. */
export const vertex = `#version 300 es
uniform vec4 place; // left, top, right, bottom
out vec2 uv;
void main() {
	uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
	gl_Position = vec4(mix(place.xy, place.zw, uv), 0.0, 1.0);
}`;

/** Draws the source with the mask over it, or a view of the result; left of the wipe always the source. */
export const fragment = `#version 300 es
precision highp float;
uniform sampler2D source;
uniform sampler2D mask;
uniform sampler2D alpha;
uniform sampler2D foreground;
uniform int view;
uniform bool masked;
uniform vec3 target;
uniform vec3 background;
uniform float wipe;
uniform vec2 pixel; // one device pixel in coordinates of the picture
uniform float square; // side of the checkerboard's squares in device pixels
in vec2 uv;
out vec4 colour;

const vec3 green = vec3(0.0, 1.0, 0.0);
const vec3 brightness = vec3(0.7152); // of green, BT.709

/** A tint inside, and along the edge a line of two device pixels at any zoom. */
vec3 withMask(vec3 picture) {
	float inside = step(0.5, texture(mask, uv).r);
	float around = 0.0;
	for (int i = 0; i < 8; i++) {
		float angle = 0.7853982 * float(i);
		around += step(0.5, texture(mask, uv + pixel * vec2(cos(angle), sin(angle))).r);
	}
	float edge = 1.0 - abs(around - 4.0) / 4.0;
	return mix(mix(picture, target, 0.38 * inside), target, smoothstep(0.0, 0.5, edge));
}

/** Alpha over the four pixels that share a colour in files of halved colour resolution. */
float sharedAlpha() {
	ivec2 last = textureSize(alpha, 0) - 1;
	ivec2 first = ivec2(uv * vec2(last + 1)) / 2 * 2;
	float sum = 0.0;
	for (int i = 0; i < 4; i++) sum += texelFetch(alpha, min(first + ivec2(i & 1, i >> 1), last), 0).r;
	return sum / 4.0;
}

/**
 * Puts the foreground on another background. The foreground file is the foreground times alpha over green, so the green is taken
 * out: its brightness by each pixel's own alpha, its colour, which the file holds at half the resolution, by the alpha of the
 * pixels that share it. What is left cannot exceed alpha, and where the target is opaque it is the source.
 */
vec3 over(vec3 behind) {
	float a = texture(alpha, uv).r;
	vec3 own = texture(foreground, uv).rgb - (1.0 - a) * brightness - (1.0 - sharedAlpha()) * (green - brightness);
	own = mix(clamp(own, 0.0, a), texture(source, uv).rgb * a, smoothstep(0.9, 1.0, a));
	return own + (1.0 - a) * behind;
}

vec3 checkerboard() {
	vec2 cell = floor(gl_FragCoord.xy / square);
	return vec3(mod(cell.x + cell.y, 2.0) < 0.5 ? 0.72 : 0.52);
}

vec3 result() {
	if (view == 1) return texture(alpha, uv).rrr;
	if (view == 2) return texture(foreground, uv).rgb;
	return over(view == 3 ? checkerboard() : background);
}

void main() {
	vec3 picture = texture(source, uv).rgb;
	if (view != 0 && uv.x >= wipe) picture = result();
	else if (masked) picture = withMask(picture);
	colour = vec4(picture, 1.0);
}`;
