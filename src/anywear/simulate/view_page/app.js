// The page: what is chosen, what plays, and how it is steered.

const CROWD = 24; // with more sensors than this they are drawn as points, and listed by search
const FIRST_CHOSEN = 4;
const LISTED = 40;
const MAX_CARDS = 12;
const STAGE_M = 6; // a longer way does not fit into the picture
const SPANS = [2, 5, 10, 30, 60];

const $ = (id) => document.getElementById(id);
const motion = new Motion(DATA.body, DATA.motion);
const sensors = DATA.sensors.map((record, index) => new Sensor(record, index));
const crowded = sensors.length > CROWD;
const length = DATA.end_s - DATA.start_s;
const state = {
  time: Math.max(DATA.start_s, 0), playing: false, speed: 1, follow: true, names: true, span: 0, stale: true,
  chosen: new Set(sensors.slice(0, crowded ? 2 : FIRST_CHOSEN).map((sensor) => sensor.index)),
};

// Colours --------------------------------------------------------------------------------------------------------------

function readLook() {
  const style = getComputedStyle(document.documentElement);
  const css = (name) => style.getPropertyValue(name).trim();
  const rgb = (name) => [1, 3, 5].map((i) => parseInt(css(name).slice(i, i + 2), 16) / 255);
  const palette = [0, 1, 2, 3, 4, 5].map((i) => `--sensor-${i}`);
  const hue = (sensor) => palette[sensor.index % palette.length];
  const colours = Object.fromEntries(palette.map((name) => [name, { css: css(name), rgb: rgb(name) }]));
  const axisNames = ["--axis-x", "--axis-y", "--axis-z"];
  return {
    body: [...rgb("--body"), 1], line: [...rgb("--ground"), Number(css("--ground-strength"))],
    shadow: [...rgb("--shadow"), Number(css("--shadow-strength"))],
    glow: [Number(css("--ambient")), Number(css("--rim"))],
    axes: axisNames.flatMap(rgb), axisCss: axisNames.map(css),
    sensor: (sensor) => colours[hue(sensor)].rgb, sensorCss: (sensor) => colours[hue(sensor)].css,
    ink: css("--ink"), dim: css("--dim"), grid: css("--grid"), zero: css("--zero"), panel: css("--panel"),
    font: "11px " + css("--sans"),
  };
}

// Dark blue to yellow, even in lightness; anchors of a perceptual scale.
const SCALE = [[0.27, 0.0, 0.33], [0.23, 0.32, 0.55], [0.13, 0.57, 0.55], [0.37, 0.79, 0.38], [0.99, 0.91, 0.14]];

function scaleColour(share) {
  const at = clamp(share, 0, 1) * (SCALE.length - 1);
  const low = Math.min(Math.floor(at), SCALE.length - 2);
  return SCALE[low].map((value, i) => value + (at - low) * (SCALE[low + 1][i] - value));
}

let look = readLook();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { look = readLook(); state.stale = true; });

// The scene ------------------------------------------------------------------------------------------------------------

let scene = null;
let strongest = 20;
const hues = crowded ? new Float32Array(4 * sensors.length) : null;
const centre = { step: 0.1, path: [], at: [0, 0] };

function preparePath() {
  for (let time = 0; time <= motion.duration + centre.step; time += centre.step) {
    const frame = clamp(Math.round(time * motion.rate), 0, motion.frames - 1);
    centre.path.push([motion.root[3 * frame], motion.root[3 * frame + 1]]);
  }
  const [low, high] = [0, 1].map((end) => [0, 1].map((axis) => {
    const values = centre.path.map((p) => p[axis]);
    return values.reduce((a, b) => (end ? Math.max(a, b) : Math.min(a, b)));
  }));
  centre.middle = low.map((value, axis) => (value + high[axis]) / 2);
  centre.extent = Math.hypot(high[0] - low[0], high[1] - low[1]);
}

// The root's way, averaged over a second, so that the view does not shake with every step.
function followed(time) {
  const at = clamp(time / centre.step, 0, centre.path.length - 1);
  const sum = [0, 0];
  let weight = 0;
  for (let k = Math.ceil(at - 6); k <= at + 6; k++) {
    const own = 1 - Math.abs(k - at) / 7;
    const p = centre.path[clamp(k, 0, centre.path.length - 1)];
    sum[0] += own * p[0]; sum[1] += own * p[1]; weight += own;
  }
  return sum.map((value) => value / weight);
}

function resetView() {
  motion.pose(0);
  const camera = scene.camera;
  camera.azimuth = Math.atan2(motion.rows[4], motion.rows[0]) + 0.62;
  camera.elevation = 0.16;
  camera.distance = 0;
  state.stale = true;
}

function placeCamera() {
  const camera = scene.camera;
  const aspect = scene.canvas.clientWidth / Math.max(scene.canvas.clientHeight, 1);
  if (!camera.distance) {
    const fit = Math.max(2.3, 1.5 / Math.max(aspect, 0.3));
    camera.distance = DATA.body.height * fit + (state.follow ? 0 : 1.1 * Math.min(centre.extent, STAGE_M) / Math.max(aspect, 0.6));
  }
  if (state.follow) centre.at = followed(state.time);
  else if (centre.extent <= STAGE_M) centre.at = centre.middle; // all of the way in view; a longer one is left where it was
  camera.target = [...centre.at, 0.47 * DATA.body.height];
}

function steerView(canvas) {
  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const camera = scene.camera;
    if (fingers.size === 2) {
      const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)[1];
      const apart = (p) => Math.max(Math.hypot(p[0] - other[0], p[1] - other[1]), 1);
      camera.distance = clamp((camera.distance * apart(before)) / apart(now), 0.5, 30);
    } else {
      camera.azimuth -= (now[0] - before[0]) * 0.008;
      camera.elevation = clamp(camera.elevation + (now[1] - before[1]) * 0.006, 0.01, 1.5);
    }
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    fingers.set(event.pointerId, now);
    state.stale = true;
  });
  const lift = (event) => {
    if (event.type === "pointerup" && fingers.size === 1 && moved < 5) pick(event);
    fingers.delete(event.pointerId);
  };
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, lift);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    scene.camera.distance = clamp(scene.camera.distance * Math.exp(clamp(event.deltaY, -80, 80) * 0.002), 0.5, 30);
    state.stale = true;
  }, { passive: false });
}

function pick(event) {
  const box = scene.canvas.getBoundingClientRect();
  let nearest = null;
  let best = 16;
  for (const sensor of sensors) {
    const [x, y] = scene.camera.project(sensor.at);
    const away = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top) + (turnedAway(sensor) ? 10 : 0);
    if (away < best) [nearest, best] = [sensor, away];
  }
  if (nearest) choose(nearest, !state.chosen.has(nearest.index));
}

function colourCrowd() {
  sensors.forEach((sensor, i) => {
    hues.set(scaleColour(sensor.magnitude(sensor.sampleAt(state.time)) / strongest), 4 * i);
    hues[4 * i + 3] = state.chosen.has(sensor.index) ? 1 : 0.9;
  });
}

// Strong but rare peaks would leave all else in one colour: the scale ends at the 98th percentile.
function prepareScale() {
  const seen = [];
  for (const sensor of sensors) {
    const stride = Math.max(1, Math.floor(sensor.time.length / 40));
    for (let i = 0; i < sensor.time.length; i += stride) seen.push(sensor.magnitude(i));
  }
  seen.sort((a, b) => a - b);
  strongest = Math.max(Math.ceil(seen[Math.floor(0.98 * (seen.length - 1))] / 5) * 5, 10);
  const bar = element("span", { className: "bar" });
  bar.style.background = `linear-gradient(90deg, ${SCALE.map((c) => `rgb(${c.map((v) => Math.round(255 * v))})`).join(", ")})`;
  $("legend").replaceChildren(element("span", { text: "Specific force, magnitude" }),
    element("span", { className: "scale" }, "0", bar, `${strongest} m/s²`));
}

// Choosing sensors -----------------------------------------------------------------------------------------------------

const cards = new Map();

function choose(sensor, wanted) {
  if (wanted) state.chosen.add(sensor.index);
  else state.chosen.delete(sensor.index);
  while (state.chosen.size > MAX_CARDS && crowded) state.chosen.delete(state.chosen.values().next().value);
  layCards();
  listSensors();
}

function layCards() {
  const wanted = [...state.chosen].sort((a, b) => a - b);
  for (const index of [...cards.keys()]) if (!state.chosen.has(index)) cards.delete(index);
  for (const index of wanted) {
    if (!cards.has(index)) cards.set(index, new Card(sensors[index], seek, () => choose(sensors[index], false)));
  }
  const shown = wanted.map((index) => cards.get(index).root);
  $("cards").replaceChildren(...(shown.length ? shown : [element("p", { className: "dim empty", text: "Choose a sensor to see its signals." })]));
  state.stale = true;
}

function listSensors() {
  const root = $("choose");
  if (!root.firstChild) {
    if (crowded) {
      const search = element("input", { type: "search", placeholder: `Search ${sensors.length} sensors`, id: "search", autocomplete: "off" });
      search.setAttribute("aria-label", "Search sensors by name or place");
      search.addEventListener("input", listSensors);
      root.append(search);
    }
    root.append(element("div", { className: "chips", role: "group" }));
    root.lastChild.setAttribute("aria-label", "Sensors");
  }
  const words = (crowded ? $("search").value : "").toLowerCase().split(/[\s_]+/).filter(Boolean);
  const fits = (sensor) => words.every((word) => `${sensor.name} ${sensor.place}`.toLowerCase().includes(word));
  const found = words.length ? sensors.filter(fits) : crowded ? sensors.filter((s) => state.chosen.has(s.index)) : sensors;
  const chips = found.slice(0, LISTED).map((sensor) => {
    const mark = element("span", { className: "dot" });
    mark.style.background = look.sensorCss(sensor);
    const place = crowded && sensor.place !== sensor.name ? element("span", { className: "dim", text: sensor.place }) : "";
    const chip = element("button", { type: "button", className: "chip" }, mark, sensor.name.replaceAll("_", " "), place);
    chip.setAttribute("aria-pressed", String(state.chosen.has(sensor.index)));
    chip.addEventListener("click", () => choose(sensor, !state.chosen.has(sensor.index)));
    return chip;
  });
  if (found.length > LISTED) chips.push(element("span", { className: "dim", text: `and ${found.length - LISTED} more` }));
  if (!found.length) chips.push(element("span", { className: "dim", text: words.length ? "No such sensor" : "Search, or click a point on the body." }));
  root.querySelector(".chips").replaceChildren(...chips);
}

// Text -----------------------------------------------------------------------------------------------------------------

function writeText() {
  const caption = $("caption");
  caption.textContent = DATA.captions[0] || `${sensors.length} ${sensors.length === 1 ? "sensor" : "sensors"}, ${length.toFixed(1)} s`;
  const list = element("dl", {}, ...DATA.facts.flatMap(([term, text]) => [element("dt", { text: term }), element("dd", { text })]));
  if (DATA.captions.length > 1) {
    list.append(element("dt", { text: "Captions" }), ...DATA.captions.map((text) => element("dd", { text })));
  }
  const known = sensors.filter((sensor) => sensor.known).length;
  const axes = known === sensors.length ? "As the recording tells."
    : `${known ? "Where the recording tells them, as it does; elsewhere those" : "Those"} of the place: x to the right, y along the segment, z out of the skin.`;
  list.append(element("dt", { text: "Sensors' axes" }), element("dd", { text: axes }));
  const notes = element("ul", {}, ...DATA.notes.map((note) => element("li", {},
    element("span", { className: "kind", text: note.kind }), note.text + " ", element("span", { className: "dim", text: note.about }))));
  $("facts").replaceChildren(list, ...(DATA.notes.length ? [element("h3", { text: "Notes" }), notes] : []));
}

// Playing --------------------------------------------------------------------------------------------------------------

function range() {
  if (!state.span || state.span >= length) return [DATA.start_s, DATA.end_s];
  const from = clamp(state.time - state.span / 2, DATA.start_s, DATA.end_s - state.span);
  return [from, from + state.span];
}

function seek(time) {
  state.time = clamp(time, DATA.start_s, DATA.end_s);
  state.stale = true;
}

function play(wanted) {
  state.playing = wanted;
  if (wanted && state.time >= DATA.end_s - 1e-6) seek(DATA.start_s);
  $("play").setAttribute("aria-label", wanted ? "Pause" : "Play");
  $("play-icon").setAttribute("d", wanted ? "M7 5h4v14H7zM13 5h4v14h-4z" : "M8 5v14l11-7z");
}

let before = 0;

function tick(now) {
  const passed = Math.min((now - before) / 1000, 0.1);
  before = now;
  if (state.playing) {
    const next = state.time + passed * state.speed;
    seek(next > DATA.end_s ? DATA.start_s : next);
  }
  if (state.stale) draw();
  requestAnimationFrame(tick);
}

function draw() {
  state.stale = false;
  motion.pose(state.time);
  const shown = crowded ? sensors.filter((sensor) => state.chosen.has(sensor.index)) : sensors;
  for (const sensor of sensors) sensor.follow(motion, !crowded || state.chosen.has(sensor.index));
  if (scene) {
    placeCamera();
    if (crowded) colourCrowd();
    scene.draw(look, shown, hues);
    placeNames(shown);
  }
  for (const card of cards.values()) card.draw(look, state.time, range());
  const slider = $("seek");
  slider.value = String(state.time);
  slider.style.setProperty("--done", `${(100 * (state.time - DATA.start_s)) / length}%`);
  slider.setAttribute("aria-valuetext", `${state.time.toFixed(2)} seconds`);
  $("clock").textContent = `${state.time.toFixed(2)} / ${DATA.end_s.toFixed(2)} s`;
}

function toggle(name) {
  state[name] = !state[name];
  $(name).setAttribute("aria-pressed", String(state[name]));
  if (name === "follow" && scene) scene.camera.distance = 0;
  state.stale = true;
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const on = event.target;
  if (on.tagName === "SELECT" || on.type === "search") return;
  const step = event.shiftKey ? 1 : 1 / motion.rate;
  const deeds = {
    " ": () => play(!state.playing), ArrowLeft: () => seek(state.time - step), ArrowRight: () => seek(state.time + step),
    Home: () => seek(DATA.start_s), End: () => seek(DATA.end_s), f: () => toggle("follow"), n: () => toggle("names"),
    r: () => scene && resetView(),
  };
  const deed = deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!deed || (event.key === " " && (on.tagName === "BUTTON" || on.tagName === "SUMMARY"))) return;
  event.preventDefault();
  if (event.key.startsWith("Arrow")) play(false);
  deed();
}

function start() {
  try {
    scene = new Scene($("scene"), DATA.body, motion, sensors);
    preparePath();
    steerView($("scene"));
    resetView();
    $("scene").addEventListener("webglcontextlost", (event) => { event.preventDefault(); location.reload(); });
  } catch (error) {
    $("fallback").hidden = false;
    $("fallback").textContent = `The body cannot be drawn here: ${error.message}. The signals work without it. Try another browser, or turn on hardware acceleration.`;
    document.querySelector(".tools").hidden = true;
  }
  if (crowded && scene) prepareScale();
  writeText();
  layCards();
  listSensors();
  const slider = $("seek");
  [slider.min, slider.max] = [String(DATA.start_s), String(DATA.end_s)];
  slider.addEventListener("input", () => seek(Number(slider.value)));
  $("play").addEventListener("click", () => play(!state.playing));
  $("speed").addEventListener("change", (event) => { state.speed = Number(event.target.value); });
  $("span").append(element("option", { value: "0", text: "all" }), ...SPANS.filter((s) => s < length).map((s) => element("option", { value: String(s), text: `${s} s` })));
  if (length > 30) $("span").value = String(state.span = 10);
  $("span").addEventListener("change", (event) => { state.span = Number(event.target.value); state.stale = true; });
  for (const name of ["follow", "names"]) $(name).addEventListener("click", () => toggle(name));
  $("reset").addEventListener("click", () => scene && resetView());
  document.addEventListener("keydown", press);
  new ResizeObserver(() => { state.stale = true; }).observe(document.body);
  new ResizeObserver(() => { state.stale = true; }).observe($("cards"));
  const asked = /[#&]t=([\d.]+)/.exec(location.hash); // a link may name a moment: view.html#t=2.5
  if (asked) seek(Number(asked[1]));
  else play(!window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  draw();
  document.documentElement.dataset.state = scene ? "ready" : "signals-only";
  requestAnimationFrame(tick);
}

start();
