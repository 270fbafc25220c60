// Programs of the graphics processor: skinned body, solids, ground, points.

const BODY_SHADER = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in uvec4 bonesA;
layout(location = 3) in uvec4 bonesB;
layout(location = 4) in vec4 weightsA;
layout(location = 5) in vec4 weightsB;
uniform mat4 view;
uniform vec4 rows[ROWS];
uniform vec4 shadow; // light's slope x and y, share of flattening
out vec3 place;
out vec3 facing;
mat3x4 bone(uint index) {
  int at = 3 * int(index);
  return mat3x4(rows[at], rows[at + 1], rows[at + 2]);
}
void main() {
  mat3x4 blend = weightsA.x * bone(bonesA.x) + weightsA.y * bone(bonesA.y) + weightsA.z * bone(bonesA.z)
    + weightsA.w * bone(bonesA.w) + weightsB.x * bone(bonesB.x) + weightsB.y * bone(bonesB.y)
    + weightsB.z * bone(bonesB.z) + weightsB.w * bone(bonesB.w);
  place = vec4(position, 1.0) * blend;
  facing = vec4(normal, 0.0) * blend;
  if (shadow.z > 0.5) place = vec3(place.xy - max(place.z, 0.0) * shadow.xy, 0.002);
  gl_Position = view * vec4(place, 1.0);
}`;

const SOLID_SHADER = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in float part;
uniform mat4 view;
uniform mat4 model;
uniform vec3 colours[4];
out vec3 place;
out vec3 facing;
out vec3 tint;
void main() {
  vec4 world = model * vec4(position, 1.0);
  place = world.xyz;
  facing = mat3(model) * normal;
  tint = colours[int(part + 0.5)];
  gl_Position = view * world;
}`;

const SHADING = `#version 300 es
precision highp float;
in vec3 place;
in vec3 facing;
IN_TINT
uniform vec4 colour;
uniform vec3 eye;
uniform vec3 light;
uniform vec2 glow; // ambient, rim
uniform float flatness;
out vec4 pixel;
void main() {
  vec3 base = BASE;
  vec3 n = normalize(facing);
  vec3 v = normalize(eye - place);
  float key = clamp(0.72 * dot(n, light) + 0.28, 0.0, 1.0);
  float sky = 0.5 + 0.5 * n.z;
  float fill = 0.26 * clamp(dot(n, v), 0.0, 1.0);
  float rim = glow.y * pow(1.0 - clamp(dot(n, v), 0.0, 1.0), 3.0);
  vec3 lit = base * (glow.x * mix(0.62, 1.0, sky) + 0.62 * key + fill) + rim;
  pixel = vec4(mix(lit, base, flatness), colour.a);
}`;

const GROUND_SHADER = `#version 300 es
layout(location = 0) in vec3 position;
uniform mat4 view;
uniform vec3 middle;
out vec2 place;
void main() {
  place = position.xy * 14.0 + middle.xy;
  gl_Position = view * vec4(place, 0.0, 1.0);
}`;

const GROUND_SHADING = `#version 300 es
precision highp float;
in vec2 place;
uniform vec4 colour;
uniform vec3 middle;
out vec4 pixel;
float lines(float pitch) {
  vec2 at = place / pitch;
  vec2 far = abs(fract(at - 0.5) - 0.5) / max(fwidth(at), 1e-5);
  return 1.0 - clamp(min(far.x, far.y), 0.0, 1.0);
}
void main() {
  float fade = 1.0 - smoothstep(1.0, 7.0, distance(place, middle.xy));
  pixel = vec4(colour.rgb, colour.a * fade * max(lines(1.0), 0.35 * lines(0.25)));
}`;

const POINT_SHADER = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 hue;
uniform mat4 view;
uniform vec2 size; // pixels at 1 m, nearest
out vec4 tint;
void main() {
  gl_Position = view * vec4(position, 1.0);
  gl_PointSize = max(size.x / gl_Position.w, size.y) * (hue.a > 0.95 ? 1.7 : 1.0);
  gl_Position.z -= 0.006;
  tint = hue;
}`;

const POINT_SHADING = `#version 300 es
precision highp float;
in vec4 tint;
uniform float strength;
out vec4 pixel;
void main() {
  float edge = length(gl_PointCoord - 0.5) * 2.0;
  float cover = 1.0 - smoothstep(0.8, 1.0, edge);
  if (cover < 0.02) discard;
  pixel = vec4(mix(tint.rgb, tint.rgb * 0.55, smoothstep(0.62, 0.8, edge)), cover * strength);
}`;
