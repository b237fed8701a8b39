// The errors of many games over their learning rates, and the picture of the one that is pointed at. Arrays: nbs/toolbox/population.ipynb
renderers.sweep = (spec, lab) => {
  const rows = spec.lr_G.length, columns = spec.lr_D.length, colours = ramp(spec.colors), FONT = "10.5px system-ui, sans-serif";
  const room = { l: 52, r: 58, t: 6, b: 36 }, left = room.l, top = room.t, SIDE = 220, [x0, x1, y0, y1] = spec.limits;
  const clamp = (v, low, high) => Math.max(low, Math.min(high, v)), scaled = v => spec.log ? Math.log10(Math.max(v, 1e-12)) : v;
  const [low, high] = spec.range.map(scaled), plain = v => v >= 1e-5 && v < 1e5 ? String(+v.toPrecision(3)) : short(v); // 0.001, not 1e-3
  const [canvas, g, fit] = roomy(spec.title, 360, lab), [picture, pg] = screen("", SIDE, SIDE);
  const small = h("canvas", { width: columns, height: rows }), sg = small.getContext("2d"), pixels = sg.createImageData(columns, rows);
  const bar = h("canvas", { width: 1, height: 256 }), bg = bar.getContext("2d"), shades = bg.createImageData(1, 256);
  colours.forEach((c, k) => shades.data.set([...c, 255], 4 * (255 - k)));
  bg.putImageData(shades, 0, 0);
  const head = h("b"), text = h("div"), hint = h("div", { textContent: "Point at a pair, or use the arrow keys. Click or press Enter to open it." });
  const card = h("div", { className: "gc-member" }, picture, head, text, hint), map = h("div"), both = h("div", {}, map, card);
  both.style.cssText = "display:flex;flex-wrap:wrap;gap:6px 14px;align-items:flex-start";
  map.style.cssText = "flex:1 1 300px;max-width:440px;min-width:0";
  card.style.cssText = `flex:0 1 ${SIDE}px;font-size:12px;font-variant-numeric:tabular-nums`;
  picture.style.maxWidth = `${SIDE}px`; picture.style.aspectRatio = "1"; hint.style.opacity = "0.8"; canvas.style.cursor = "pointer";
  let a = {}, real = [], w = 1, tall = 1, right, bottom, cw = 1, ch = 1, W = 330;

  function layout() { // square cells where both axes are as long
    w = Math.max(80, (canvas.clientWidth || 360) - room.l - room.r); tall = clamp(Math.round(w * rows / columns), 60, 380);
    W = fit(tall + room.t + room.b);
    right = left + w; bottom = top + tall; cw = w / columns; ch = tall / rows;
  }
  const at = k => [left + (k % columns) * cw, bottom - (Math.floor(k / columns) + 1) * ch]; // rates of G grow upwards
  function under() {
    if (!probe.spot) return -1;
    const c = clamp(Math.floor((probe.spot.x - left) / cw), 0, columns - 1), r = clamp(Math.floor((bottom - probe.spot.y) / ch), 0, rows - 1);
    return r * columns + c;
  }
  function best() {
    let k = -1;
    a.errors.forEach((v, i) => { if (Number.isFinite(v) && (k < 0 || v < a.errors[k])) k = i; });
    return k;
  }

  function paint() {
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
      const v = a.errors[r * columns + c], there = Number.isFinite(v), t = there ? clamp((scaled(v) - low) / (high - low || 1), 0, 1) : 0;
      pixels.data.set([...colours[Math.round(255 * t)], there ? 255 : 0], 4 * ((rows - 1 - r) * columns + c));
    }
    sg.putImageData(pixels, 0, 0);
    g.imageSmoothingEnabled = false; g.drawImage(small, left, top, w, tall);
    g.strokeStyle = lab.ink(0.8); g.lineWidth = 1; g.beginPath();
    a.errors.forEach((v, k) => { // a cross: diverged
      if (Number.isFinite(v)) return;
      const [x, y] = at(k), s = 0.28 * Math.min(cw, ch), mx = x + cw / 2, my = y + ch / 2;
      g.moveTo(mx - s, my - s); g.lineTo(mx + s, my + s); g.moveTo(mx - s, my + s); g.lineTo(mx + s, my - s);
    });
    g.stroke();
  }
  function decades(rates, place, put) { // powers of ten, or some of the rates where these are not evenly spaced
    const logs = rates.map(Math.log10), n = rates.length, step = n > 1 ? (logs[n - 1] - logs[0]) / (n - 1) : 0;
    const even = step && logs.every((v, k) => Math.abs(logs[0] + k * step - v) < 1e-3), marks = [];
    for (let e = -12; even && e <= 12; e++) { const k = (e - logs[0]) / step; if (k > -1e-3 && k < n - 1 + 1e-3) marks.push([k, 10 ** e]); }
    (marks.length > 1 ? marks : rates.map((r, k) => [k, r]).filter((_, k) => k % Math.ceil(n / 5) === 0)).forEach(([k, r]) => put(place(k), plain(r)));
  }
  function axes() {
    g.strokeStyle = lab.ink(0.35); g.lineWidth = 1; g.strokeRect(left - 0.5, top - 0.5, w + 1, tall + 1);
    g.fillStyle = lab.ink(0.85); g.font = FONT; g.textAlign = "center"; g.textBaseline = "top";
    decades(spec.lr_D, k => left + (k + 0.5) * cw, (x, s) => { g.fillRect(x - 0.5, bottom + 1, 1, 3); g.fillText(s, x, bottom + 5); });
    g.fillText("learning rate of D", left + w / 2, bottom + 20);
    g.textAlign = "right"; g.textBaseline = "middle";
    decades(spec.lr_G, k => bottom - (k + 0.5) * ch, (y, s) => { g.fillRect(left - 4, y - 0.5, 3, 1); g.fillText(s, left - 6, y); });
    g.save(); g.translate(9, top + tall / 2); g.rotate(-Math.PI / 2); g.textAlign = "center"; g.fillText("learning rate of G", 0, 0); g.restore();
  }
  function scale() {
    const x = right + 12, Y = v => bottom - (v - low) / (high - low || 1) * tall;
    g.imageSmoothingEnabled = true; g.drawImage(bar, x, top, 11, tall);
    g.strokeStyle = lab.ink(0.35); g.strokeRect(x - 0.5, top - 0.5, 12, tall + 1);
    g.fillStyle = lab.ink(0.85); g.textAlign = "left"; g.textBaseline = "middle";
    const marks = spec.log ? Array.from({ length: 40 }, (_, k) => k - 20).filter(e => e >= low - 1e-6 && e <= high + 1e-6).map(e => [e, plain(10 ** e)])
      : ticks(low, high).map(v => [v, short(v)]);
    for (const [v, s] of marks) { g.fillRect(x + 11.5, Y(v) - 0.5, 3, 1); g.fillText(s, x + 17, Y(v), W - x - 17); }
  }
  function ring(k, bold) { // black and white: seen on every colour
    const [x, y] = at(k);
    for (const [width, colour] of bold ? [[4, "#000"], [1.8, "#fff"]] : [[2.6, "#000"], [1.2, "#fff"]]) {
      g.lineWidth = width; g.strokeStyle = colour; g.beginPath();
      bold ? g.rect(x, y, cw, ch) : g.arc(x + cw / 2, y + ch / 2, Math.max(4, 0.42 * Math.min(cw, ch)), 0, 7);
      g.stroke();
    }
  }
  function member(k) { // its points, over the real ones
    const S = SIDE, X = v => v / 254 * (S - 2) + 1, Y = v => S - 1 - v / 254 * (S - 2);
    pg.clearRect(0, 0, S, S);
    pg.strokeStyle = lab.ink(0.35); pg.lineWidth = 1; pg.strokeRect(0.5, 0.5, S - 1, S - 1);
    pg.fillStyle = REAL; pg.globalAlpha = 0.4;
    for (let i = 0; i < real.length; i += 2) if (real[i] < 255 && real[i + 1] < 255) { pg.beginPath(); pg.arc(X(real[i]), Y(real[i + 1]), 1.7, 0, 7); pg.fill(); }
    pg.globalAlpha = 1; pg.strokeStyle = FAKE; pg.lineWidth = 1.4; pg.beginPath();
    for (let i = 2 * spec.n * k; i < 2 * spec.n * (k + 1); i += 2) if (a.points[i] < 255 && a.points[i + 1] < 255) {
      const x = X(a.points[i]), y = Y(a.points[i + 1]);
      pg.moveTo(x - 3, y - 3); pg.lineTo(x + 3, y + 3); pg.moveTo(x - 3, y + 3); pg.lineTo(x + 3, y - 3);
    }
    pg.stroke();
    const pair = `lr_D ${plain(spec.lr_D[k % columns])}, lr_G ${plain(spec.lr_G[Math.floor(k / columns)])}`, v = a.errors[k];
    const span = spec.seeds > 1 && Number.isFinite(a.low[k]) ? `; ${spec.seeds} seeds: ${short(a.low[k])} to ${short(a.high[k])}` : "";
    const error = Number.isFinite(v) ? `${spec.what} ${short(v)}${span}` : "diverged";
    let outside = 0;
    for (let i = 2 * spec.n * k; i < 2 * spec.n * (k + 1); i += 2) outside += a.points[i] === 255 || a.points[i + 1] === 255;
    return [pair, error + (outside ? `; ${outside} of ${spec.n} points lie outside the picture` : "")];
  }
  function draw() {
    const figure = both.closest("figure");
    if (figure) figure.style.maxWidth = "700px";
    layout();
    if (!a.errors) return "";
    const star = best(), k = under();
    paint(); axes(); scale();
    if (star >= 0) ring(star, false);
    if (k >= 0) ring(k, true);
    const shown = k >= 0 ? k : Math.max(0, star), [pair, error] = member(shown);
    head.textContent = k >= 0 ? pair : `the best so far: ${pair}`; text.textContent = error;
    picture.setAttribute("aria-label", `What the game with ${pair} makes: crosses, over the real points. ${error}`);
    both.dataset.cell = k; both.dataset.shown = shown;
    return `${pair}: ${error}`;
  }
  const open = () => { const k = under(); if (k >= 0) lab.click("open_member", k); };
  const probe = readable(canvas, spec.title, { frame: () => [left, top, right, bottom], step: () => [cw, ch], changed: draw });
  probe.node.setAttribute("aria-label", `${spec.title}: the arrow keys go from pair to pair, Enter opens the game`);
  probe.node.addEventListener("keydown", e => {
    if (e.key === "Enter" && probe.spot) { e.preventDefault(); e.stopPropagation(); open(); }
    if (e.key.startsWith("Arrow") && a.errors) { // from the middle of a cell to the next; they set out from the best pair
      const [x, y] = at(Math.max(0, probe.spot ? under() : best()));
      probe.spot = { x: x + cw / 2, y: y + ch / 2 };
    }
  }, true);
  canvas.addEventListener("click", open);
  map.append(probe.node);
  return {
    nodes: [both], canvas, slow: true, draw,
    take(arrays) { a = { ...a, ...arrays }; if (arrays.real) real = arrays.real; },
  };
};
