/** Places a part of the picture, whose rectangle is given in clip space, and hands on coordinates from the picture's top left corner. */
export const vertex = `#version 300 es
uniform vec4 place; // left, top, right, bottom
uniform vec4 part; // the same, from 0 to 1 of the picture
out vec2 uv;
void main() {
	uv = mix(part.xy, part.zw, vec2(gl_VertexID & 1, gl_VertexID >> 1));
	gl_Position = vec4(mix(place.xy, place.zw, uv), 0.0, 1.0);
}`;

const head = `#version 300 es
precision highp float;
uniform sampler2D source;
in vec2 uv;
out vec4 colour;
`;

/** Draws the source. */
export const sourceFragment = `${head}
void main() {
	colour = vec4(texture(source, uv).rgb, 1.0);
}`;

/** The layers that a place belongs to. */
const nearestLayers = `
uint layersAt(vec2 place) {
	return texture(layers, place).r;
}`;

/** Between the middles of four pixels, those that cover most of it: outlines stay smooth where pixels are large. */
const smoothLayers = `
uint layersAt(vec2 place) {
	ivec2 last = textureSize(layers, 0) - 1;
	vec2 at = place * vec2(last + 1) - 0.5;
	ivec2 low = clamp(ivec2(floor(at)), ivec2(0), last);
	ivec2 high = min(low + 1, last);
	uvec4 four = uvec4(
		texelFetch(layers, low, 0).r,
		texelFetch(layers, ivec2(high.x, low.y), 0).r,
		texelFetch(layers, ivec2(low.x, high.y), 0).r,
		texelFetch(layers, high, 0).r
	);
	uint covering = four.x & four.y & four.z & four.w;
	uint partly = (four.x | four.y | four.z | four.w) & ~covering;
	vec2 f = clamp(at - vec2(low), 0.0, 1.0);
	vec4 share = vec4(1.0 - f.x, f.x, 1.0 - f.x, f.x) * vec4(1.0 - f.y, 1.0 - f.y, f.y, f.y);
	while (partly != 0u) {
		uint bit = partly & (~partly + 1u);
		if (dot(share, vec4(notEqual(four & bit, uvec4(0)))) >= 0.5) covering |= bit;
		partly ^= bit;
	}
	return covering;
}`;

/**
 * Draws the source with layers of masks over it: the tint of each, and along its edge a line of two device pixels at any zoom. Programs
 * that stand in for a graphics card skip a loop that does not begin, but run both sides of every \`if\`.
 * @param magnified whether a pixel of the masks is larger than one of the device
 */
export const layersFragment = (magnified: boolean) => `${head}
uniform highp usampler2D layers; // of every pixel a bit for each layer
uniform int layerCount;
uniform vec4 looks[32]; // each layer's colour, and how much of it lies inside
uniform float edges[32]; // how much of it lies along the edge
uniform vec2 pixel; // one device pixel in coordinates of the picture
${magnified ? smoothLayers : nearestLayers}

void main() {
	vec3 picture = texture(source, uv).rgb;
	vec2 x = vec2(pixel.x, 0.0);
	vec2 y = vec2(0.0, pixel.y);
	uvec4 straight = uvec4(layersAt(uv + x), layersAt(uv - x), layersAt(uv + y), layersAt(uv - y));
	uint everywhere = straight.x & straight.y & straight.z & straight.w;
	uint edge = (straight.x | straight.y | straight.z | straight.w) & ~everywhere;
	uint inside = layersAt(uv);
	vec4 tint = vec4(0.0);
	for (int i = 0; i < layerCount; i++) {
		if ((inside >> i & 1u) == 1u && looks[i].a > 0.0) tint = looks[i];
	}
	picture = mix(picture, tint.rgb, tint.a);
	for (bool along = edge != 0u; along; along = false) {
		vec2 down = 0.70710678 * pixel;
		vec2 up = vec2(down.x, -down.y);
		uvec4 slanted = uvec4(layersAt(uv + down), layersAt(uv - down), layersAt(uv + up), layersAt(uv - up));
		for (int i = 0; i < layerCount; i++) {
			uvec4 around = (straight >> i & 1u) + (slanted >> i & 1u);
			float line = 1.0 - abs(float(around.x + around.y + around.z + around.w) - 4.0) / 4.0;
			picture = mix(picture, looks[i].rgb, edges[i] * smoothstep(0.0, 0.5, line));
		}
	}
	colour = vec4(picture, 1.0);
}`;

/** Draws a view of a result. */
export const resultFragment = `${head}
uniform sampler2D alpha;
uniform sampler2D foreground;
uniform int view;
uniform vec3 background;
uniform float square; // side of the checkerboard's squares in device pixels

const vec3 green = vec3(0.0, 1.0, 0.0);
const vec3 brightness = vec3(0.7152); // of green, BT.709

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
	colour = vec4(result(), 1.0);
}`;
