"use strict";
// Draws the map: every paper a point, clusters with names, search, colours, and what is similar to a paper.
(() => {
const WORDS = {
  zh: { search: "在图中查找", search_hint: "题名、作者、刊名", colour: "着色", cluster: "聚类", subject: "学科", year: "年份", language: "语言",
        found: (n) => `找到 ${n} 篇`, similar: "相似文献", nearest: "最相似的文献", original: "原文", close: "关闭", other: "其他", unknown: "未知",
        whole: "全图", drawing: "正在绘制……", failed: "无法绘制：", no_webgl: "这个浏览器没有 WebGL，不能画图；命令行的 recommend map out.png 可以画。", map: "文献地图" },
  en: { search: "Find on the map", search_hint: "title, author, journal", colour: "Colour", cluster: "cluster", subject: "subject", year: "year", language: "language",
        found: (n) => `${n} found`, similar: "Similar papers", nearest: "The most similar papers", original: "Original", close: "Close", other: "other", unknown: "unknown",
        whole: "Whole map", drawing: "Drawing…", failed: "This cannot be drawn: ", no_webgl: "This browser has no WebGL to draw with; recommend map out.png draws a picture.", map: "Map of papers" },
};
const PALETTE = ["#4c78c8", "#d9703a", "#3d9a5f", "#c44e68", "#8268b8", "#a3802e", "#2f9aa8", "#c663a8", "#6f8f2e", "#5f7f9f", "#b5543f", "#7a6a5a"];
const GREY = "#8d9298", CHOSEN = "#e8a33d";
const RAMP = [[52, 78, 150], [38, 130, 142], [63, 160, 105], [190, 175, 50], [232, 140, 40]];
const SHOWN = 30, PATIENCE = 3000;
const IN_TIME = 30, REST = 200;  // milliseconds: a frame that still looks fluid, and when a movement is over
const FEWEST = 5000;  // points that are drawn in any case
const html = document.documentElement;
const t = WORDS[(html.lang || navigator.language).startsWith("zh") ? "zh" : "en"];
const root = document.getElementById("map");

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function start(data) {
  root.removeAttribute("aria-busy");
  if (!document.createElement("canvas").getContext("webgl2")) return say(t.no_webgl);
  const n = data.x.length;
  data.names = { ...JSON.parse(root.dataset.names || "{}"), ...data.names };
  const graph = new graphology.Graph();
  const size = Math.max(1.4, Math.min(7, 120 / Math.sqrt(n)));
  for (const i of scattered(n)) graph.addNode(String(i), { x: data.x[i], y: data.y[i], size, color: GREY });
  const stage = make("div", { className: "map-stage" });
  const labels = make("div", { className: "map-labels", ariaHidden: "true" });
  const tip = make("div", { className: "map-tip", hidden: true });
  const panel = make("section", { className: "map-panel", hidden: true });
  const legend = make("ul", { className: "map-legend" });
  panel.setAttribute("aria-label", t.nearest);
  panel.tabIndex = -1;
  const { bar, field, list, count, colour, whole } = toolbar(data);
  root.replaceChildren(bar, list, make("div", { className: "map-frame" }, stage, labels, tip, panel), legend);
  const pace = { moves: false, most: n };
  const sigma = new Sigma(graph, stage, {
    nodeProgramClasses: { circle: pointsOf(pace) }, renderLabels: false, allowInvalidContainer: true, minCameraRatio: 0.01, maxCameraRatio: 1.6, stagePadding: 36,
    defaultDrawNodeHover: () => {}, zIndex: true,
  });
  const state = { found: null, chosen: -1, colours: [] };
  window.paperMap = { sigma, graph, data, state, pace };

  function paint() {
    const faded = getComputedStyle(root).getPropertyValue("--line").trim();
    const near = state.chosen < 0 ? [] : data.near[state.chosen];
    graph.updateEachNodeAttributes((node, entry) => {
      const i = Number(node);
      const isFaded = state.found && !state.found.has(i);
      const isMarked = i === state.chosen || near.includes(i);
      entry.color = i === state.chosen ? CHOSEN : isFaded && !isMarked ? faded : state.colours[i];
      entry.size = i === state.chosen ? size + 5 : isMarked ? size + 2.5 : state.found && !isFaded ? size + 1.5 : size;
      entry.zIndex = isMarked ? 2 : isFaded ? 0 : 1;
      return entry;
    }, { attributes: ["color", "size", "zIndex"] });
  }
  function recolour() {
    const { colours, entries } = coloured(data, colour.value);
    state.colours = colours;
    legend.replaceChildren(...entries.map(([name, shade]) => {
      const dot = make("i"); dot.style.background = shade;
      return make("li", {}, dot, name);
    }));
    paint();
  }
  function choose(i, moves) {
    state.chosen = i;
    paint();
    panel.hidden = i < 0;
    if (i < 0) return;
    panel.replaceChildren(...about(data, i, choose));
    if (moves) {
      panel.focus({ preventScroll: true });
      const at = sigma.getNodeDisplayData(String(i));
      sigma.getCamera().animate({ x: at.x, y: at.y, ratio: Math.min(sigma.getCamera().ratio, 0.25) }, { duration: 400 });
    }
  }
  function search() {
    const wanted = field.value.trim().toLowerCase();
    const found = wanted ? matches(data, wanted) : null;
    state.found = found && new Set(found);
    count.textContent = found ? t.found(found.length) : "";
    list.replaceChildren(...(found || []).slice(0, SHOWN).map((i) => entry(data, i, choose)));
    list.hidden = !found || !found.length;
    paint();
  }
  field.addEventListener("input", search);
  field.form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  colour.addEventListener("change", recolour);
  whole.addEventListener("click", () => sigma.getCamera().animate({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }, { duration: 400 }));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(-1); });
  sigma.on("enterNode", ({ node, event }) => {
    const i = Number(node);
    tip.replaceChildren(make("strong", { lang: data.language[i], textContent: data.title[i] }), make("span", { textContent: data.citation[i] }));
    tip.hidden = false;
    tip.style.left = `${Math.max(0, Math.min(event.x + 14, stage.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${event.y + 18 + tip.offsetHeight > stage.clientHeight ? Math.max(0, event.y - tip.offsetHeight - 12) : event.y + 18}px`;
    stage.style.cursor = "pointer";
  });
  sigma.on("leaveNode", () => { tip.hidden = true; stage.style.cursor = ""; });
  sigma.on("clickNode", ({ node }) => choose(Number(node), false));
  sigma.on("clickStage", () => choose(-1));
  nameClusters(sigma, data, labels);
  recolour();
  keepPace(sigma, n, pace);
}

// Where a processor draws instead of a graphics card, all points take too long for a movement: while the map moves, as
// many are drawn as can be in time, the marked ones among them; once it rests, all are.
function pointsOf(pace) {
  return class extends Sigma.rendering.NodePointProgram {
    drawWebGL(method, { gl, frameBuffer, isPicking }) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, frameBuffer);
      const drawn = !pace.moves ? this.verticesCount : isPicking ? 0 : Math.min(pace.most, this.verticesCount);
      gl.drawArrays(method, this.verticesCount - drawn, drawn);
    }
  };
}

function keepPace(sigma, n, pace) {
  const gl = sigma.webGLContexts.nodes, pixel = new Uint8Array(4);
  const finish = () => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);  // waits until all is drawn
  finish();
  sigma.refresh();
  const began = performance.now();
  finish();
  pace.measured = Math.max(0.1, performance.now() - began);
  pace.most = Math.max(FEWEST, Math.round(n * Math.min(1, IN_TIME / pace.measured)));
  let rest = 0;
  sigma.getCamera().on("updated", () => {
    pace.moves = true;
    clearTimeout(rest);
    rest = setTimeout(() => { pace.moves = false; sigma.scheduleRender(); }, REST);
  });
}

// All numbers below n once, any stretch of them from everywhere.
function scattered(n) {
  const divides = (a, b) => (b ? divides(b, a % b) : a);
  let step = Math.max(1, Math.round(n * 0.618));
  while (divides(step, n) > 1) step++;
  return Array.from({ length: n }, (_, k) => (k * step) % n);
}

function toolbar(data) {
  const field = make("input", { type: "search", id: "map-q", placeholder: t.search_hint, autocomplete: "off" });
  const count = make("output", { className: "map-count" });
  const colour = make("select", { id: "map-colour" });
  for (const kind of ["cluster", "subject", "year", "language"])
    if (kind === "cluster" || data[kind].some((value) => value)) colour.append(make("option", { value: kind, textContent: t[kind] }));
  const whole = make("button", { type: "button", textContent: t.whole });
  const form = make("form", { role: "search" }, make("label", { htmlFor: "map-q", textContent: t.search }), field, count);
  form.setAttribute("aria-label", t.search);
  const bar = make("div", { className: "map-bar" }, form,
    make("label", { htmlFor: "map-colour", textContent: t.colour }), colour, whole);
  return { bar, field, count, colour, whole, list: make("ul", { className: "map-found", hidden: true }) };
}

function matches(data, wanted) {
  data.searched ||= data.title.map((title, i) => `${title}\n${data.citation[i]}\n${data.id[i]}`.toLowerCase());
  const words = wanted.split(/\s+/);
  const found = [];
  data.searched.forEach((text, i) => { if (words.every((word) => text.includes(word))) found.push(i); });
  return found;
}

function entry(data, i, choose) {
  const button = make("button", { type: "button", lang: data.language[i], textContent: data.title[i] });
  button.addEventListener("click", () => choose(i, true));
  return make("li", {}, button);
}

function about(data, i, choose) {
  const close = make("button", { type: "button", className: "map-close", textContent: "×", ariaLabel: t.close });
  close.addEventListener("click", () => choose(-1));
  const links = make("p", { className: "map-links" });
  const similar = data.similar || (root.dataset.similar && `${root.dataset.similar}${root.dataset.similar.includes("?") ? "&" : "?"}like={id}`);
  if (similar) links.append(make("a", { href: similar.replace("{id}", encodeURIComponent(data.id[i])), textContent: `${t.similar} →` }));
  if (data.link[i]) links.append(make("a", { href: data.link[i], rel: "noopener noreferrer", textContent: `${t.original} ↗` }));
  return [close, make("h2", { lang: data.language[i], textContent: data.title[i] }), make("p", { className: "map-citation", textContent: data.citation[i] }),
    links, make("h3", { textContent: t.nearest }), make("ol", {}, ...data.near[i].map((other) => entry(data, other, choose)))];
}

function coloured(data, kind) {
  if (kind === "year") return byYear(data.year);
  if (kind === "cluster") {
    const shades = data.clusters.map((_, i) => PALETTE[i % PALETTE.length]);
    const entries = data.clusters.slice(0, 12).map((cluster, i) => [cluster.terms.join(" · ") || `${i + 1}`, shades[i]]);
    return { colours: data.cluster.map((i) => shades[i]), entries };
  }
  const counts = new Map();
  for (const value of data[kind]) counts.set(value, (counts.get(value) || 0) + 1);
  const names = [...counts.keys()].filter((name) => name).sort((a, b) => counts.get(b) - counts.get(a));
  const shades = new Map(names.slice(0, PALETTE.length).map((name, i) => [name, PALETTE[i]]));
  const entries = [...shades].map(([name, shade]) => [kind === "language" ? spoken(name) : data.names[name.toLowerCase()] || name, shade]);
  if (names.length > PALETTE.length) entries.push([t.other, GREY]);
  if (counts.has("")) entries.push([t.unknown, GREY]);
  return { colours: data[kind].map((value) => shades.get(value) || GREY), entries };
}

function byYear(years) {
  const known = years.filter((year) => year).sort((a, b) => a - b);
  const first = known[Math.floor(known.length * 0.02)], last = known[Math.ceil(known.length * 0.98) - 1];
  const shade = (year) => {
    const place = Math.max(0, Math.min(1, (year - first) / Math.max(1, last - first))) * (RAMP.length - 1);
    const low = Math.min(RAMP.length - 2, Math.floor(place));
    return `rgb(${RAMP[low].map((from, c) => Math.round(from + (RAMP[low + 1][c] - from) * (place - low))).join(",")})`;
  };
  const steps = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(first + (last - first) * part)))];
  const entries = steps.map((year) => [String(year), shade(year)]);
  if (known.length < years.length) entries.push([t.unknown, GREY]);
  return { colours: years.map((year) => (year ? shade(year) : GREY)), entries };
}

function spoken(code) {
  try { return new Intl.DisplayNames([html.lang || navigator.language], { type: "language" }).of(code); } catch { return code; }
}

function nameClusters(sigma, data, labels) {
  const named = data.clusters.filter((cluster) => cluster.terms.length).map((cluster) => {
    const node = make("span", { lang: cluster.language, textContent: cluster.terms.slice(0, 2).join(" · ") });
    labels.append(node);
    return { cluster, node, width: node.offsetWidth, height: node.offsetHeight };
  });
  sigma.on("afterRender", () => {
    const taken = [];
    for (const { cluster, node, width, height } of named) {
      const at = sigma.graphToViewport(cluster);
      const left = Math.max(2, Math.min(at.x - width / 2, labels.clientWidth - width - 2)), top = at.y - height / 2;
      const isOutside = at.x < 0 || at.y < 0 || at.x > labels.clientWidth || at.y > labels.clientHeight;
      const isHidden = isOutside || taken.some((box) => left < box[0] + box[2] + 6 && box[0] < left + width + 6 && top < box[1] + box[3] && box[1] < top + height);
      node.style.visibility = isHidden ? "hidden" : "visible";
      if (isHidden) continue;
      node.style.transform = `translate(${left}px, ${top}px)`;
      taken.push([left, top, width, height]);
    }
  });
}

function say(text) { root.replaceChildren(make("p", { className: "map-note", role: "status", textContent: text })); }

async function load(address) {
  say(t.drawing);
  try {
    const response = await fetch(address);
    if (response.status === 202) return setTimeout(load, PATIENCE, address);
    if (!response.ok) throw new Error((await response.json()).detail || response.status);
    start(await response.json());
  } catch (problem) { say(t.failed + problem.message); }
}

document.title ||= t.map;
const inside = document.getElementById("map-data");
if (inside) start(JSON.parse(inside.textContent)); else load(root.dataset.source);
})();
