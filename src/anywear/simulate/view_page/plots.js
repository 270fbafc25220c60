// The signals of one sensor: two plots on a canvas each, with a playhead.

const KINDS = {
  acc: { title: "Specific force", unit: "m/s²", least: 1 },
  gyr: { title: "Angular rate", unit: "rad/s", least: 0.2 }, // the least height of a plot: noise shall not fill it
};
const MARGIN = { left: 42, right: 8, top: 8, bottom: 18 };

// Ticks at 1, 2 or 5 times a power of ten.
function ticks(low, high, wanted) {
  const raw = (high - low) / Math.max(wanted, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= raw) || 10);
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) out.push(k * step);
  return { out, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") made.textContent = value;
    else if (name in made && name !== "role" && name !== "style") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const signed = (value) => (value <= -0.005 ? "−" : "\u2007") + Math.abs(value).toFixed(2);

class Plot {
  constructor(sensor, kind, onSeek) {
    this.sensor = sensor;
    this.kind = kind;
    const own = sensor.kinds[kind];
    this.canvas = element("canvas", { className: "plot" });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `${KINDS[kind].title} of ${sensor.name} over time in ${KINDS[kind].unit}`);
    this.readout = element("span", { className: "readout" });
    this.root = element("div", { className: "plot-box" },
      element("div", { className: "plot-head" }, element("span", { className: "plot-title", text: `${KINDS[kind].title}, ${KINDS[kind].unit}` }), this.readout),
      this.canvas);
    let low = 0;
    let high = 0;
    for (const value of own.values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const missing = Math.max(KINDS[kind].least - (high - low) * own.step, 0) / 2;
    const pad = missing + 0.06 * (high - low) * own.step;
    this.low = low * own.step - pad;
    this.high = high * own.step + pad;
    const steps = Array.from(sensor.time.subarray(1), (value, i) => value - sensor.time[i]).sort((a, b) => a - b);
    this.gap = Math.max(4 * (steps[steps.length >> 1] || 1), 0.25);
    const seek = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
      onSeek(this.range[0] + clamp(share, 0, 1) * (this.range[1] - this.range[0]));
    };
    this.canvas.addEventListener("pointerdown", (event) => { this.canvas.setPointerCapture(event.pointerId); this.held = this.range; seek(event); });
    this.canvas.addEventListener("pointermove", (event) => { if (event.buttons) seek(event); });
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => { this.held = null; });
    this.range = [0, 1];
  }

  draw(look, time, range) {
    this.range = this.held || range;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    if (!width || !height) return;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = look.font;
    const box = { x: MARGIN.left, y: MARGIN.top, w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    const [from, to] = this.range;
    const x = (value) => box.x + ((value - from) / (to - from)) * box.w;
    const y = (value) => box.y + (1 - (value - this.low) / (this.high - this.low)) * box.h;
    this.grid(pen, look, box, x, y);
    pen.save();
    pen.beginPath();
    pen.rect(box.x, 0, box.w, height);
    pen.clip();
    for (let axis = 0; axis < 3; axis++) this.line(pen, look.axisCss[axis], axis, x, y, box);
    pen.restore();
    if (time >= from && time <= to) {
      const at = Math.round(x(time)) + 0.5;
      pen.strokeStyle = look.ink;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(at, box.y - 4);
      pen.lineTo(at, box.y + box.h);
      pen.stroke();
    }
    this.dots(pen, look, time, x, y, box);
  }

  grid(pen, look, box, x, y) {
    pen.lineWidth = 1;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    const levels = ticks(this.low, this.high, box.h / 20);
    for (const level of levels.out) {
      const at = Math.round(y(level)) + 0.5;
      pen.strokeStyle = Math.abs(level) < 1e-9 ? look.zero : look.grid;
      pen.beginPath();
      pen.moveTo(box.x, at);
      pen.lineTo(box.x + box.w, at);
      pen.stroke();
      pen.fillStyle = look.dim;
      pen.fillText(level.toFixed(levels.digits).replace("-", "−"), box.x - 6, at);
    }
    pen.textBaseline = "alphabetic";
    const times = ticks(this.range[0], this.range[1], box.w / 64);
    for (const value of times.out) {
      const label = value.toFixed(times.digits) + (value === times.out[times.out.length - 1] ? " s" : "");
      const half = pen.measureText(label).width / 2;
      pen.textAlign = "left";
      pen.fillText(label, clamp(x(value) - half, box.x, box.x + box.w + MARGIN.right - 2 * half), box.y + box.h + 14);
    }
  }

  // Where a pixel holds many samples, its least and greatest value are joined.
  line(pen, colour, axis, x, y, box) {
    const { time, start } = this.sensor;
    const own = this.sensor.kinds[this.kind];
    const first = Math.max(this.sensor.sampleAt(this.range[0]), 0);
    const last = Math.min(this.sensor.sampleAt(this.range[1]) + 1, time.length - 1);
    const size = Math.max(1, Math.floor((last - first) / (1.5 * box.w)));
    pen.strokeStyle = colour;
    pen.lineWidth = 1.4;
    pen.lineJoin = "round";
    pen.beginPath();
    let up = true;
    for (let i = first; i <= last; i += size) {
      if (i > first && time[i] - time[Math.max(i - size, 0)] > Math.max(this.gap, size * this.gap / 4)) up = true;
      let low = i;
      let high = i;
      for (let k = i; k < Math.min(i + size, last + 1); k++) {
        if (own.values[3 * k + axis] < own.values[3 * low + axis]) low = k;
        if (own.values[3 * k + axis] > own.values[3 * high + axis]) high = k;
      }
      for (const k of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
        const at = [x(start + time[k]), y(own.values[3 * k + axis] * own.step)];
        if (up) pen.moveTo(...at);
        else pen.lineTo(...at);
        up = false;
      }
    }
    pen.stroke();
  }

  dots(pen, look, time, x, y) {
    const sample = this.sensor.sampleAt(time);
    const fresh = sample >= 0 && time - this.sensor.start - this.sensor.time[sample] < this.gap;
    const texts = ["x", "y", "z"].map((name, axis) => {
      const value = fresh ? this.sensor.value(this.kind, sample, axis) : 0;
      if (fresh && time >= this.range[0] && time <= this.range[1]) {
        pen.fillStyle = look.axisCss[axis];
        pen.strokeStyle = look.panel;
        pen.lineWidth = 1.5;
        pen.beginPath();
        pen.arc(x(time), y(value), 3.2, 0, 2 * Math.PI);
        pen.fill();
        pen.stroke();
      }
      return element("span", { className: `axis ${name}` }, element("b", { text: name }), fresh ? signed(value) : "\u2007–");
    });
    this.readout.replaceChildren(...texts);
  }
}

class Card {
  constructor(sensor, onSeek, onClose) {
    this.sensor = sensor;
    this.plots = Object.keys(sensor.kinds).map((kind) => new Plot(sensor, kind, onSeek));
    this.dot = element("span", { className: "dot" });
    const close = element("button", { type: "button", className: "close", text: "×", title: "Hide this sensor" });
    close.setAttribute("aria-label", `Hide ${sensor.name}`);
    close.addEventListener("click", onClose);
    const place = sensor.place === sensor.name.replaceAll("_", " ") ? "" : sensor.place + " · ";
    this.root = element("article", { className: "card" },
      element("div", { className: "card-head" }, this.dot, element("h2", { text: sensor.name.replaceAll("_", " ") }),
        element("span", { className: "dim", text: `${place}${Number(sensor.rate.toFixed(1))} Hz${sensor.kinds.gyr ? "" : " · no gyroscope"}` }), close),
      element("div", { className: "pair" }, ...this.plots.map((plot) => plot.root)));
  }

  draw(look, time, range) {
    this.dot.style.background = look.sensorCss(this.sensor);
    for (const plot of this.plots) plot.draw(look, time, range);
  }
}
