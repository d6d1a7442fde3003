"use strict";
// Pan, zoom, search and details for the picture in this page. Texts only ever become text nodes, never markup.

const picture = JSON.parse(document.getElementById("picture").textContent);
const graph = document.getElementById("graph");
const panel = document.getElementById("panel");
const search = document.getElementById("search");
const element = (id) => document.getElementById(id);

const shapes = [];
for (const shape of graph.querySelectorAll("[data-node]")) shapes[Number(shape.dataset.node)] = shape;
const number = new Map(picture.nodes.map((node, index) => [node.id, index]));
const upstream = picture.nodes.map(() => []);
const downstream = picture.nodes.map(() => []);
for (const edge of picture.edges) {
  const [above, below] = [number.get(edge.upstream), number.get(edge.downstream)];
  upstream[below].push(above);
  downstream[above].push(below);
}

// ---- the window on the picture: a viewBox that always has the shape of the screen

const { width, height } = graph.viewBox.baseVal;
const size = { width, height };
const SCALE_MAX = 4;
const MARGIN = 24;
let scale = 1;
let left = 0;
let top_ = 0;
let untouched = true;

function show() {
  const { clientWidth, clientHeight } = graph;
  graph.setAttribute("viewBox", [left, top_, clientWidth / scale, clientHeight / scale].join(" "));
}

function scaleMin() {
  const wide = (graph.clientWidth - 2 * MARGIN) / size.width;
  const high = (graph.clientHeight - 2 * MARGIN) / size.height;
  return Math.min(wide, high, 1.3);
}

function fit() {
  untouched = true;
  scale = scaleMin();
  left = (size.width - graph.clientWidth / scale) / 2;
  top_ = (size.height - graph.clientHeight / scale) / 2;
  show();
}

function zoom(factor, x = graph.clientWidth / 2, y = graph.clientHeight / 2) {
  const next = Math.min(SCALE_MAX, Math.max(scaleMin() / 2, scale * factor));
  left += x / scale - x / next;
  top_ += y / scale - y / next;
  scale = next;
  untouched = false;
  show();
}

function centre(index) {
  const box = shapes[index].querySelector("rect").getBBox();
  const origin = shapes[index].getCTM().multiply(graph.getCTM().inverse());
  scale = Math.max(scale, 0.9);
  untouched = false;
  left = box.x + origin.e + box.width / 2 - graph.clientWidth / scale / 2;
  top_ = box.y + origin.f + box.height / 2 - graph.clientHeight / scale / 2;
  show();
}

function reveal(index) {
  const box = shapes[index].getBoundingClientRect();
  const frame = graph.getBoundingClientRect();
  const inside = box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
  if (!inside || box.height < 14) centre(index);
}

graph.addEventListener("wheel", (event) => {
  event.preventDefault();
  const frame = graph.getBoundingClientRect();
  const step = event.deltaMode === 1 ? event.deltaY * 18 : event.deltaY;
  zoom(Math.exp(-step / 400), event.clientX - frame.left, event.clientY - frame.top);
}, { passive: false });

const fingers = new Map();
let moved = 0;

graph.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  moved = 0;
});

graph.addEventListener("pointermove", (event) => {
  const finger = fingers.get(event.pointerId);
  if (!finger) return;
  const before = spread();
  const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
  finger.x = event.clientX;
  finger.y = event.clientY;
  moved += Math.abs(dx) + Math.abs(dy);
  if (moved < 4) return;
  // Captured only now: a captured click would be one on the whole graph.
  graph.setPointerCapture(event.pointerId);
  graph.classList.add("moving");
  untouched = false;
  left -= dx / scale / fingers.size;
  top_ -= dy / scale / fingers.size;
  const after = spread();
  if (before && after) {
    const frame = graph.getBoundingClientRect();
    zoom(after.distance / before.distance, after.x - frame.left, after.y - frame.top);
  }
  show();
});

function spread() {
  if (fingers.size !== 2) return null;
  const [one, two] = [...fingers.values()];
  return { distance: Math.hypot(one.x - two.x, one.y - two.y) || 1, x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 };
}

for (const name of ["pointerup", "pointercancel"]) {
  graph.addEventListener(name, (event) => {
    fingers.delete(event.pointerId);
    if (!fingers.size) graph.classList.remove("moving");
  });
}

element("zoom-in").addEventListener("click", () => zoom(1.3));
element("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
element("fit").addEventListener("click", fit);
new ResizeObserver(() => (untouched ? fit() : show())).observe(graph);

// ---- one task is selected: its lines are lit, its details shown

let selected = null;

function select(index, options = {}) {
  selected = index;
  for (const shape of graph.querySelectorAll(".selected, .on")) shape.classList.remove("selected", "on");
  panel.hidden = index === null;
  if (index === null) {
    history.replaceState(null, "", location.pathname + location.search);
    return;
  }
  shapes[index].classList.add("selected");
  const block = shapes[index].dataset.block;
  for (const end of block ? [String(index), block] : [String(index)]) {
    for (const line of graph.querySelectorAll(`[data-from="${end}"], [data-to="${end}"]`)) line.classList.add("on");
  }
  fillPanel(index);
  if (options.centre) centre(index);
  else reveal(index);
  history.replaceState(null, "", "#" + encodeURIComponent(picture.nodes[index].id));
}

function fillPanel(index) {
  const node = picture.nodes[index];
  element("name").textContent = node.label;
  const state = [node.status ? node.status.replaceAll("_", " ") : "", node.note, node.critical ? "on the critical path" : ""];
  element("state").textContent = state.filter(Boolean).join(" · ");
  element("description").textContent = node.description;
  element("details").replaceChildren(...Object.entries(node.details).flatMap(([name, text]) => [
    textElement("dt", name), textElement("dd", text),
  ]));
  element("neighbours").replaceChildren(...links("upstream", upstream[index]), ...links("downstream", downstream[index]));
  panel.scrollTop = 0;
}

const LINKS_MAX = 100;

function links(heading, indices) {
  if (!indices.length) return [];
  const buttons = indices.slice(0, LINKS_MAX).map((index) => {
    const button = textElement("button", picture.nodes[index].label);
    button.addEventListener("click", () => select(index, { centre: true }));
    return button;
  });
  const more = indices.length > LINKS_MAX ? [textElement("span", `and ${indices.length - LINKS_MAX} more`)] : [];
  return [textElement("h3", indices.length > 1 ? `${heading} (${indices.length})` : heading), ...buttons, ...more];
}

function textElement(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

graph.addEventListener("click", (event) => {
  if (moved >= 4) return;
  const shape = event.target.closest("[data-node]");
  select(shape ? Number(shape.dataset.node) : null);
});
element("close").addEventListener("click", () => { select(null); graph.focus(); });

// ---- search and status filter: what matches stays bright

let matches = [];
let current = -1;
let status = null;

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const active = words.length > 0 || status !== null;
  matches = [];
  picture.nodes.forEach((node, index) => {
    const text = [node.label, node.status, node.note, node.description, ...Object.values(node.details)].join("\n").toLowerCase();
    const fits = active && (status === null || node.status === status) && words.every((word) => text.includes(word));
    shapes[index].classList.toggle("match", fits);
    if (fits) matches.push(index);
  });
  current = -1;
  graph.classList.toggle("filtered", active);
  element("found").textContent = words.length ? String(matches.length) : "";
}

function nextMatch(step) {
  if (!matches.length) return;
  current = (current + step + matches.length) % matches.length;
  select(matches[current], { centre: true });
  element("found").textContent = `${current + 1}/${matches.length}`;
}

search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
  if (event.key === "Escape") { search.value = ""; filter(); graph.focus(); }
  event.stopPropagation();
});

function statusButtons() {
  const counts = new Map();
  for (const node of picture.nodes) if (node.status) counts.set(node.status, (counts.get(node.status) ?? 0) + 1);
  return [...counts].map(([name, count]) => {
    const button = textElement("button", `${count} ${name.replaceAll("_", " ")}`);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      status = status === name ? null : name;
      for (const other of element("statuses").children) other.setAttribute("aria-pressed", String(other === button && status !== null));
      filter();
    });
    return button;
  });
}
element("statuses").replaceChildren(...statusButtons());

// ---- keys: the graph is one stop for Tab, arrows move in it

const STEPS = {
  ArrowRight: (index) => downstream[index][0],
  ArrowLeft: (index) => upstream[index][0],
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
};

graph.addEventListener("keydown", (event) => {
  if (!(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const next = selected === null ? 0 : STEPS[event.key](selected);
  if (next !== undefined && picture.nodes[next]) select(next);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
  else if (event.key === "+" || event.key === "=") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else if (event.key === "0") fit();
  else if (event.key === "Escape") { select(null); graph.focus(); }
  else if (event.key === "Enter" && document.activeElement === graph && selected === null && picture.nodes.length) select(0);
});

fit();
const linked = number.get(decodeURIComponent(location.hash.slice(1)));
if (linked !== undefined) select(linked, { centre: true });
