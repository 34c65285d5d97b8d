/** Places the picture's rectangle, given in clip space, and hands on coordinates from its top left corner. */
export const vertex = `#version 300 es
uniform vec4 place; // left, top, right, bottom
out vec2 uv;
void main() {
	uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
	gl_Position = vec4(mix(place.xy, place.zw, uv), 0.0, 1.0);
}`;

/** Draws the source with layers of masks over it, or a view of the result; left of the wipe always the source. */
export const fragment = `#version 300 es
precision highp float;
uniform sampler2D source;
uniform highp usampler2D layers; // of every pixel a bit for each layer
uniform sampler2D alpha;
uniform sampler2D foreground;
uniform int view;
uniform int layerCount;
uniform vec4 looks[32]; // each layer's colour, and how much of it lies inside
uniform float edges[32]; // how much of it lies along the edge
uniform vec3 background;
uniform float wipe;
uniform vec2 pixel; // one device pixel in coordinates of the picture
uniform float square; // side of the checkerboard's squares in device pixels
in vec2 uv;
out vec4 colour;

const vec3 green = vec3(0.0, 1.0, 0.0);
const vec3 brightness = vec3(0.7152); // of green, BT.709

/** The layers that a place belongs to; between the middles of four pixels, those that cover most of it. */
uint layersAt(vec2 place) {
	ivec2 last = textureSize(layers, 0) - 1;
	vec2 size = vec2(last + 1);
	// Where a device pixel covers one of the mask's, the nearest is as good: a quarter of the work, which counts without a graphics card.
	if (pixel.x * size.x >= 1.0) return texelFetch(layers, clamp(ivec2(place * size), ivec2(0), last), 0).r;
	vec2 at = place * size - 0.5;
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
}

/** The tint of the topmost layer that has one, and along every layer's edge a line of two device pixels at any zoom. */
vec3 withLayers(vec3 picture) {
	uint around[8];
	uint somewhere = 0u;
	uint everywhere = ~0u;
	for (int i = 0; i < 8; i++) {
		float angle = 0.7853982 * float(i);
		around[i] = layersAt(uv + pixel * vec2(cos(angle), sin(angle)));
		somewhere |= around[i];
		everywhere &= around[i];
	}
	uint edge = somewhere & ~everywhere;
	uint inside = edge == 0u ? everywhere : layersAt(uv);
	vec4 tint = vec4(0.0);
	for (int i = 0; i < layerCount; i++) {
		if ((inside >> i & 1u) == 1u && looks[i].a > 0.0) tint = looks[i];
	}
	picture = mix(picture, tint.rgb, tint.a);
	for (int i = 0; i < layerCount; i++) {
		if ((edge >> i & 1u) == 0u) continue;
		uint count = 0u;
		for (int j = 0; j < 8; j++) count += around[j] >> i & 1u;
		float line = 1.0 - abs(float(count) - 4.0) / 4.0;
		picture = mix(picture, looks[i].rgb, edges[i] * smoothstep(0.0, 0.5, line));
	}
	return picture;
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
	else if (layerCount > 0) picture = withLayers(picture);
	colour = vec4(picture, 1.0);
}`;
