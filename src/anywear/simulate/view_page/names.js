// Names beside the body.

function turnedAway(sensor) {
  const eye = scene.camera.eye;
  return dot(sensor.out, [eye[0] - sensor.at[0], eye[1] - sensor.at[1], eye[2] - sensor.at[2]]) < -0.05;
}

// Names beside the body, moved apart where they would touch; each is tied to its sensor by a thin line.
const tags = new Map();

function placeNames(shown) {
  const root = $("labels");
  const lines = root.querySelector("svg") || root.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  const wanted = state.names ? shown : [];
  for (const [index, tag] of tags) {
    if (!wanted.some((sensor) => sensor.index === index)) {
      tag.label.remove(); tag.line.remove();
      tags.delete(index);
    }
  }
  const { width, height, target } = scene.camera;
  const middle = scene.camera.project([...motion.rootAt.slice(0, 2), target[2]])[0];
  const column = (0.21 * DATA.body.height * height) / (scene.camera.distance * Math.tan(FIELD_OF_VIEW / 2));
  const sides = { left: [], right: [] };
  for (const sensor of wanted) {
    if (!tags.has(sensor.index)) tags.set(sensor.index, makeTag(sensor, lines, root));
    const tag = tags.get(sensor.index);
    tag.from = scene.camera.project(sensor.at);
    const off = tag.from[0] - middle;
    if (Math.abs(off) > 18 || !tag.side) tag.side = off < 0 ? "left" : "right";
    tag.label.dataset.at = sensor.at.map((value) => value.toFixed(4)).join(" ");
    sides[tag.side].push(tag);
  }
  for (const [side, own] of Object.entries(sides)) {
    own.sort((a, b) => a.from[1] - b.from[1]);
    let floor = 8;
    for (const tag of own) {
      tag.y = Math.max(tag.from[1], floor + 11);
      floor = tag.y + 12;
    }
    let ceiling = height - 46; // above the buttons
    for (const tag of own.slice().reverse()) {
      tag.y = Math.min(tag.y, ceiling - 11);
      ceiling = tag.y - 12;
    }
    for (const tag of own) {
      const reach = side === "left" ? -1 : 1;
      const away = Math.max(column, Math.abs(tag.from[0] - middle) + 28);
      const x = clamp(middle + reach * away, 6 + (reach < 0 ? tag.width : 0), width - 6 - (reach > 0 ? tag.width : 0));
      const faint = turnedAway(tag.sensor);
      tag.label.style.transform = `translate(${(reach < 0 ? x - tag.width : x).toFixed(1)}px, ${(tag.y - 10).toFixed(1)}px)`;
      tag.label.classList.toggle("faint", faint);
      tag.line.setAttribute("x1", tag.from[0]); tag.line.setAttribute("y1", tag.from[1]);
      tag.line.setAttribute("x2", x); tag.line.setAttribute("y2", tag.y);
      tag.line.setAttribute("class", faint ? "faint" : "");
    }
  }
}

function makeTag(sensor, lines, root) {
  const dotMark = element("span", { className: "dot" });
  const label = element("button", { type: "button", className: "tag", title: "Show its signals" }, dotMark, sensor.name.replaceAll("_", " "));
  dotMark.style.background = look.sensorCss(sensor);
  label.addEventListener("click", () => {
    choose(sensor, true);
    cards.get(sensor.index)?.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  lines.append(line);
  root.append(label);
  return { sensor, label, line, width: label.offsetWidth, side: null };
}
