// The browser side of gancourse.live: it draws frames and sends clicks, and knows nothing of the game.
// The format of a frame is described in nbs/toolbox/live.ipynb.

const REAL = "#0072B2", FAKE = "#D55E00";
const JUDGEMENT = ramp(["#F0A878", "#FBE3D3", "#FFFFFF", "#D3E6F2", "#7FB8DC"]); // orange: generated .. blue: real, as in gancourse.plot

function ramp(stops) { // 256 colours between the stops
  const rgb = stops.map(s => [1, 3, 5].map(i => parseInt(s.slice(i, i + 2), 16)));
  return Array.from({ length: 256 }, (_, k) => {
    const t = k / 255 * (rgb.length - 1), i = Math.min(rgb.length - 2, Math.floor(t));
    return rgb[i].map((v, c) => v + (rgb[i + 1][c] - v) * (t - i));
  });
}

function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) k in e ? (e[k] = v) : e.setAttribute(k, v);
  e.append(...children);
  return e;
}

function screen(label, width, height) { // a canvas that is sharp on every display; draw in units of `width` x `height`
  const c = h("canvas", { role: "img" }), scale = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
  c.setAttribute("aria-label", label);
  c.width = width * scale; c.height = height * scale;
  const g = c.getContext("2d");
  g.scale(scale, scale);
  return [c, g];
}

const numbers = { "<f4": Float32Array, "|u1": Uint8Array };
function decode(parts, view) { // the arrays lie one behind the other; their offsets need not be aligned: copy
  let at = view.byteOffset;
  return parts.map(([, , dtype, shape]) => {
    const bytes = numbers[dtype].BYTES_PER_ELEMENT * shape.reduce((a, b) => a * b, 1);
    return new numbers[dtype](view.buffer.slice(at, at += bytes));
  });
}

function ticks(low, high) { // about four round numbers
  const raw = (high - low) / 4, unit = 10 ** Math.floor(Math.log10(raw)), step = unit * [1, 2, 5, 10].find(m => m * unit >= raw);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) out.push(Math.abs(v) < 1e-12 ? 0 : v);
  return out;
}
const short = v => !Number.isFinite(v) ? "–" : v !== 0 && (Math.abs(v) < 0.01 || Math.abs(v) >= 10000) ? v.toExponential(1) : String(+v.toPrecision(3));

// ---- renderers: kind -> (spec, ink) -> {nodes, take(arrays, full), draw()} -----------------------------------------

function points(spec, ink) {
  const W = 330, H = 300, [x0, x1, y0, y1] = spec.limits, n = spec.side, pad = { l: 30, b: 20, t: 4, r: 4 };
  const unit = Math.min((W - pad.l - pad.r) / (x1 - x0), (H - pad.t - pad.b) / (y1 - y0)); // the same on both axes
  const w = unit * (x1 - x0), hh = unit * (y1 - y0), left = pad.l + (W - pad.l - pad.r - w) / 2, top = pad.t + (H - pad.t - pad.b - hh) / 2;
  const X = v => left + (v - x0) * unit, Y = v => top + hh - (v - y0) * unit;
  const [canvas, g] = screen(spec.title, W, H);
  const small = h("canvas", { width: n, height: n }), sg = small.getContext("2d"), pixels = sg.createImageData(n, n);
  const key = (mark, colour, text) => h("span", {}, Object.assign(h("i", { textContent: mark }), { style: `color:${colour}` }), text);
  const legend = h("div", { className: "gc-legend" }, key("●", REAL, "real"), key("×", FAKE, "generated"),
    key("■", "#7FB8DC", "D says real"), key("■", "#F0A878", "D says generated"));
  let real = [], fake = [], surface = null;
  function paint() {
    for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) {
      const colour = JUDGEMENT[surface[(n - 1 - r) * n + c]], k = 4 * (r * n + c);
      pixels.data[k] = colour[0]; pixels.data[k + 1] = colour[1]; pixels.data[k + 2] = colour[2]; pixels.data[k + 3] = 255;
    }
    sg.putImageData(pixels, 0, 0);
    g.imageSmoothingEnabled = true;
    g.drawImage(small, left, top, w, hh);
  }
  return {
    nodes: [canvas, legend], canvas,
    take(a) { if (a.real) real = a.real; if (a.fake) fake = a.fake; if (a.surface) surface = a.surface; },
    draw() {
      g.clearRect(0, 0, W, H);
      if (surface) paint();
      g.save(); g.beginPath(); g.rect(left, top, w, hh); g.clip();
      g.fillStyle = REAL; g.globalAlpha = 0.7;
      for (let i = 0; i < real.length; i += 2) { g.beginPath(); g.arc(X(real[i]), Y(real[i + 1]), 1.7, 0, 7); g.fill(); }
      g.strokeStyle = FAKE; g.globalAlpha = 0.9; g.lineWidth = 1.1; g.beginPath();
      for (let i = 0; i < fake.length; i += 2) { const x = X(fake[i]), y = Y(fake[i + 1]);
        g.moveTo(x - 2.2, y - 2.2); g.lineTo(x + 2.2, y + 2.2); g.moveTo(x - 2.2, y + 2.2); g.lineTo(x + 2.2, y - 2.2); }
      g.stroke(); g.restore();
      g.strokeStyle = ink(0.35); g.lineWidth = 1; g.strokeRect(left, top, w, hh);
      g.fillStyle = ink(0.85); g.font = "10.5px system-ui, sans-serif"; g.textAlign = "center"; g.textBaseline = "top";
      for (const v of ticks(x0, x1)) g.fillText(short(v), X(v), top + hh + 4);
      g.textAlign = "right"; g.textBaseline = "middle";
      for (const v of ticks(y0, y1)) g.fillText(short(v), left - 4, Y(v));
    },
  };
}

function curves(spec, ink) {
  const W = 330, H = 300, m = spec.labels.length, left = 40, right = W - 6, top = 6, bottom = H - 22, most = 2000;
  const [canvas, g] = screen(spec.title, W, H);
  const values = spec.labels.map(() => h("b"));
  const colour = k => spec.colors[k] === "#444444" ? ink(1) : spec.colors[k]; // ink follows the theme
  const mark = k => spec.colors[k] === "#444444" ? "currentColor" : spec.colors[k];
  const legend = h("div", { className: "gc-legend" }, ...spec.labels.map((label, k) =>
    h("span", {}, Object.assign(h("i", { textContent: "—" }), { style: `color:${mark(k)}` }), label + " ", values[k])));
  let rows = [];
  const scale = v => spec.log ? Math.log10(Math.max(v, 1e-12)) : v;
  function thin() { // two rows into one, when there are too many
    while (rows.length > most) {
      const out = [];
      for (let i = 0; i + 1 < rows.length; i += 2) out.push(rows[i].map((v, k) => Number.isNaN(v) ? rows[i + 1][k] : Number.isNaN(rows[i + 1][k]) ? v : (v + rows[i + 1][k]) / 2));
      rows = out;
    }
  }
  function range() {
    const every = Math.ceil(rows.length / 500); // a sample is enough to find the range
    const all = rows.filter((_, i) => i % every === 0 || i === rows.length - 1).flatMap(r => r.slice(1)).filter(Number.isFinite).map(scale).concat(Object.values(spec.equilibrium).map(scale)).sort((a, b) => a - b);
    if (!all.length) return [0, 1];
    let low = all[Math.floor(0.002 * (all.length - 1))], high = all[Math.ceil(0.998 * (all.length - 1))]; // a single spike must not flatten the rest
    if (!spec.log) low = Math.min(low, Math.max(0, low - 0.5 * (high - low)));
    const room = 0.06 * (high - low) || 0.5;
    return [low - (low === 0 ? 0 : room), high + room];
  }
  return {
    nodes: [canvas, legend], canvas, slow: true, // a few times a second is enough for a curve
    take(a, full) {
      if (full) rows = [];
      const r = a.rows || [];
      for (let i = 0; i < r.length; i += m + 1) rows.push(Array.from(r.slice(i, i + m + 1)));
      thin();
    },
    draw() {
      spec.labels.forEach((_, k) => { let i = rows.length - 1; while (i >= 0 && Number.isNaN(rows[i][k + 1])) i--; values[k].textContent = i < 0 ? "" : short(rows[i][k + 1]); });
      const [low, high] = range(), start = rows.length ? rows[0][0] : 0, end = rows.length > 1 ? rows[rows.length - 1][0] : start + 1;
      const X = v => left + (v - start) / Math.max(1e-9, end - start) * (right - left), Y = v => bottom - (v - low) / (high - low) * (bottom - top);
      g.clearRect(0, 0, W, H);
      g.font = "10.5px system-ui, sans-serif"; g.textBaseline = "middle"; g.textAlign = "right"; g.lineWidth = 1;
      for (const v of ticks(low, high)) { g.strokeStyle = ink(0.13); g.beginPath(); g.moveTo(left, Y(v)); g.lineTo(right, Y(v)); g.stroke();
        g.fillStyle = ink(0.85); g.fillText(short(spec.log ? 10 ** v : v), left - 4, Y(v)); }
      g.textBaseline = "top"; g.textAlign = "left"; g.fillText(short(Math.round(start)), left, bottom + 5);
      g.textAlign = "right"; g.fillText(`turn ${Math.round(end)}`, right, bottom + 5);
      g.save(); g.beginPath(); g.rect(left, top, right - left, bottom - top); g.clip();
      spec.labels.forEach((_, k) => { g.strokeStyle = colour(k); g.lineWidth = 1.4; g.beginPath();
        let on = false;
        for (const r of rows) { const v = r[k + 1]; if (Number.isNaN(v)) continue; const x = X(r[0]), y = Y(scale(v)); on ? g.lineTo(x, y) : g.moveTo(x, y); on = true; }
        g.stroke(); });
      g.restore();
      g.setLineDash([5, 4]); g.textBaseline = "bottom";
      for (const [label, v] of Object.entries(spec.equilibrium)) { const y = Y(scale(v)); g.strokeStyle = ink(0.6); g.beginPath(); g.moveTo(left, y); g.lineTo(right, y); g.stroke();
        g.fillStyle = ink(0.85); g.fillText(label, right - 2, y - 1); }
      g.setLineDash([]);
    },
  };
}

const renderers = { points, curves };

// ---- the view ------------------------------------------------------------------------------------------------------

function render({ model, el }) {
  el.classList.add("gancourse-lab");
  el.addEventListener("keydown", e => { if (e.target.matches("input, button, summary")) e.stopPropagation(); }); // else JupyterLab takes the keys for commands
  const quiet = []; // what to undo when the view goes
  let dead = false, last = null, drawing = 0, acked = 0, acked_at = 0, drew_all = 0;
  const stats = el.gancourse = { drawn: 0, dropped: 0, delays: [] }; // for tests and benchmarks

  function send(message) {
    try { model.send(message); } catch { die(); }
  }
  const click = (cmd, ...args) => send({ cmd, args });
  function die() { // kernel restarted or gone
    dead = true; el.dataset.status = "dead"; say.textContent = "No kernel drives this view. Run its cell again.";
    el.querySelectorAll("button, input").forEach(b => b.disabled = true);
  }

  // the text colour of the theme, more or less transparent
  const ink = alpha => { const [r, g, b] = (getComputedStyle(el).color.match(/[\d.]+/g) || [34, 34, 34]); return `rgba(${r}, ${g}, ${b}, ${alpha})`; };

  const play = h("button", { className: "gc-play", onclick: () => click(model.get("status") === "running" ? "pause" : "start") });
  const step = h("button", { className: "gc-step", textContent: "Step", title: "play exactly one turn", onclick: () => click("step", 1) });
  const reset = h("button", { className: "gc-reset", textContent: "Reset", title: "back to the first parameters", onclick: () => click("reset") });
  const count = h("span", { className: "gc-count" });
  const say = h("div", { className: "gc-words" }), live = h("div", { role: "status", className: "gc-live" });
  live.setAttribute("aria-live", "polite");
  live.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
  const error = h("div", { className: "gc-error", role: "alert" }), pre = h("pre"), details = h("details", { className: "gc-details" }, h("summary", { textContent: "where it happened" }), pre);

  function slider(className, label, { min, max, stepsize, get, set, show }) {
    const value = h("output"), input = h("input", { type: "range", min, max, step: stepsize, className });
    const tell = v => { value.textContent = show(v); input.setAttribute("aria-valuetext", value.textContent); };
    const pull = () => { if (!input.matches(":active")) { input.value = get(); tell(get()); } }; // not from under a dragging finger
    input.oninput = () => { tell(Number(input.value)); set(Number(input.value)); };
    return { node: h("label", {}, label, input, value), pull };
  }
  const sliders = Object.keys(model.get("rates")).map(name => slider(`gc-lr-${name}`, `learning rate of ${name}`, { min: -5, max: 0, stepsize: 0.05,
    get: () => Math.log10(Math.max(1e-5, model.get("rates")[name])), set: v => click("lr", name, v <= -5 ? 0 : 10 ** v), show: v => v <= -5 ? "0 (off)" : short(10 ** v) }));
  sliders.push(slider("gc-speed", "speed", { min: 0, max: 4, stepsize: 0.1, get: () => model.get("speed") ? Math.log10(model.get("speed")) : 4,
    set: v => click("speed", v >= 4 ? 0 : 10 ** v), show: v => v >= 4 ? "full" : `${short(Math.round(10 ** v))} turns/s` }));

  const panels = model.get("panels").map(spec => ({ spec, ...renderers[spec.kind](spec, ink) }));
  el.append(h("div", { className: "gc-title", textContent: model.get("title") }), h("div", { className: "gc-bar" }, play, step, reset, count),
    h("div", { className: "gc-sliders" }, ...sliders.map(s => s.node)),
    h("div", { className: "gc-panels" }, ...panels.map(p => h("figure", {}, h("div", { className: "gc-caption", textContent: p.spec.title }), ...p.nodes))), say, live, error, details);

  function state() {
    if (dead) return;
    const status = model.get("status"), broken = status === "error";
    el.dataset.status = status;
    play.textContent = status === "running" ? "Pause" : "Start";
    error.textContent = broken ? `The game stopped: ${model.get("error")}\nMend it and run the cell again, or press Reset.` : "";
    pre.textContent = model.get("details"); details.hidden = !broken;
    sliders.forEach(s => s.pull());
    [play, step, reset].forEach(b => b.disabled = status === "stopped");
    if (status === "stopped") say.textContent = "This run was ended. Run the cell again for a new one.";
    if (status !== "running" && last && !drawing) drawing = requestAnimationFrame(draw);
    if (status !== "running" && status !== "stepping") { words(); live.textContent = `${status}. ${say.textContent}`; acknowledge(true); }
    counter();
  }
  function words() { if (last && last.words.length) { say.textContent = last.words.join(" "); panels.forEach((p, i) => p.canvas.setAttribute("aria-label", `${p.spec.title}. ${last.words[i]}`)); } }
  function counter() {
    if (dead) return;
    const status = model.get("status");
    count.textContent = `turn ${last ? last.step : model.get("turns")}` + (status === "running" ? (last && last.rate ? ` · ${Math.round(last.rate)} turns/s` : "") : ` · ${status}`);
    el.dataset.turn = last ? last.step : model.get("turns");
  }
  function acknowledge(now) {
    const t = Date.now();
    if (last && last.seq !== acked && (now || t - acked_at > 500)) { acked = last.seq; acked_at = t; send({ cmd: "ack", seq: acked }); }
  }
  function draw() {
    drawing = 0;
    const now = Date.now(), all = now - drew_all > 250 || model.get("status") !== "running";
    panels.forEach(p => { if (all || !p.slow) p.draw(); });
    if (all) { drew_all = now; words(); counter(); }
    stats.drawn++; acknowledge(false);
  }
  function frame(header, buffers) {
    if (header.kind !== "frame") return;
    const arrays = panels.map(() => ({})), flat = decode(header.parts, buffers[0]);
    header.parts.forEach(([i, name], k) => { arrays[i][name] = flat[k]; });
    panels.forEach((p, i) => p.take(arrays[i], header.full)); // every increment counts, even if its picture is skipped
    if (!header.words.length && last) header.words = last.words; // words come once a second
    last = header;
    if (drawing) stats.dropped++; else drawing = requestAnimationFrame(draw);
    if (document.hidden) acknowledge(false); // no animation frame comes in a hidden tab
  }

  const listen = (event, f) => { model.on(event, f); quiet.push(() => model.off(event, f)); };
  listen("msg:custom", frame);
  for (const name of ["status", "error", "details", "rates", "speed", "turns"]) listen(`change:${name}`, state);
  const watchdog = setInterval(() => { if (!dead && last && acked !== last.seq) acknowledge(true); }, 1000);
  const themed = new MutationObserver(() => panels.forEach(p => p.draw())); // a change of JupyterLab's theme
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  quiet.push(() => clearInterval(watchdog), () => themed.disconnect(), () => cancelAnimationFrame(drawing));
  state();
  click("hello");
  return () => quiet.forEach(f => f());
}

export default { render };
