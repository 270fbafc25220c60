// A cursor over all tracks, and what was done at its place; the page is complete without it.
const tracks = document.getElementById("tracks");
const cursor = document.getElementById("cursor");
const readout = document.getElementById("readout");
const [start, end] = [Number(tracks.dataset.start), Number(tracks.dataset.end)];
const blocks = [...tracks.querySelectorAll(".band.answer a")];

const two = (value) => String(value).padStart(2, "0");
function clock(seconds) {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const [s, m, h] = [Math.floor(tenths / 10) % 60, Math.floor(tenths / 600) % 60, Math.floor(tenths / 36000)];
  return `${seconds < 0 ? "−" : ""}${h ? `${h}:${two(m)}` : two(m)}:${two(s)}.${tenths % 10}`;
}

function point(clientX) {
  const box = tracks.getBoundingClientRect();
  const left = box.left + parseFloat(getComputedStyle(tracks).paddingLeft);
  const share = Math.min(1, Math.max(0, (clientX - left) / (box.right - left)));
  const at = start + share * (end - start);
  cursor.style.display = "block";
  cursor.style.left = `${left - box.left + share * (box.right - left)}px`;
  let text = "no data";
  for (const block of blocks) {
    const inside = at >= Number(block.dataset.start) && at <= Number(block.dataset.end);
    block.classList.toggle("on", inside);
    const row = document.getElementById(block.hash.slice(1));
    if (row) row.classList.toggle("on", inside);
    if (inside) text = block.title;
  }
  readout.textContent = `${clock(at)}  ${text}`;
}

tracks.addEventListener("pointermove", (event) => point(event.clientX));
tracks.addEventListener("pointerdown", (event) => point(event.clientX));
tracks.addEventListener("pointerleave", () => {
  cursor.style.display = "none";
  for (const on of document.querySelectorAll(".on")) on.classList.remove("on");
});
