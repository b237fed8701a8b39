// ---- points of a game in two dimensions, over D's judgement. Their layers and arrays: nbs/toolbox/panels.ipynb ------------------

renderers.points = function (spec, lab) {
  const [x0, x1, y0, y1] = spec.limits, n = spec.side, widest = spec.size === "large" ? 440 : 330, gap = 12;
  const none = new Float32Array(0), G = PLAYER.G, LONGEST = 28, REACH = 14, MOST = 200, SPACING = 0.1;
  const RING = ramp([FAKE, "#F0B48C", "#F2F2F2", "#8CBEDF", REAL]); // as JUDGEMENT, but strong enough for thin rings
  let a = {}, moment = null, played = 0; // arrays by name, the moment in slow motion and when it came
  const get = name => a[name] || none, on = name => Boolean((lab.layers() || {})[name]);

  // the picture and its frame
  const [board, g] = screen(spec.title, widest, widest), [ideal, ig] = screen("What the best D for these two laws would say, over the plane.", widest, widest);
  const tip = h("div"), say = h("div", { role: "status" }), hint = h("div"), legend = h("div", { className: "gc-legend" });
  const cell = h("div", { className: "gc-points", tabIndex: 0, role: "application" }, board, tip, say), other = h("div", {}, ideal);
  const maps = h("div", {}, cell, other);
  cell.setAttribute("aria-label", `${spec.title}: the arrow keys go from generated point to generated point, with Shift further, Home to the first, Escape leaves`);
  cell.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own, while the picture has the keys
  tip.setAttribute("aria-hidden", "true");
  maps.style.cssText = `display:flex;flex-wrap:wrap;gap:${gap}px`;
  cell.style.cssText = other.style.cssText = `flex:1 1 220px;max-width:${widest}px;min-width:0;position:relative;border-radius:3px`;
  tip.style.cssText = `position:absolute;display:none;pointer-events:none;z-index:5;padding:4px 8px;border-radius:4px;font-size:12px;line-height:1.4;white-space:nowrap;
    font-variant-numeric:tabular-nums;color:var(--jp-ui-font-color1,#222);background:var(--jp-layout-color0,#fff);border:1px solid var(--jp-border-color1,#999);box-shadow:0 1px 5px #0004`;
  say.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
  hint.style.cssText = "display:none;font-size:12px;font-weight:600;margin-top:4px";

  let W = 0, H = 0, sharp = 0, unit, w, hh, left, top;
  const X = v => left + (v - x0) * unit, Y = v => top + hh - (v - y0) * unit;
  const inside = (x, y) => x >= x0 && x <= x1 && y >= y0 && y <= y1;
  function fit() { // as wide as there is room, sharp, and the same scale on both axes
    const two = on("best"), width = Math.round(Math.max(200, Math.min(widest, cell.clientWidth || widest))), scale = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
    const t = two ? 22 : 4, height = Math.round(width / 1.1) + t - 4;
    if (width === W && height === H && scale === sharp) return;
    [W, H, sharp] = [width, height, scale];
    for (const [c, k] of [[board, g], [ideal, ig]]) { c.width = W * scale; c.height = H * scale; k.setTransform(scale, 0, 0, scale, 0, 0); }
    unit = Math.min((W - 34) / (x1 - x0), (H - t - 20) / (y1 - y0));
    w = unit * (x1 - x0); hh = unit * (y1 - y0); left = 30 + (W - 34 - w) / 2; top = t + (H - t - 20 - hh) / 2;
    other.style.display = two ? "" : "none";
    const figure = maps.closest("figure");
    if (figure) { const room = two ? 2 * widest + gap : widest; figure.style.maxWidth = `${room}px`; figure.style.flex = two ? `2 1 ${Math.min(room, 452)}px` : ""; }
  }
  if (window.ResizeObserver) new ResizeObserver(() => { if (cell.clientWidth && Math.round(cell.clientWidth) !== W) lab.redraw(); }).observe(cell);

  // colours that can be seen on what lies below: the surface is light in both themes
  const dark = () => { const [r, v, b] = lab.ink(1).match(/[\d.]+/g).map(Number); return r + v + b > 382; };
  const paper = () => on("surface") || !dark();
  const pen = alpha => paper() ? `rgba(30, 30, 30, ${alpha})` : `rgba(240, 240, 240, ${alpha})`;
  const halo = alpha => paper() ? `rgba(255, 255, 255, ${alpha})` : `rgba(17, 17, 17, ${alpha})`;

  // maps of probabilities
  function map() {
    const small = h("canvas", { width: n, height: n }), s = small.getContext("2d"), pixels = s.createImageData(n, n);
    let shown = null;
    return (k, values, alpha) => {
      if (values !== shown) {
        for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) pixels.data.set(JUDGEMENT[values[(n - 1 - r) * n + c]], 4 * (r * n + c));
        for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 255;
        s.putImageData(pixels, 0, 0); shown = values;
      }
      k.globalAlpha = alpha; k.imageSmoothingEnabled = true; k.drawImage(small, left, top, w, hh); k.globalAlpha = 1;
    };
  }
  const judged = map(), best = map();

  // marks: many of a kind in one path
  function dots(k, xs, r) {
    k.beginPath();
    for (let i = 0; i < xs.length; i += 2) { const x = X(xs[i]), y = Y(xs[i + 1]); k.moveTo(x + r, y); k.arc(x, y, r, 0, 7); }
  }
  function crosses(k, xs, r) {
    k.beginPath();
    for (let i = 0; i < xs.length; i += 2) { const x = X(xs[i]), y = Y(xs[i + 1]); k.moveTo(x - r, y - r); k.lineTo(x + r, y + r); k.moveTo(x - r, y + r); k.lineTo(x + r, y - r); }
  }
  function points(k, real, fake, alpha, big) { // big: with a halo, for the batch of slow motion
    k.globalAlpha = alpha;
    dots(k, real, big ? 3 : 1.7);
    if (big) { k.strokeStyle = halo(0.9); k.lineWidth = 2; k.stroke(); }
    k.fillStyle = REAL; k.fill();
    crosses(k, fake, big ? 3.6 : 2.2);
    if (big) { k.strokeStyle = halo(0.9); k.lineWidth = 4; k.stroke(); }
    k.strokeStyle = FAKE; k.lineWidth = big ? 2 : 1.1; k.stroke();
    k.globalAlpha = 1;
  }
  function arrows(at, pull, alpha) { // a pull of a half gets half of the greatest length, and no pull gets none
    const count = Math.min(120, pull.length / 2, at.length / 2);
    const path = new Path2D();
    for (let i = 0; i < count; i++) {
      const size = Math.hypot(pull[2 * i], pull[2 * i + 1]), length = LONGEST * size / (size + 0.5);
      if (!(length > 0.75)) continue;
      const ux = pull[2 * i] / size, uy = -pull[2 * i + 1] / size, x = X(at[2 * i]), y = Y(at[2 * i + 1]), ex = x + ux * length, ey = y + uy * length, head = Math.min(5, 0.45 * length);
      path.moveTo(x, y); path.lineTo(ex, ey);
      path.moveTo(ex - head * (ux - 0.55 * uy), ey - head * (uy + 0.55 * ux)); path.lineTo(ex, ey); path.lineTo(ex - head * (ux + 0.55 * uy), ey - head * (uy - 0.55 * ux));
    }
    g.globalAlpha = alpha; g.lineJoin = g.lineCap = "round";
    g.strokeStyle = halo(0.6); g.lineWidth = 3; g.stroke(path);
    g.strokeStyle = pen(0.85); g.lineWidth = 1.2; g.stroke(path);
    g.globalAlpha = 1;
  }

  // G's warped grid: where a cell is dense, it is dark
  const LEVELS = 10, even = 1 / ((x1 - x0) * (y1 - y0)); // the density of points that lie evenly over the picture
  const shade = (mass, size) => Math.round(LEVELS * mass / (mass + 5 * even * size));
  function grid(alpha) {
    const at = get("grid"), mass = get("mass"), corners = at.length / 2;
    if (!corners || !mass.length) return;
    g.strokeStyle = g.fillStyle = G; g.lineJoin = "round"; g.lineCap = "butt";
    mass.length === corners - 1 ? curve(at, mass, alpha) : net(at, mass, Math.round(Math.sqrt(corners)), alpha);
    g.globalAlpha = 1;
  }
  function net(at, mass, side, alpha) {
    const levels = Array.from({ length: LEVELS + 1 }, () => new Path2D()), lines = new Path2D(), px = [], py = [];
    for (let i = 0; i < at.length; i += 2) { px.push(X(at[i])); py.push(Y(at[i + 1])); }
    for (let r = 0; r + 1 < side; r++) for (let c = 0; c + 1 < side; c++) {
      const i = r * side + c, j = i + side, turn = (px[j + 1] - px[i]) * (py[j] - py[i + 1]) - (py[j + 1] - py[i]) * (px[j] - px[i + 1]); // twice the area, with a sign
      const path = levels[shade(mass[r * (side - 1) + c], Math.abs(turn) / 2 / unit ** 2)], b = turn < 0 ? i + 1 : j, d = turn < 0 ? j : i + 1; // all the same way round, else folds cancel
      path.moveTo(px[i], py[i]);
      for (const k of [b, j + 1, d]) path.lineTo(px[k], py[k]);
      path.closePath();
    }
    for (let r = 0; r < side; r++) for (let c = 0; c < side; c++) { const i = r * side + c; c ? lines.lineTo(px[i], py[i]) : lines.moveTo(px[i], py[i]); }
    for (let c = 0; c < side; c++) for (let r = 0; r < side; r++) { const i = r * side + c; r ? lines.lineTo(px[i], py[i]) : lines.moveTo(px[i], py[i]); }
    levels.forEach((path, k) => { g.globalAlpha = alpha * 0.55 * k / LEVELS; if (k) g.fill(path); });
    g.globalAlpha = alpha * 0.6; g.lineWidth = 0.7; g.stroke(lines);
  }
  function curve(at, mass, alpha) {
    const levels = Array.from({ length: LEVELS + 1 }, () => new Path2D()), line = new Path2D();
    for (let i = 0; i < at.length; i += 2) {
      const x = X(at[i]), y = Y(at[i + 1]);
      line.lineTo(x, y);
      if (!i) continue;
      const path = levels[shade(mass[i / 2 - 1], Math.hypot(at[i] - at[i - 2], at[i + 1] - at[i - 1]))];
      path.moveTo(X(at[i - 2]), Y(at[i - 1])); path.lineTo(x, y);
    }
    g.lineCap = "round";
    levels.forEach((path, k) => { g.globalAlpha = alpha * 0.35; g.lineWidth = 2 + k; if (k) g.stroke(path); });
    g.globalAlpha = alpha; g.lineWidth = 1.6; g.stroke(line);
  }

  // slow motion: the batch of this turn, part by part
  function batch() {
    const real = get("m_real"), was = get("m_was"), pull = get("m_pull");
    let fake = get("m_fake");
    if (was.length && was.length === fake.length) {
      const way = lab.reduced ? 1 : Math.min(1, (performance.now() - played) / 600), now = fake.map((v, i) => was[i] + way * (v - was[i]));
      if (way < 1) requestAnimationFrame(() => lab.redraw());
      g.beginPath();
      for (let i = 0; i < was.length; i += 2) { g.moveTo(X(was[i]), Y(was[i + 1])); g.lineTo(X(now[i]), Y(now[i + 1])); }
      g.strokeStyle = halo(0.7); g.lineWidth = 3; g.stroke(); g.strokeStyle = pen(0.7); g.lineWidth = 1.1; g.stroke();
      dots(g, was, 2.4); g.fillStyle = halo(1); g.fill(); g.stroke();
      fake = now;
    }
    rings(real, get("m_real_said")); rings(fake, get("m_fake_said"));
    points(g, real, fake, 1, true);
    if (pull.length) arrows(fake, pull, 1);
    noise(get("m_z"), real.length || fake.length);
  }
  function rings(at, said) { // the colour of what D says, on a dark rim
    const levels = new Map();
    for (let i = 0; i < said.length; i++) { const k = Math.round(15 * said[i]) * 17; if (!levels.has(k)) levels.set(k, []); levels.get(k).push(at[2 * i], at[2 * i + 1]); }
    for (const [k, xs] of levels) {
      dots(g, xs, 6); g.strokeStyle = pen(0.55); g.lineWidth = 3.6; g.stroke();
      g.strokeStyle = `rgb(${(RING[k] || RING[0]).map(Math.round)})`; g.lineWidth = 2.6; g.stroke();
    }
  }
  function noise(z, twice) { // a small square with the batch's z; of more than two dimensions there is no picture
    const d = z.length / (twice / 2), size = Math.round(0.22 * w), l = left + 6, t = top + hh - size - 6;
    if (!(d === 1 || d === 2)) return;
    const reach = z.every(v => Math.abs(v) <= 1) ? 1.1 : 3, U = v => l + size / 2 * (1 + v / reach), V = v => t + size / 2 * (1 - v / reach);
    g.fillStyle = halo(0.93); g.fillRect(l, t, size, size); g.strokeStyle = pen(0.6); g.lineWidth = 1; g.strokeRect(l, t, size, size);
    g.save(); g.beginPath(); g.rect(l, t, size, size); g.clip(); g.beginPath();
    for (let i = 0; i < z.length; i += d) {
      const x = U(z[i]), y = d === 2 ? V(z[i + 1]) : t + 0.6 * size;
      if (d === 2) { g.moveTo(x + 1.7, y); g.arc(x, y, 1.7, 0, 7); } else { g.moveTo(x, y - 7); g.lineTo(x, y + 7); }
    }
    g.fillStyle = g.strokeStyle = paper() ? "#A8467E" : G; d === 2 ? g.fill() : g.stroke();
    g.restore();
    g.fillStyle = pen(0.9); g.font = "italic 600 12px system-ui, sans-serif"; g.textAlign = "left"; g.textBaseline = "top"; g.fillText("z", l + 5, t + 3);
  }

  // a look at one point: with the pointer, or with the keys
  let pick = -1, told = -1, asked = false, later = 0;
  const two = v => v !== 0 && Math.abs(v) < 0.005 ? v.toExponential(0) : (+v.toFixed(2) || 0).toFixed(2); // no -0.00, and what is small but there is seen
  const tuple = (xs, i, d) => `(${Array.from(xs.slice(i * d, i * d + Math.min(d, 4)), two).join(", ")}${d > 4 ? ", …" : ""})`;
  const where = e => { const r = board.getBoundingClientRect(); return [(e.clientX - r.left) * W / r.width, (e.clientY - r.top) * H / r.height]; };
  function choose(i) {
    if (i === pick) return;
    pick = i;
    clearTimeout(later);
    if (i >= 0 && !asked) { asked = true; lab.click("layer", lab.index, "probe", true); }
    if (i < 0) { told = -1; say.textContent = ""; if (asked) later = setTimeout(unask, 400); }
    lab.redraw();
  }
  function unask() { lab.click("layer", lab.index, "probe", false); asked = false; delete a.said; delete a.z; }
  function leave() { choose(-1); clearTimeout(later); if (asked || on("probe")) unask(); }
  function nearest(x, y) {
    const fake = get("fake"), far = REACH * W / (board.getBoundingClientRect().width || W);
    let found = -1, least = far * far;
    if (on("fake") || on("arrows")) for (let i = 0; i < fake.length; i += 2) {
      const d = (X(fake[i]) - x) ** 2 + (Y(fake[i + 1]) - y) ** 2;
      if (d < least && inside(fake[i], fake[i + 1])) { least = d; found = i / 2; }
    }
    return found;
  }
  function neighbour(dx, dy, least_way = 0.5) { // the next generated point that way
    const fake = get("fake"), seen = Array.from({ length: fake.length / 2 }, (_, i) => i).filter(i => inside(fake[2 * i], fake[2 * i + 1]));
    if (pick < 0) return seen.length ? seen[0] : -1;
    const x = X(fake[2 * pick]), y = Y(fake[2 * pick + 1]);
    let found = pick, least = Infinity;
    for (const i of seen) {
      const u = X(fake[2 * i]) - x, v = Y(fake[2 * i + 1]) - y, along = u * dx + v * dy, aside = Math.abs(u * dy) + Math.abs(v * dx);
      if (i !== pick && along > least_way && aside <= 1.5 * along && along + 2 * aside < least) { least = along + 2 * aside; found = i; }
    }
    return found;
  }
  function lines() { // what there is to say of the chosen point
    const fake = get("fake"), z = get("z"), d = z.length / (fake.length / 2), said = get("said"), pull = get("pull");
    return [z.length && `z = ${tuple(z, pick, d)}`, said.length > pick && `D(x) = ${two(said[pick])}`,
      pull.length > 2 * pick && `pull ${tuple(pull, pick, 2)}`, `x = ${tuple(fake, pick, 2)}`].filter(Boolean);
  }
  function tooltip() {
    const fake = get("fake"), there = pick >= 0 && 2 * pick < fake.length && !sketch;
    tip.style.display = there ? "block" : "none";
    if (!there) return;
    const x = X(fake[2 * pick]), y = Y(fake[2 * pick + 1]), text = lines();
    g.beginPath(); g.arc(x, y, 6.5, 0, 7); g.strokeStyle = halo(0.95); g.lineWidth = 4.5; g.stroke(); g.strokeStyle = pen(1); g.lineWidth = 2; g.stroke();
    tip.replaceChildren(...text.map(line => h("div", { textContent: line })));
    const r = board.clientWidth / W || 1, px = x * r, py = y * r, wide = tip.offsetWidth, high = tip.offsetHeight, into = (v, end) => Math.max(0, Math.min(v, end));
    const right = px + 14 + wide <= board.clientWidth, aside = right || px - 14 - wide >= 0; // beside the point where there is room, else above or below
    tip.style.left = `${aside ? (right ? px + 14 : px - 14 - wide) : into(px - wide / 2, board.clientWidth - wide)}px`;
    tip.style.top = `${aside ? into(py - high / 2, board.clientHeight - high) : py - 14 - high >= 0 ? py - 14 - high : py + 14}px`;
    if (told !== pick && get("said").length) { told = pick; say.textContent = text.join(", "); }
  }

  // draw your own
  let sketch = null, drawn = []; // sketch: {done, cross: [x, y], trail: the last point of a stroke, keys: is the crosshair in use}
  const round = v => +v.toFixed(2);
  function put(x, y) {
    if (drawn.length >= MOST || !inside(x, y)) return false;
    drawn.push([round(x), round(y)]); count(); lab.redraw();
    return true;
  }
  function stroke(x, y) { // points all the way from the last one, however fast the hand is
    const [px, py] = sketch.trail, way = Math.hypot(x - px, y - py), steps = Math.floor(way / SPACING + 1e-9), at = i => [px + (x - px) * i * SPACING / way, py + (y - py) * i * SPACING / way];
    for (let i = 1; i <= steps; i++) put(...at(i));
    if (steps) sketch.trail = at(steps);
  }
  const count = () => { hint.textContent = `Draw with mouse, finger, or arrow keys and space. ${drawn.length} of ${MOST} points${drawn.length >= MOST ? ": full" : ""}`; };
  const hand = () => sketch.done && sketch.done(drawn.map(p => [...p]));
  const spot = e => { const [x, y] = where(e); return [x0 + (x - left) / unit, y0 + (top + hh - y) / unit]; };
  function sketched() {
    g.strokeStyle = pen(0.75); g.lineWidth = 2; g.setLineDash([7, 5]); g.strokeRect(left + 1, top + 1, w - 2, hh - 2); g.setLineDash([]);
    dots(g, drawn.flat(), 3); g.strokeStyle = halo(0.9); g.lineWidth = 1.5; g.stroke(); g.fillStyle = REAL; g.fill();
    if (!sketch.keys) return;
    const x = X(sketch.cross[0]), y = Y(sketch.cross[1]);
    g.beginPath(); g.arc(x, y, 7, 0, 7);
    for (const [u, v] of Object.values(ARROWS)) { g.moveTo(x + 7 * u, y + 7 * v); g.lineTo(x + 14 * u, y + 14 * v); } // the middle stays free for the point
    g.strokeStyle = halo(0.9); g.lineWidth = 4; g.stroke(); g.strokeStyle = pen(1); g.lineWidth = 1.5; g.stroke();
  }

  board.addEventListener("pointerdown", e => {
    if (!sketch || e.button > 0 || sketch.trail) return;
    e.preventDefault(); cell.focus({ preventScroll: true }); board.setPointerCapture(e.pointerId);
    sketch.keys = false; sketch.trail = spot(e); put(...sketch.trail);
  });
  board.addEventListener("pointermove", e => {
    if (!sketch) { if (e.pointerType !== "touch") choose(nearest(...where(e))); return; } // a finger scrolls; its tap is a click
    if (!sketch.trail) return;
    const passed = e.getCoalescedEvents ? e.getCoalescedEvents() : [];
    for (const p of passed.length ? passed : [e]) stroke(...spot(p));
  });
  for (const end of ["pointerup", "pointercancel"]) board.addEventListener(end, () => { if (sketch && sketch.trail) { sketch.trail = null; hand(); } });
  board.addEventListener("click", e => { if (!sketch) choose(nearest(...where(e))); }); // a tap
  board.addEventListener("pointerleave", () => { if (!sketch && !cell.matches(":focus-visible")) leave(); });

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  cell.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.key === "Tab") return;
    e.stopPropagation(); // else JupyterLab takes the keys for commands
    const way = ARROWS[e.key];
    if (sketch ? sketchKey(e.key, way, e.shiftKey) : lookKey(e.key, way, e.shiftKey)) e.preventDefault();
  });
  function lookKey(key, way, far) {
    if (way) choose(neighbour(...way, far ? 30 : 0.5));
    else if (key === "Home") { choose(-1); choose(neighbour(0, 0)); }
    else if (key === "Escape") leave();
    else return false;
    return true;
  }
  function sketchKey(key, way, far) {
    const step = (x1 - x0) / 60 * (far ? 5 : 1), into = (v, low, high) => Math.max(low, Math.min(high, v));
    if (way) sketch.cross = [into(sketch.cross[0] + way[0] * step, x0, x1), into(sketch.cross[1] - way[1] * step, y0, y1)];
    else if (key === " " || key === "Enter") { if (sketch.keys && put(...sketch.cross)) hand(); }
    else if (key === "Backspace" || key === "Delete") { if (drawn.pop()) { count(); hand(); } }
    else return false;
    sketch.keys = true;
    say.textContent = `${tuple(sketch.cross, 0, 2)}, ${drawn.length} points`;
    lab.redraw();
    return true;
  }
  cell.addEventListener("focus", () => {
    const seen = cell.matches(":focus-visible");
    cell.style.outline = seen ? "3px solid #56B4E9" : "none"; cell.style.outlineOffset = "-1px";
    if (seen && sketch) { sketch.keys = true; lab.redraw(); }
  });
  cell.addEventListener("blur", () => { cell.style.outline = "none"; if (sketch) { sketch.keys = false; lab.redraw(); } else leave(); });

  // the legend names what is there to see, and nothing else
  let named = "";
  function name() {
    const has = key => get(key).length > 0, judges = on("surface") || (on("best") && has("best"));
    const rows = [
      [sketch || on("real") || has("m_real"), "●", REAL, sketch ? "your points" : has("m_real") ? "this turn's real points" : "real"],
      [!sketch && (on("fake") || has("m_fake")), "×", FAKE, has("m_fake") ? "this turn's generated points" : "generated"],
      [judges, "■", "#7FB8DC", "D says real"],
      [judges, "■", "#F0A878", "D says generated"],
      [on("grid") && has("grid"), "▦", G, "where G puts a grid of z"],
      [!sketch && (on("arrows") || has("m_pull")), "→", "", "pull on a generated point"],
      [has("m_real_said"), "bar", "", "ring: D says generated … real"],
      [has("m_was"), "○", "", "where it was before"],
    ].filter(row => row[0]);
    const now = JSON.stringify(rows);
    if (now === named) return;
    named = now;
    legend.replaceChildren(...rows.map(([, mark, colour, text]) => {
      const i = h("i", { textContent: mark === "bar" ? "" : mark });
      i.style.cssText = mark === "bar" ? `width:36px;height:9px;border-radius:5px;background:linear-gradient(90deg,${FAKE},#F2F2F2,${REAL})` : colour ? `color:${colour}` : "";
      return h("span", {}, i, text);
    }));
  }

  function axes(k, title) {
    k.strokeStyle = lab.ink(0.35); k.lineWidth = 1; k.strokeRect(left, top, w, hh);
    k.fillStyle = lab.ink(0.85); k.font = "10.5px system-ui, sans-serif"; k.textAlign = "center"; k.textBaseline = "top";
    for (const v of ticks(x0, x1)) k.fillText(short(v), X(v), top + hh + 4);
    if (on("best")) { k.font = "600 12px system-ui, sans-serif"; k.textBaseline = "bottom"; k.fillText(title, W / 2, top - 4, W - 4); k.font = "10.5px system-ui, sans-serif"; }
    k.textAlign = "right"; k.textBaseline = "middle";
    for (const v of ticks(y0, y1)) k.fillText(short(v), left - 4, Y(v));
  }
  function clipped(k, paint) { k.save(); k.beginPath(); k.rect(left, top, w, hh); k.clip(); paint(); k.restore(); }

  return {
    nodes: [maps, hint, legend], canvas: board, slow: false,
    take(arrays, full, header) {
      if (full) a = {};
      Object.assign(a, arrays);
      const next = (header && header.moment) || null;
      if (!next || !moment || next.number !== moment.number || next.name !== moment.name) played = performance.now();
      moment = next;
    },
    draw() {
      fit();
      const slow = Boolean(moment && (get("m_z").length || get("m_real").length || get("m_fake").length)), back = sketch ? 0.3 : slow ? 0.16 : 1;
      g.clearRect(0, 0, W, H);
      clipped(g, () => {
        if (on("surface")) { g.fillStyle = "#fff"; g.fillRect(left, top, w, hh); }
        if (on("surface") && a.surface) judged(g, a.surface, sketch ? 0.35 : 1);
        if (on("grid")) grid(sketch ? 0.3 : slow ? 0.45 : 1);
        points(g, on("real") && !sketch ? get("real") : none, on("fake") ? get("fake") : none, slow || sketch ? 1.3 * back : paper() ? 0.85 : 1, false);
        if (on("arrows") && !slow && !sketch) arrows(get("fake"), get("pull"), 1);
        if (slow && !sketch) batch();
        if (sketch) sketched();
      });
      axes(g, "D as it is now");
      if (on("best") && a.best) {
        ig.clearRect(0, 0, W, H);
        clipped(ig, () => { best(ig, a.best, 1); points(ig, on("real") ? get("real") : none, on("fake") ? get("fake") : none, 0.3, false); });
        axes(ig, "the best D for these two laws");
      }
      tooltip();
      name();
    },
    drawing(wanted, done, points) { // on: strokes and keys add points, and `done` gets all of them after each; `points`: to go on with
      sketch = wanted ? { done, cross: [(x0 + x1) / 2, (y0 + y1) / 2], trail: null, keys: cell.matches(":focus-visible") } : null;
      if (points) drawn = points.map(p => [...p]).slice(0, MOST);
      if (wanted) { leave(); count(); }
      hint.style.display = wanted ? "" : "none"; board.style.touchAction = wanted ? "none" : ""; board.style.cursor = wanted ? "crosshair" : "";
      lab.redraw();
    },
    clear() { drawn = []; if (sketch) count(); lab.redraw(); },
  };
};
