// A canvas as wide as its place, so that its text keeps its size. `fit(height)` makes it so and returns the width; draw in CSS pixels.
function roomy(title, height, lab) {
  const [canvas, g] = screen(title, 330, height);
  function fit(H = height) {
    const W = canvas.clientWidth || 330, scale = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
    if (canvas.width !== Math.floor(W * scale) || canvas.height !== Math.floor(H * scale)) {
      canvas.width = W * scale; canvas.height = H * scale; canvas.style.height = `${H}px`;
      g.setTransform(scale, 0, 0, scale, 0, 0);
    }
    g.clearRect(0, 0, W, H);
    return W;
  }
  canvas.style.height = `${height}px`;
  new ResizeObserver(() => lab.redraw()).observe(canvas);
  return [canvas, g, fit];
}

// A picture whose values can be read with the pointer or the arrow keys. `frame()` is its plot: [left, top, right, bottom];
// `step()` is how far one press of an arrow goes; `changed()` draws anew and returns what to say. `spot` is null or {x, y}.
function readable(canvas, title, { frame, step, changed }) {
  const said = h("div", { className: "gc-said", role: "status" }); // for screen readers: what the keys have found
  said.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
  const node = h("div", { className: "gc-read", tabIndex: 0, role: "group" }, canvas, said), probe = { node, spot: null };
  node.setAttribute("aria-label", `${title}: read values with the arrow keys`);
  node.style.position = "relative"; canvas.style.touchAction = "pan-y"; // a finger reads sideways and scrolls up and down
  function put(x, y) {
    const [l, t, r, b] = frame();
    probe.spot = { x: Math.max(l, Math.min(r - 1e-6, x)), y: Math.max(t, Math.min(b - 1e-6, y)) };
    return changed();
  }
  const clear = () => { if (probe.spot) { probe.spot = null; changed(); } };
  canvas.onpointermove = canvas.onpointerdown = e => {
    const box = canvas.getBoundingClientRect(), zoom = canvas.clientWidth / box.width;
    put((e.clientX - box.left) * zoom, (e.clientY - box.top) * zoom);
  };
  canvas.onpointerleave = clear;
  node.onblur = clear;
  node.onkeydown = e => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Escape: null }[e.key];
    if (way === undefined || (way === null && !probe.spot) || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault(); e.stopPropagation(); // else JupyterLab goes to the next cell
    if (way === null) { said.textContent = ""; return clear(); }
    const [l, t, r, b] = frame(), [dx, dy] = step(), { x, y } = probe.spot || { x: (l + r - dx) / 2, y: (t + b - dy) / 2 };
    said.textContent = put(x + dx * way[0], y + dy * way[1]);
  };
  return probe;
}

renderers.curves = function (spec, lab) {
  const { ink } = lab, H = spec.size === "small" ? 150 : 300, m = spec.labels.length, left = 40, top = 8, bottom = H - 20, most = 2000;
  const DASHES = [[], [7, 3], [7, 3, 1.5, 3], [3, 2]]; // lines differ in more than colour
  const LINES = ["solid", "dashed", "dotted", "dotted"], FONT = "10.5px system-ui, sans-serif";
  const plain = k => spec.colors[k] === "#444444"; // ink, which follows the theme
  const [canvas, g, fit] = roomy(spec.title, H, lab), values = spec.labels.map(() => h("b"));
  const legend = h("div", { className: "gc-legend" }, ...spec.labels.map((label, k) => {
    const sample = h("i");
    sample.style.cssText = `width:20px;border-top:2.5px ${LINES[k % 4]} ${plain(k) ? "currentColor" : spec.colors[k]};vertical-align:middle`;
    return h("span", {}, sample, label + " ", values[k]);
  }));
  const scale = v => spec.log ? Math.log10(Math.max(v, 1e-12)) : v;
  let rows = [], W = 330, right = W - 6, start = 0, end = 1;

  function thin() { // two rows into one, when there are too many
    while (rows.length > most) {
      const out = [];
      for (let i = 0; i + 1 < rows.length; i += 2) out.push(rows[i].map((v, k) => Number.isNaN(v) ? rows[i + 1][k] : Number.isNaN(rows[i + 1][k]) ? v : (v + rows[i + 1][k]) / 2));
      if (rows.length % 2) out.push(rows[rows.length - 1]);
      rows = out;
    }
  }
  function range() {
    const every = Math.ceil(rows.length / 500); // a sample is enough to find the range
    const all = rows.filter((_, i) => i % every === 0 || i === rows.length - 1).flatMap(r => r.slice(1)).filter(Number.isFinite)
      .concat(Object.values(spec.equilibrium)).map(scale).sort((a, b) => a - b);
    if (!all.length) return [0, 1];
    let low = all[Math.floor(0.002 * (all.length - 1))], high = all[Math.ceil(0.998 * (all.length - 1))]; // a single spike must not flatten the rest
    if (!spec.log) low = Math.min(low, Math.max(0, low - 0.5 * (high - low)));
    const room = 0.06 * (high - low) || 0.5;
    return [low - (low === 0 ? 0 : room), high + room];
  }
  function marks(low, high) { // [where, text] on the vertical axis; a logarithmic one has 1, 2, 5 or the powers of ten
    if (!spec.log) return ticks(low, high).map(v => [v, short(v)]);
    if (high - low < 0.7) return ticks(10 ** low, 10 ** high).map(v => [Math.log10(v), short(v)]);
    const out = [], decades = high - low, every = Math.ceil(decades / 5);
    for (let e = Math.floor(low); e <= high; e++) for (const f of decades < 2 ? [1, 2, 5] : [1])
      if (decades < 2 || e % every === 0) out.push([e + Math.log10(f), short(f * 10 ** e)]);
    return out.filter(([v]) => v >= low && v <= high);
  }
  function newest(k, i = rows.length - 1) { // the last value of curve k up to row i
    while (i >= 0 && !Number.isFinite(rows[i][k + 1])) i--;
    return i < 0 ? NaN : rows[i][k + 1];
  }
  function found() { // the row nearest to the spot
    if (!probe.spot || !rows.length) return -1;
    const turn = start + (probe.spot.x - left) / (right - left) * (end - start);
    let a = 0, b = rows.length - 1;
    while (b - a > 1) { const i = (a + b) >> 1; if (rows[i][0] < turn) a = i; else b = i; }
    return turn - rows[a][0] < rows[b][0] - turn ? a : b;
  }
  function sides(Y, ends) { // names of curves and of equilibria in the right margin, moved apart
    const names = Object.entries(spec.equilibrium).map(([text, v]) => ({ text, y: Y(scale(v)), bold: false }));
    if (m > 1) spec.labels.forEach((text, k) => { if (ends[k]) names.push({ text, y: Y(scale(ends[k][1])), bold: true }); });
    names.forEach(n => { n.y = Math.max(top + 4, Math.min(bottom - 5, n.y)); });
    names.sort((a, b) => a.y - b.y);
    for (let i = 1; i < names.length; i++) names[i].y = Math.max(names[i].y, names[i - 1].y + 12);
    for (let i = names.length - 1, floor = bottom - 5; i >= 0; i--, floor -= 12) if (names[i].y > floor) names[i].y = floor;
    return names;
  }
  function margin() { // as wide as the longest name, within reason
    const all = Object.keys(spec.equilibrium).concat(m > 1 ? spec.labels : []);
    g.font = `bold ${FONT}`;
    return all.length ? Math.min(80, 8 + Math.max(...all.map(t => g.measureText(t).width))) : 6;
  }
  function columns(k, X) { // [x, mean, least, most] of curve k, two pixels wide each: many turns share one
    const out = [];
    let sum = 0, count = 0, least = Infinity, utmost = -Infinity, place = -1, x = 0;
    const close = () => { if (count) out.push([x / count, sum / count, least, utmost]); };
    for (const r of rows) {
      const v = r[k + 1];
      if (!Number.isFinite(v)) continue;
      const at = Math.floor(X(r[0]) / 2);
      if (at !== place) { close(); sum = count = x = 0; least = Infinity; utmost = -Infinity; place = at; }
      sum += v; count++; x += X(r[0]); least = Math.min(least, v); utmost = Math.max(utmost, v);
    }
    close();
    return out;
  }
  function curve(k, cols, Y) { // the mean as a line; from the least to the most as a pale band
    g.strokeStyle = g.fillStyle = plain(k) ? ink(1) : spec.colors[k];
    g.globalAlpha = 0.25; g.beginPath();
    for (const [x, , , v] of cols) g.lineTo(x, Y(scale(v)));
    for (let i = cols.length - 1; i >= 0; i--) g.lineTo(cols[i][0], Y(scale(cols[i][2])));
    g.fill(); g.globalAlpha = 1;
    g.lineWidth = 1.6; g.setLineDash(DASHES[k % 4]); g.beginPath();
    for (const [x, v] of cols) g.lineTo(x, Y(scale(v)));
    g.stroke(); g.setLineDash([]);
    if (cols.length === 1) { g.beginPath(); g.arc(cols[0][0], Y(scale(cols[0][1])), 2, 0, 7); g.fill(); } // one value makes no line
  }
  function axes(low, high, Y) {
    g.font = FONT; g.lineWidth = 1; g.textBaseline = "middle"; g.textAlign = "right";
    for (const [v, text] of marks(low, high)) {
      g.strokeStyle = ink(0.13); g.beginPath(); g.moveTo(left, Y(v)); g.lineTo(right, Y(v)); g.stroke();
      g.fillStyle = ink(0.85); g.fillText(text, left - 4, Y(v), left - 4);
    }
    g.textBaseline = "top"; g.textAlign = "left"; g.fillText(short(Math.round(start)), left, bottom + 5);
    g.textAlign = "right"; g.fillText(`turn ${Math.round(end)}`, right, bottom + 5);
    g.strokeStyle = ink(0.75); g.setLineDash([1.5, 3]);
    for (const v of Object.values(spec.equilibrium)) { g.beginPath(); g.moveTo(left, Y(scale(v))); g.lineTo(right, Y(scale(v))); g.stroke(); }
    g.setLineDash([]);
  }
  function reading(at, X, Y) { // the turn under the pointer, and where its values lie
    const row = rows[at], text = `turn ${Math.round(row[0])}`, x = X(row[0]);
    g.strokeStyle = ink(0.6); g.beginPath(); g.moveTo(x, top); g.lineTo(x, bottom); g.stroke();
    spec.labels.forEach((_, k) => { const v = newest(k, at); if (!Number.isFinite(v)) return;
      g.fillStyle = plain(k) ? ink(1) : spec.colors[k]; g.beginPath(); g.arc(x, Y(scale(v)), 3.2, 0, 7); g.fill(); });
    const w = g.measureText(text).width + 6, from = Math.max(left, Math.min(right - w, x - w / 2));
    g.clearRect(left - 2, bottom + 2, right - left + 4, H - bottom - 2);
    g.fillStyle = ink(1); g.textAlign = "center"; g.textBaseline = "top"; g.fillText(text, from + w / 2, bottom + 5);
  }
  function draw() {
    W = fit();
    start = rows.length ? rows[0][0] : 0; end = rows.length > 1 ? rows[rows.length - 1][0] : start + 1; right = W - margin();
    const [low, high] = range(), at = found();
    const X = v => left + (v - start) / Math.max(1e-9, end - start) * (right - left), Y = v => bottom - (v - low) / (high - low) * (bottom - top);
    values.forEach((b, k) => { const v = newest(k, at < 0 ? rows.length - 1 : at); b.textContent = rows.length ? short(v) : ""; });
    axes(low, high, Y);
    g.save(); g.beginPath(); g.rect(left, top - 2, right - left, bottom - top + 2); g.clip();
    const drawn = spec.labels.map((_, k) => columns(k, X));
    drawn.forEach((cols, k) => curve(k, cols, Y));
    g.restore();
    g.textAlign = "left"; g.textBaseline = "middle";
    for (const n of sides(Y, drawn.map(cols => cols[cols.length - 1]))) { g.font = (n.bold ? "bold " : "") + FONT; g.fillStyle = ink(n.bold ? 1 : 0.85); g.fillText(n.text, right + 4, n.y, W - right - 4); }
    g.font = FONT;
    if (at >= 0) reading(at, X, Y);
    return at < 0 ? "" : `Turn ${Math.round(rows[at][0])}: ` + spec.labels.map((label, k) => `${label} ${short(newest(k, at))}`).join(", ");
  }
  const probe = readable(canvas, spec.title, { frame: () => [left, top, right, bottom], step: () => [(right - left) / 40, 0], changed: draw });
  return {
    nodes: [probe.node, legend], canvas, slow: true, draw, // a few times a second is enough for a curve
    take(a, full) {
      if (full) rows = [];
      const r = a.rows || [];
      for (let i = 0; i < r.length; i += m + 1) rows.push(Array.from(r.slice(i, i + m + 1)));
      thin();
    },
  };
};
