// The data of the page, and the kinematics: poses of the bones and of the sensors at any time.

const DATA = JSON.parse(document.getElementById("data").textContent);

function unpack(text, Kind) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Kind(bytes.buffer);
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

// Rest to world transforms of the skin bones, as three rows of four numbers each.
class Motion {
  constructor(body, motion) {
    this.rate = motion.rate;
    this.frames = motion.frames;
    this.quat = unpack(motion.quat, Int16Array);
    this.root = unpack(motion.root, Float32Array);
    this.heads = body.heads;
    this.parents = body.parents;
    this.joints = body.joints;
    this.count = body.joints.length;
    this.rows = new Float32Array(12 * this.count);
    this.place = body.heads.map(() => [0, 0, 0]);
    this.rootAt = [0, 0, 0];
  }

  get duration() {
    return (this.frames - 1) / this.rate;
  }

  pose(time) {
    const at = clamp(time * this.rate, 0, this.frames - 1);
    const first = Math.min(Math.floor(at), Math.max(this.frames - 2, 0));
    const second = Math.min(first + 1, this.frames - 1);
    const share = at - first;
    for (let axis = 0; axis < 3; axis++) {
      this.rootAt[axis] = (1 - share) * this.root[3 * first + axis] + share * this.root[3 * second + axis];
    }
    for (let bone = 0; bone < this.count; bone++) this.turn(bone, first, second, share);
    for (let bone = 0; bone < this.heads.length; bone++) {
      const parent = this.parents[bone];
      this.place[bone] = parent < 0 ? this.rootAt.slice() : this.carried(parent, this.heads[bone]);
      this.settle(bone, bone);
    }
    for (let bone = this.heads.length; bone < this.count; bone++) this.settle(bone, this.joints[bone]);
  }

  turn(bone, first, second, share) {
    const a = 4 * (first * this.count + bone);
    const b = 4 * (second * this.count + bone);
    const q = this.quat;
    const sign = q[a] * q[b] + q[a + 1] * q[b + 1] + q[a + 2] * q[b + 2] + q[a + 3] * q[b + 3] < 0 ? -1 : 1;
    let x = (1 - share) * q[a] + share * sign * q[b];
    let y = (1 - share) * q[a + 1] + share * sign * q[b + 1];
    let z = (1 - share) * q[a + 2] + share * sign * q[b + 2];
    let w = (1 - share) * q[a + 3] + share * sign * q[b + 3];
    const norm = Math.hypot(x, y, z, w);
    x /= norm; y /= norm; z /= norm; w /= norm;
    const m = this.rows;
    const o = 12 * bone;
    m[o] = 1 - 2 * (y * y + z * z); m[o + 1] = 2 * (x * y - z * w); m[o + 2] = 2 * (x * z + y * w);
    m[o + 4] = 2 * (x * y + z * w); m[o + 5] = 1 - 2 * (x * x + z * z); m[o + 6] = 2 * (y * z - x * w);
    m[o + 8] = 2 * (x * z - y * w); m[o + 9] = 2 * (y * z + x * w); m[o + 10] = 1 - 2 * (x * x + y * y);
  }

  carried(bone, p) {
    const m = this.rows;
    const o = 12 * bone;
    return [0, 4, 8].map((r) => m[o + r] * p[0] + m[o + r + 1] * p[1] + m[o + r + 2] * p[2] + m[o + r + 3]);
  }

  // The translation that takes the bone's rest joint to where the joint is.
  settle(bone, joint) {
    const m = this.rows;
    const o = 12 * bone;
    const head = this.heads[joint];
    for (let axis = 0; axis < 3; axis++) {
      const r = o + 4 * axis;
      m[r + 3] = this.place[joint][axis] - m[r] * head[0] - m[r + 1] * head[1] - m[r + 2] * head[2];
    }
  }
}

const CLOCKS = DATA.clocks.map((text) => unpack(text, Float32Array));

class Sensor {
  constructor(record, index) {
    Object.assign(this, record);
    this.index = index;
    this.time = CLOCKS[record.clock];
    this.kinds = {};
    for (const kind of ["acc", "gyr"]) {
      if (record[kind]) this.kinds[kind] = { step: record[kind].step, values: unpack(record[kind].values, Int16Array) };
    }
    this.at = [0, 0, 0];
    this.out = [0, 0, 1]; // out of the skin
    this.axes = new Float32Array(9); // columns x, y, z, one after the other
  }

  // Where the sensor is, and with `turned` how its axes lie: the rotation nearest to the blended one.
  follow(motion, turned) {
    const blended = new Float64Array(12);
    for (let k = 0; k < this.bones.length; k++) {
      const o = 12 * this.bones[k];
      for (let i = 0; i < 12; i++) blended[i] += this.weights[k] * motion.rows[o + i];
    }
    const p = this.rest;
    const n = this.normal;
    for (let axis = 0; axis < 3; axis++) {
      const r = 4 * axis;
      this.at[axis] = blended[r] * p[0] + blended[r + 1] * p[1] + blended[r + 2] * p[2] + blended[r + 3];
      this.out[axis] = blended[r] * n[0] + blended[r + 1] * n[1] + blended[r + 2] * n[2];
    }
    if (!turned) return;
    const m = nearestRotation([0, 1, 2, 4, 5, 6, 8, 9, 10].map((i) => blended[i]));
    for (let column = 0; column < 3; column++) {
      for (let row = 0; row < 3; row++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += m[3 * row + k] * this.frame[3 * k + column];
        this.axes[3 * column + row] = sum;
      }
    }
  }

  // Last sample at or before this time; -1 before the first.
  sampleAt(time) {
    const wanted = time - this.start + 1e-6;
    let low = -1;
    let high = this.time.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.time[middle] <= wanted) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  value(kind, sample, axis) {
    const own = this.kinds[kind];
    return own.values[3 * sample + axis] * own.step;
  }

  magnitude(sample) {
    if (sample < 0) return 0;
    return Math.hypot(this.value("acc", sample, 0), this.value("acc", sample, 1), this.value("acc", sample, 2));
  }
}

// Newton's iteration for the polar factor: the mean of a matrix and its inverse transposed.
function nearestRotation(m) {
  for (let round = 0; round < 6; round++) {
    const c = [
      m[4] * m[8] - m[5] * m[7], m[5] * m[6] - m[3] * m[8], m[3] * m[7] - m[4] * m[6],
      m[2] * m[7] - m[1] * m[8], m[0] * m[8] - m[2] * m[6], m[1] * m[6] - m[0] * m[7],
      m[1] * m[5] - m[2] * m[4], m[2] * m[3] - m[0] * m[5], m[0] * m[4] - m[1] * m[3],
    ];
    const determinant = m[0] * c[0] + m[1] * c[1] + m[2] * c[2];
    m = m.map((value, i) => 0.5 * (value + c[i] / determinant));
  }
  return m;
}
