{ // a block, so that its names stay its own
  const FONT = "10.5px system-ui, sans-serif", PLAIN = "#444444"; // PLAIN: the ink of gancourse.plot, which follows the theme
  const clamp = (v, low, high) => Math.max(low, Math.min(high, v));

  // Pictures in a grid, row by row. `spec.sheets`: array's name -> channels, each array (n, h, w, channels); with several sheets
  // the i-th row holds the i-th picture of each. `spec.pixels`: [h, w]. `spec.scale`: screen pixels a pixel, null: as fits.
  const grid = (spec, lab) => {
    const [h_, w_] = spec.pixels, names = Object.keys(spec.sheets), total = spec.n * names.length, columns = Math.min(spec.columns, total);
    const rows = Math.ceil(total / columns), top = spec.heads.length ? 17 : 0, [canvas, g] = screen(spec.title, 330, 330);
    canvas.style.borderRadius = "0";
    function fit() { // pixels of the screen for one of the image: a whole number of the display's where there is room for one
      const room = box.clientWidth || 330, sharp = clamp(window.devicePixelRatio || 1, 1, 3);
      const wide = (room - columns - 1) / (columns * w_), most = Math.min(wide, (420 - rows) / (rows * h_));
      const scale = spec.scale ? Math.min(spec.scale, wide) : most >= 1 ? Math.floor(most * sharp) / sharp : most;
      const W = columns * (w_ * scale + 1) + 1, H = top + rows * (h_ * scale + 1) + 1;
      if (canvas.width !== Math.ceil(W * sharp) || canvas.height !== Math.ceil(H * sharp)) {
        canvas.width = Math.ceil(W * sharp); canvas.height = Math.ceil(H * sharp);
        canvas.style.width = `${canvas.width / sharp}px`; canvas.style.height = `${canvas.height / sharp}px`;
        g.setTransform(sharp, 0, 0, sharp, 0, 0);
      }
      g.clearRect(0, 0, W + 1, H + 1);
      return scale;
    }
    const small = h("canvas", { width: w_, height: h_ * total }), sg = small.getContext("2d"), pixels = sg.createImageData(w_, h_ * total);
    pixels.data.fill(255);
    const box = h("div", {}, canvas);
    new ResizeObserver(() => lab.redraw()).observe(box);
    let came = false;
    function put(name, array) { // one sheet into its tiles, which lie one below the other
      const c = spec.sheets[name], j = names.indexOf(name), size = h_ * w_;
      for (let i = 0; i < spec.n; i++) for (let p = 0; p < size; p++) {
        const to = 4 * ((i * names.length + j) * size + p), from = c * (i * size + p);
        pixels.data[to] = array[from]; pixels.data[to + 1] = array[from + (c > 1 ? 1 : 0)]; pixels.data[to + 2] = array[from + (c > 1 ? 2 : 0)];
      }
      came = true;
    }
    return {
      nodes: [box], canvas, slow: true,
      take(a) { for (const name of names) if (a[name]) put(name, a[name]); },
      draw() {
        if (came) sg.putImageData(pixels, 0, 0);
        came = false;
        const scale = fit(), w = w_ * scale, tall = h_ * scale;
        g.imageSmoothingEnabled = scale < 1; g.imageSmoothingQuality = "high";
        g.fillStyle = lab.ink(0.15);
        for (let k = 0; k < total; k++) g.fillRect(k % columns * (w + 1), top + Math.floor(k / columns) * (tall + 1), w + 2, tall + 2);
        for (let k = 0; k < total; k++)
          g.drawImage(small, 0, k * h_, w_, h_, k % columns * (w + 1) + 1, top + Math.floor(k / columns) * (tall + 1) + 1, w, tall);
        g.font = FONT; g.fillStyle = lab.ink(0.85); g.textAlign = "center"; g.textBaseline = "top";
        spec.heads.forEach((head, i) => g.fillText(head, i * (w + 1) + 1 + w / 2, 2, w));
      },
    };
  };
  renderers.images = grid;
  renderers.triples = grid;

  // Shares of values in bins, one outline a label: filled and solid, hatched and dashed, then dotted.
  renderers.histograms = (spec, lab) => {
    const H = 220, left = 40, top = 16, bottom = H - 20, n = spec.bins;
    const colour = k => spec.colors[k] === PLAIN ? lab.ink(1) : spec.colors[k], dashes = [[], [5, 3], [1.5, 2.5]];
    const [canvas, g, fit] = roomy(spec.title, H, lab), texts = spec.labels.map(() => h("b")), note = h("span");
    const legend = h("div", { className: "gc-legend" }, ...spec.labels.map((label, k) => {
      const sample = h("i"), c = spec.colors[k] === PLAIN ? "currentColor" : spec.colors[k];
      const fill = [`color-mix(in srgb, ${c} 35%, transparent)`, `repeating-linear-gradient(-45deg, ${c} 0 1px, transparent 1px 4px)`, "none"][Math.min(k, 2)];
      sample.style.cssText = `width:16px;height:11px;box-sizing:border-box;border:1.5px ${["solid", "dashed", "dotted"][Math.min(k, 2)]} ${c};background:${fill};vertical-align:-1px`;
      return h("span", {}, sample, label + " ", texts[k]);
    }), note);
    let shares = null, middles = [], low = 0, high = 1, peak = 0, seen = 0, right = 324;
    const X = v => left + (v - low) / (high - low) * (right - left), Y = v => bottom - v / (1.05 * peak || 1) * (bottom - top);
    const percent = v => `${short(100 * v)} %`;
    const usual = k => { // in short: the median, or of classes the rarest
      const mine = Array.from(shares.subarray(k * n, (k + 1) * n)), least = Math.min(...mine);
      return spec.names.length ? `rarest ${spec.names[mine.indexOf(least)]}, ${percent(least)}` : Number.isFinite(middles[k]) ? `median ${short(middles[k])}` : "none";
    };

    function hatch(c) { // diagonal lines, drawn across everything inside the clip
      g.strokeStyle = c; g.lineWidth = 1; g.globalAlpha = 0.55; g.beginPath();
      for (let x = left - (bottom - top); x < right; x += 5) { g.moveTo(x, bottom); g.lineTo(x + bottom - top, top); }
      g.stroke(); g.globalAlpha = 1;
    }
    function stairs(k, closed) {
      const w = (right - left) / n;
      g.beginPath(); g.moveTo(left, bottom);
      for (let i = 0; i < n; i++) { const y = Y(shares[k * n + i]); g.lineTo(left + i * w, y); g.lineTo(left + (i + 1) * w, y); }
      g.lineTo(right, bottom);
      if (closed) g.closePath();
    }
    function bars(k) {
      g.save(); stairs(k, true);
      if (k === 0) { g.fillStyle = colour(k); g.globalAlpha = 0.28; g.fill(); }
      if (k === 1) { g.clip(); hatch(colour(k)); }
      g.restore();
      stairs(k, false); g.strokeStyle = colour(k); g.lineWidth = 1.6; g.setLineDash(dashes[Math.min(k, 2)]); g.stroke(); g.setLineDash([]);
    }
    function axes() {
      g.font = FONT; g.lineWidth = 1; g.textBaseline = "middle"; g.textAlign = "right";
      for (const v of peak ? ticks(0, 1.05 * peak) : []) {
        g.strokeStyle = lab.ink(0.13); g.beginPath(); g.moveTo(left, Y(v)); g.lineTo(right, Y(v)); g.stroke();
        g.fillStyle = lab.ink(0.85); g.fillText(percent(v), left - 4, Y(v));
      }
      g.textBaseline = "top"; g.textAlign = "center"; g.fillStyle = lab.ink(0.85);
      if (spec.names.length) spec.names.forEach((name, i) => g.fillText(name, X(i), bottom + 5, (right - left) / n));
      else for (const v of ticks(low, high)) g.fillText(short(v), clamp(X(v), left + 4, right - 8), bottom + 5);
      g.strokeStyle = lab.ink(0.5); g.beginPath(); g.moveTo(left, bottom); g.lineTo(right, bottom); g.stroke();
    }
    function equilibria() {
      g.textBaseline = "top";
      for (const [label, v] of Object.entries(spec.equilibrium)) if (v >= low && v <= high) {
        const x = X(v), half = g.measureText(label).width / 2;
        g.strokeStyle = lab.ink(0.75); g.setLineDash([1.5, 3]); g.beginPath(); g.moveTo(x, top); g.lineTo(x, bottom); g.stroke(); g.setLineDash([]);
        g.fillStyle = lab.ink(0.85); g.textAlign = "center"; g.fillText(label, clamp(x, left + half, right - half), 2);
      }
    }
    function draw() {
      right = fit() - 6;
      if (!shares) return "";
      const i = probe.spot ? clamp(Math.floor((probe.spot.x - left) / (right - left) * n), 0, n - 1) : -1, w = (right - left) / n;
      axes();
      if (i >= 0) { g.fillStyle = lab.ink(0.12); g.fillRect(left + i * w, top, w, bottom - top); }
      spec.labels.forEach((_, k) => bars(k));
      equilibria();
      texts.forEach((t, k) => { t.textContent = i < 0 ? usual(k) : percent(shares[k * n + i]); });
      const edge = j => short(low + j / n * (high - low)), where = spec.names.length ? spec.names[i] : i === 0 ? `below ${edge(1)}` : i === n - 1 ? `above ${edge(i)}` : `${edge(i)} to ${edge(i + 1)}`;
      note.textContent = i < 0 ? "" : where;
      return i < 0 ? "" : `${where}: ` + spec.labels.map((label, k) => `${label} ${percent(shares[k * n + i])}`).join(", ");
    }
    const probe = readable(canvas, spec.title, { frame: () => [left, top, right, bottom], step: () => [(right - left) / n, 0], changed: draw });
    return {
      nodes: [probe.node, legend], canvas, slow: true, draw,
      take(a, full) {
        if (a.limits) [low, high] = a.limits;
        if (a.middles) middles = a.middles;
        if (a.shares) { // the axis shrinks by half in a third of a second
          shares = a.shares; peak = Math.max(...shares, full ? 0 : peak * 2 ** ((seen - performance.now()) / 330)); seen = performance.now();
        }
      },
    };
  };

  // A matrix as colours, row 0 at the top, with a bar that explains them.
  renderers.map = (spec, lab) => {
    const [rows, columns] = spec.shape, room = { l: 46, r: 62, t: 6, b: 34 }, [across, down] = spec.labels, colours = ramp(spec.colors), left = room.l, top = room.t;
    const [canvas, g, fit] = roomy(spec.title, 300, lab), value = h("b"), text = h("span"), legend = h("div", { className: "gc-legend" }, h("span", {}, text, value));
    const small = h("canvas", { width: columns, height: rows }), sg = small.getContext("2d"), pixels = sg.createImageData(columns, rows);
    const bar = h("canvas", { width: 1, height: 256 }), bg = bar.getContext("2d"), shades = bg.createImageData(1, 256);
    colours.forEach((c, k) => shades.data.set([...c, 255], 4 * (255 - k)));
    bg.putImageData(shades, 0, 0);
    let values = null, low = 0, high = 1, W = 330, w, tall, right, bottom, cw, ch;

    function layout() { // square cells, unless the map gets too flat or too high
      w = (canvas.clientWidth || 330) - room.l - room.r; tall = w * rows / columns;
      if (tall > 260) { w = Math.max(60, w * 260 / tall); tall = 260; }
      tall = Math.max(Math.round(tall), 70);
      W = fit(tall + room.t + room.b);
      right = left + w; bottom = top + tall; cw = w / columns; ch = tall / rows;
    }

    function paint() {
      for (let k = 0; k < values.length; k++) {
        const there = Number.isFinite(values[k]), t = there ? clamp((values[k] - low) / (high - low), 0, 1) : 0;
        pixels.data.set([...colours[Math.round(255 * t)], there ? 255 : 0], 4 * k); // what is not a number stays empty
      }
      sg.putImageData(pixels, 0, 0);
      g.imageSmoothingEnabled = false; g.drawImage(small, left, top, w, tall);
    }
    function axes() {
      g.strokeStyle = lab.ink(0.35); g.lineWidth = 1; g.strokeRect(left - 0.5, top - 0.5, w + 1, tall + 1);
      g.fillStyle = lab.ink(0.85); g.font = FONT; g.textAlign = "center"; g.textBaseline = "top";
      const whole = n => n < 2 ? [0] : ticks(0, n - 1).filter(v => Number.isInteger(v));
      for (const v of whole(columns)) g.fillText(short(v), left + (v + 0.5) * cw, bottom + 4);
      g.fillText(across, left + w / 2, bottom + 19);
      g.textAlign = "right"; g.textBaseline = "middle";
      for (const v of whole(rows)) g.fillText(short(v), left - 5, top + (v + 0.5) * ch);
      g.save(); g.translate(9, top + tall / 2); g.rotate(-Math.PI / 2); g.textAlign = "center"; g.fillText(down, 0, 0, tall + 20); g.restore();
    }
    function scale() {
      const x = right + 12, Y = v => bottom - (v - low) / (high - low) * tall;
      g.imageSmoothingEnabled = true; g.drawImage(bar, x, top, 11, tall);
      g.strokeStyle = lab.ink(0.35); g.strokeRect(x - 0.5, top - 0.5, 12, tall + 1);
      g.fillStyle = lab.ink(0.85); g.textAlign = "left"; g.textBaseline = "middle";
      for (const v of ticks(low, high)) { g.fillRect(x + 11.5, Y(v) - 0.5, 3, 1); g.fillText(short(v), x + 17, Y(v), W - x - 17); }
    }
    function draw() {
      layout();
      if (!values) return "";
      paint(); axes(); scale();
      if (!probe.spot) { text.textContent = "point at a cell, or use the arrow keys"; value.textContent = ""; return ""; }
      const i = clamp(Math.floor((probe.spot.x - left) / cw), 0, columns - 1), j = clamp(Math.floor((probe.spot.y - top) / ch), 0, rows - 1);
      g.lineWidth = 3; g.strokeStyle = "#000"; g.strokeRect(left + i * cw, top + j * ch, cw, ch); // black and white: seen on every colour
      g.lineWidth = 1.2; g.strokeStyle = "#fff"; g.strokeRect(left + i * cw, top + j * ch, cw, ch);
      text.textContent = `${across} ${i}, ${down} ${j}: `; value.textContent = short(values[j * columns + i]);
      return text.textContent + value.textContent;
    }
    const probe = readable(canvas, spec.title, { frame: () => [left, top, right, bottom], step: () => [cw, ch], changed: draw });
    return {
      nodes: [probe.node, legend], canvas, slow: true, draw,
      take(a) { if (a.limits) [low, high] = a.limits; if (a.values) values = a.values; },
    };
  };

  // What D says of each patch, over the pictures: blue for real, orange for generated, the stronger the surer. A column a label.
  renderers.patches = (spec, lab) => {
    const [tall, wide] = spec.pixels, [rows, columns] = spec.patches, m = spec.labels.length, GAP = 5, top = 18;
    const [canvas, g, fit] = roomy(spec.title, 340, lab), text = h("span"), value = h("b");
    const mark = (colour, words) => { const i = h("i", { textContent: "■" }); i.style.color = colour; return h("span", {}, i, words); };
    const legend = h("div", { className: "gc-legend" }, mark(REAL, "D says real"), mark(FAKE, "D says generated"), h("span", {}, text, value));
    const small = h("canvas", { width: wide, height: tall * spec.n * m }), sg = small.getContext("2d"), pixels = sg.createImageData(wide, tall * spec.n * m);
    let logits = [], limit = 1, side = 160, height = 160, came = false;
    const at = (i, k) => [k * (side + GAP), top + i * (height + GAP)]; // the corner of picture i of label k

    function put(k, array) { // the pictures of a label, one below the other
      const c = spec.channels[k], size = tall * wide;
      for (let p = 0; p < spec.n * size; p++) for (let j = 0; j < 4; j++) pixels.data[4 * (k * spec.n * size + p) + j] = j === 3 ? 255 : array[c * p + (c > 1 ? j : 0)];
      came = true;
    }
    function cover(i, k) { // the patches of one picture
      const [x, y] = at(i, k), cw = side / columns, ch = height / rows, own = logits[k].subarray(i * rows * columns, (i + 1) * rows * columns);
      own.forEach((v, p) => {
        if (!Number.isFinite(v)) return;
        g.globalAlpha = 0.65 * Math.min(1, Math.abs(v) / limit); g.fillStyle = v > 0 ? REAL : FAKE;
        const x0 = Math.round(p % columns * cw), y0 = Math.round(Math.floor(p / columns) * ch); // whole numbers: no seams
        g.fillRect(x + x0, y + y0, Math.round((p % columns + 1) * cw) - x0, Math.round((Math.floor(p / columns) + 1) * ch) - y0);
      });
      g.globalAlpha = 1; g.lineWidth = 0.5; g.strokeStyle = "rgba(80, 80, 80, 0.35)"; g.beginPath();
      for (let c = 1; c < columns; c++) { g.moveTo(x + c * cw, y); g.lineTo(x + c * cw, y + height); }
      for (let r = 1; r < rows; r++) { g.moveTo(x, y + r * ch); g.lineTo(x + side, y + r * ch); }
      g.stroke();
    }
    function square(x, y, w, tall_, bold) { // black and white: seen on every colour
      for (const [width, colour] of bold ? [[3.4, "#000"], [1.6, "#fff"]] : [[2.6, "#fff"], [1.3, "#000"]]) { g.lineWidth = width; g.strokeStyle = colour; g.strokeRect(x, y, w, tall_); }
    }
    function found() { // [label, picture, row, column] under the pointer, which then stands in the middle of the patch
      const near = (v, count, unit) => clamp(Math.floor(v / unit), 0, count - 1), k = near(probe.spot.x + GAP / 2, m, side + GAP), i = near(probe.spot.y - top + GAP / 2, spec.n, height + GAP);
      const [x, y] = at(i, k), c = near(probe.spot.x - x, columns, side / columns), r = near(probe.spot.y - y, rows, height / rows);
      probe.spot = { x: x + (c + 0.5) * side / columns, y: y + (r + 0.5) * height / rows };
      return [k, i, r, c];
    }
    function point() {
      const [k, i, r, c] = found(), [x, y] = at(i, k), v = logits[k][(i * rows + r) * columns + c], cw = side / columns, ch = height / rows;
      if (spec.field) { // what the logit has seen of the picture
        const f = spec.field / 2 * side / wide, x0 = Math.max(x, probe.spot.x - f), y0 = Math.max(y, probe.spot.y - f);
        g.setLineDash([4, 3]); square(x0, y0, Math.min(x + side, probe.spot.x + f) - x0, Math.min(y + height, probe.spot.y + f) - y0, false); g.setLineDash([]);
      }
      square(x + c * cw, y + r * ch, cw, ch, true);
      text.textContent = `${spec.labels[k]}${spec.n > 1 ? ` ${i + 1}` : ""}, row ${r + 1}, column ${c + 1}: logit `; value.textContent = short(v);
      return `${text.textContent}${value.textContent}, ${Math.round(100 / (1 + Math.exp(-v)))} percent real`;
    }
    function draw() {
      const room = canvas.clientWidth || 330, sharp = clamp(window.devicePixelRatio || 1, 1, 3);
      side = Math.floor(Math.min((room - (m - 1) * GAP) / m, 200) * sharp) / sharp; height = side * tall / wide;
      fit(top + spec.n * (height + GAP));
      if (came) sg.putImageData(pixels, 0, 0);
      came = false;
      if (logits.length < m) return "";
      g.imageSmoothingEnabled = side < wide; g.imageSmoothingQuality = "high";
      g.font = FONT; g.fillStyle = lab.ink(0.85); g.textAlign = "center"; g.textBaseline = "top";
      spec.labels.forEach((label, k) => g.fillText(label, at(0, k)[0] + side / 2, 3, side));
      for (let k = 0; k < m; k++) for (let i = 0; i < spec.n; i++) {
        g.drawImage(small, 0, (k * spec.n + i) * tall, wide, tall, ...at(i, k), side, height);
        if (lab.layers().patches) cover(i, k);
      }
      if (!probe.spot) { text.textContent = "point at a patch, or use the arrow keys"; value.textContent = ""; return ""; }
      return point();
    }
    const probe = readable(canvas, spec.title, { frame: () => [0, top, m * (side + GAP) - GAP, top + spec.n * (height + GAP) - GAP], step: () => [side / columns, height / rows], changed: draw });
    return {
      nodes: [probe.node, legend], canvas, slow: true, draw,
      take(a) { for (let k = 0; k < m; k++) { if (a[`x${k}`]) put(k, a[`x${k}`]); if (a[`logits${k}`]) logits[k] = a[`logits${k}`]; } if (a.limit) [limit] = a.limit; },
    };
  };
}
