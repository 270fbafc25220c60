// The picture in three dimensions: ground, shadow, body, sensors. WebGL 2; the skinning runs on the graphics processor.

const FIELD_OF_VIEW = 0.56; // rad, vertical
const LIGHT = [0.35, -0.28, 0.89];
const CASE = [0.017, 0.017, 0.0055]; // m, half a sensor's edges
const ARROW_M = 0.1;

function product(a, b) {
  const out = new Float32Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * k + row] * b[4 * column + k];
      out[4 * column + row] = sum;
    }
  }
  return out;
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => a.map((value) => value / Math.max(Math.hypot(...a), 1e-12));

class Camera {
  constructor() {
    this.target = [0, 0, 0.9];
    this.azimuth = 0.6;
    this.elevation = 0.14;
    this.distance = 3.6;
  }

  update(width, height) {
    const c = Math.cos(this.elevation);
    const back = [c * Math.cos(this.azimuth), c * Math.sin(this.azimuth), Math.sin(this.elevation)];
    this.eye = this.target.map((value, axis) => value + this.distance * back[axis]);
    const right = unit(cross([0, 0, 1], back));
    const up = cross(back, right);
    const look = new Float32Array([
      right[0], up[0], back[0], 0, right[1], up[1], back[1], 0, right[2], up[2], back[2], 0,
      -dot(right, this.eye), -dot(up, this.eye), -dot(back, this.eye), 1,
    ]);
    const f = 1 / Math.tan(FIELD_OF_VIEW / 2);
    const near = 0.05;
    const far = 60;
    const lens = new Float32Array([
      (f * height) / width, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / (near - far), -1, 0, 0, (2 * far * near) / (near - far), 0,
    ]);
    this.view = product(lens, look);
    this.width = width;
    this.height = height;
  }

  // Pixels from the upper left.
  project(p) {
    const m = this.view;
    const w = m[3] * p[0] + m[7] * p[1] + m[11] * p[2] + m[15];
    const x = m[0] * p[0] + m[4] * p[1] + m[8] * p[2] + m[12];
    const y = m[1] * p[0] + m[5] * p[1] + m[9] * p[2] + m[13];
    return [(0.5 + (0.5 * x) / w) * this.width, (0.5 - (0.5 * y) / w) * this.height];
  }
}

class Scene {
  constructor(canvas, body, motion, sensors) {
    const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, stencil: true, premultipliedAlpha: false });
    if (!gl) throw new Error("WebGL 2 is not available");
    this.canvas = canvas;
    this.gl = gl;
    this.motion = motion;
    this.sensors = sensors;
    this.camera = new Camera();
    const shading = (tinted) => SHADING.replace("IN_TINT", tinted ? "in vec3 tint;" : "").replace("BASE", tinted ? "tint" : "colour.rgb");
    this.bodyProgram = this.program(BODY_SHADER.replace("ROWS", String(3 * motion.count)), shading(false));
    this.solidProgram = this.program(SOLID_SHADER, shading(true));
    this.groundProgram = this.program(GROUND_SHADER, GROUND_SHADING);
    this.pointProgram = this.program(POINT_SHADER, POINT_SHADING);
    this.body = this.bodyMesh(body);
    this.solid = this.solidMesh();
    this.ground = this.mesh([[0, 3, new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0])]], new Uint16Array([0, 1, 2, 0, 2, 3]));
    this.points = { place: new Float32Array(3 * sensors.length), hue: new Float32Array(4 * sensors.length) };
    this.points.mesh = this.mesh([[0, 3, this.points.place], [1, 4, this.points.hue]], null);
    gl.enable(gl.DEPTH_TEST);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  program(vertex, fragment) {
    const gl = this.gl;
    const made = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error("The shaders do not compile: " + gl.getProgramInfoLog(made));
    const places = {};
    const count = gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS);
    for (let i = 0; i < count; i++) {
      const name = gl.getActiveUniform(made, i).name;
      places[name.replace("[0]", "")] = gl.getUniformLocation(made, name);
    }
    return { made, places };
  }

  mesh(attributes, indices) {
    const gl = this.gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    const buffers = attributes.map(([place, width, values, offset, stride]) => {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, values, indices ? gl.STATIC_DRAW : gl.DYNAMIC_DRAW);
      gl.enableVertexAttribArray(place);
      if (offset === undefined) gl.vertexAttribPointer(place, width, gl.FLOAT, false, 0, 0);
      else if (stride > 0) gl.vertexAttribIPointer(place, width, gl.UNSIGNED_BYTE, stride, offset);
      else gl.vertexAttribPointer(place, width, gl.UNSIGNED_BYTE, true, -stride, offset);
      return buffer;
    });
    if (indices) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
    }
    gl.bindVertexArray(null);
    return { array, buffers, count: indices ? indices.length : 0 };
  }

  bodyMesh(body) {
    const steps = unpack(body.vertices, Int16Array);
    const place = Float32Array.from(steps, (value) => value * body.step);
    const corners = unpack(body.triangles, Uint16Array);
    const normal = new Float32Array(place.length);
    for (let i = 0; i < corners.length; i += 3) {
      const [a, b, c] = [corners[i], corners[i + 1], corners[i + 2]].map((v) => place.subarray(3 * v, 3 * v + 3));
      const n = cross([b[0] - a[0], b[1] - a[1], b[2] - a[2]], [c[0] - a[0], c[1] - a[1], c[2] - a[2]]);
      for (let k = 0; k < 3; k++) for (let axis = 0; axis < 3; axis++) normal[3 * corners[i + k] + axis] += n[axis];
    }
    const bones = unpack(body.bones, Uint8Array);
    const weights = unpack(body.weights, Uint8Array);
    return this.mesh(
      [[0, 3, place], [1, 3, normal], [2, 4, bones, 0, 8], [3, 4, bones, 4, 8], [4, 4, weights, 0, -8], [5, 4, weights, 4, -8]],
      corners,
    );
  }

  // A case with an arrow along each axis; `part` 0 is the case, 1 to 3 the arrows.
  solidMesh() {
    const place = [];
    const normal = [];
    const part = [];
    const corners = [];
    const add = (points, n, kind) => {
      const first = part.length;
      points.forEach((p, i) => { place.push(...p); normal.push(...(Array.isArray(n[0]) ? n[i] : n)); part.push(kind); });
      for (let i = 2; i < points.length; i++) corners.push(first, first + i - 1, first + i);
    };
    for (let axis = 0; axis < 3; axis++) {
      for (const sign of [-1, 1]) {
        const [b, c] = [(axis + 1) % 3, (axis + 2) % 3];
        const n = [0, 0, 0];
        n[axis] = sign;
        add([[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([u, v]) => {
          const p = [0, 0, 0];
          p[axis] = sign * CASE[axis]; p[b] = u * sign * CASE[b]; p[c] = v * CASE[c];
          return p;
        }), n, 0);
      }
      const turned = (angle, radius, along) => {
        const p = [0, 0, 0];
        p[axis] = along; p[(axis + 1) % 3] = radius * Math.cos(angle); p[(axis + 2) % 3] = radius * Math.sin(angle);
        return p;
      };
      const neck = ARROW_M - 0.026;
      for (let i = 0; i < 12; i++) {
        const [u, v] = [(i * Math.PI) / 6, ((i + 1) * Math.PI) / 6];
        add([turned(u, 0.0034, 0), turned(v, 0.0034, 0), turned(v, 0.0034, neck), turned(u, 0.0034, neck)],
          [turned(u, 1, 0), turned(v, 1, 0), turned(v, 1, 0), turned(u, 1, 0)], axis + 1);
        add([turned(u, 0.009, neck), turned(v, 0.009, neck), turned(0, 0, ARROW_M)],
          [turned(u, 1, 0.35), turned(v, 1, 0.35), turned((u + v) / 2, 1, 0.35)], axis + 1);
      }
    }
    return this.mesh([[0, 3, new Float32Array(place)], [1, 3, new Float32Array(normal)], [2, 1, new Float32Array(part)]], new Uint16Array(corners));
  }

  resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.max(1, Math.round(this.canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(this.canvas.clientHeight * ratio));
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.ratio = ratio;
    this.camera.update(this.canvas.clientWidth || 1, this.canvas.clientHeight || 1);
  }

  // `shown`: sensors drawn whole; `hues`: colours of all as points, or null. `look`: colours of the scheme.
  draw(look, shown, hues) {
    this.resize();
    const gl = this.gl;
    const { view, eye, target } = this.camera;
    const light = unit(LIGHT);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);

    gl.enable(gl.BLEND);
    gl.depthMask(false);
    let at = this.use(this.groundProgram);
    gl.uniformMatrix4fv(at.view, false, view);
    gl.uniform3fv(at.middle, target);
    gl.uniform4fv(at.colour, look.line);
    this.elements(this.ground);

    at = this.use(this.bodyProgram);
    gl.uniformMatrix4fv(at.view, false, view);
    gl.uniform4fv(at.rows, this.motion.rows);
    gl.uniform3fv(at.eye, eye);
    gl.uniform3fv(at.light, light);
    gl.uniform2fv(at.glow, look.glow);
    gl.enable(gl.STENCIL_TEST);
    gl.stencilFunc(gl.EQUAL, 0, 255);
    gl.stencilOp(gl.KEEP, gl.KEEP, gl.INCR);
    gl.disable(gl.DEPTH_TEST);
    gl.uniform4f(at.shadow, light[0] / light[2], light[1] / light[2], 1, 0);
    gl.uniform4fv(at.colour, look.shadow);
    gl.uniform1f(at.flatness, 1);
    this.elements(this.body);
    gl.disable(gl.STENCIL_TEST);
    gl.enable(gl.DEPTH_TEST);
    gl.depthMask(true);
    gl.disable(gl.BLEND);
    gl.uniform4f(at.shadow, 0, 0, 0, 0);
    gl.uniform4fv(at.colour, look.body);
    gl.uniform1f(at.flatness, 0);
    this.elements(this.body);

    at = this.use(this.solidProgram);
    gl.uniformMatrix4fv(at.view, false, view);
    gl.uniform3fv(at.eye, eye);
    gl.uniform3fv(at.light, light);
    gl.uniform2f(at.glow, 0.45, 0);
    this.solids(at, shown, look, 1, 0.25);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    gl.depthFunc(gl.GREATER);
    this.solids(at, shown, look, 0.24, 0.8);
    gl.depthFunc(gl.LESS);
    if (hues) this.crowd(hues);
    gl.depthMask(true);
  }

  solids(at, shown, look, alpha, flatness) {
    const gl = this.gl;
    gl.uniform4f(at.colour, 0, 0, 0, alpha);
    gl.uniform1f(at.flatness, flatness);
    for (const sensor of shown) {
      const a = sensor.axes;
      const p = sensor.at.map((value, axis) => value + 0.004 * sensor.out[axis]);
      gl.uniformMatrix4fv(at.model, false, [a[0], a[1], a[2], 0, a[3], a[4], a[5], 0, a[6], a[7], a[8], 0, ...p, 1]);
      gl.uniform3fv(at.colours, [...look.sensor(sensor).slice(0, 3), ...look.axes]);
      this.elements(this.solid);
    }
  }

  crowd(hues) {
    const gl = this.gl;
    this.sensors.forEach((sensor, i) => this.points.place.set(sensor.at, 3 * i));
    const [place, hue] = this.points.mesh.buffers;
    gl.bindBuffer(gl.ARRAY_BUFFER, place);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.points.place);
    gl.bindBuffer(gl.ARRAY_BUFFER, hue);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, hues);
    const at = this.use(this.pointProgram);
    gl.uniformMatrix4fv(at.view, false, this.camera.view);
    gl.uniform2f(at.size, 0.013 * this.canvas.height / Math.tan(FIELD_OF_VIEW / 2) / 2, 3 * this.ratio);
    gl.bindVertexArray(this.points.mesh.array);
    gl.uniform1f(at.strength, 1);
    gl.drawArrays(gl.POINTS, 0, this.sensors.length);
    gl.depthFunc(gl.GREATER);
    gl.uniform1f(at.strength, 0.1);
    gl.drawArrays(gl.POINTS, 0, this.sensors.length);
    gl.depthFunc(gl.LESS);
  }

  use(program) {
    this.gl.useProgram(program.made);
    return program.places;
  }

  elements(mesh) {
    this.gl.bindVertexArray(mesh.array);
    this.gl.drawElements(this.gl.TRIANGLES, mesh.count, this.gl.UNSIGNED_SHORT, 0);
  }
}
