// What D says of each patch, over the pictures: blue for real, orange for generated, the stronger the surer.
// A column a label.
import { line, raster, roomy, set_text, sharpness } from "../draw/canvas.js";
import { FAKE, REAL } from "../draw/colours.js";
import { h, mark } from "../draw/dom.js";
import { clamp, short } from "../draw/numbers.js";
import { Probe } from "../draw/readable.js";

const SEAM = 5;
const HEADING = 18;

class Patches {
  slow = true;
  /** @type {any[]} */
  logits = [];
  limit = 1;
  side = 160;
  height = 160;
  came = false;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    const [tall, wide] = spec.pixels;
    this.rows = spec.patches[0];
    this.columns = spec.patches[1];
    this.spec = spec;
    this.host = host;
    this.tall = tall;
    this.wide = wide;
    this.m = spec.labels.length;
    const [canvas, g, fit] = roomy(spec.title, 340, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
    this.text = h("span");
    this.value = h("b");
    this.tiles = raster(wide, tall * spec.n * this.m);
    this.probe = new Probe(this.canvas, spec.title, {
      frame: () => [
        0,
        HEADING,
        this.m * (this.side + SEAM) - SEAM,
        HEADING + spec.n * (this.height + SEAM) - SEAM,
      ],
      step: () => [this.side / this.columns, this.height / this.rows],
      changed: () => this.draw(),
    });
    const says = (colour, words) => mark("■", `color:${colour}`, words);
    const legend = [
      says(REAL, "D says real"),
      says(FAKE, "D says generated"),
      h("span", {}, this.text, this.value),
    ];
    this.nodes = [this.probe.node, h("div", { className: "gc-legend" }, ...legend)];
  }

  take(arrays) {
    for (let k = 0; k < this.m; k++) {
      if (arrays[`x${k}`]) this.put(k, arrays[`x${k}`]);
      if (arrays[`logits${k}`]) this.logits[k] = arrays[`logits${k}`];
    }
    if (arrays.limit) [this.limit] = arrays.limit;
  }

  /** The pictures of a label, one below the other. */
  put(k, array) {
    const c = this.spec.channels[k];
    const size = this.tall * this.wide * this.spec.n;
    for (let p = 0; p < size; p++) {
      const to = 4 * (k * size + p);
      for (let j = 0; j < 3; j++) this.tiles.data[to + j] = array[c * p + (c > 1 ? j : 0)];
      this.tiles.data[to + 3] = 255;
    }
    this.came = true;
  }

  /** The corner of picture i of label k. */
  at(i, k) {
    return [k * (this.side + SEAM), HEADING + i * (this.height + SEAM)];
  }

  draw() {
    const { g, spec, m, tall, wide } = this;
    const room = this.canvas.clientWidth || 330;
    const sharp = sharpness();
    const most = Math.min((room - (m - 1) * SEAM) / m, this.host.tall() / spec.n);
    this.side = Math.floor(Math.max(60, most) * sharp) / sharp;
    this.height = (this.side * tall) / wide;
    this.fit(HEADING + spec.n * (this.height + SEAM));
    if (this.came) this.tiles.show();
    this.came = false;
    if (this.logits.length < m) return "";
    g.imageSmoothingEnabled = this.side < wide;
    g.imageSmoothingQuality = "high";
    set_text(g, "center", "top", this.host.ink(0.85));
    spec.labels.forEach((label, k) => void g.fillText(label, this.at(0, k)[0] + this.side / 2, 3, this.side));
    for (let k = 0; k < m; k++)
      for (let i = 0; i < spec.n; i++) {
        const from = (k * spec.n + i) * tall;
        const [x, y] = this.at(i, k);
        g.drawImage(this.tiles.canvas, 0, from, wide, tall, x, y, this.side, this.height);
        if (this.host.layers().patches) this.cover(i, k);
      }
    if (this.probe.spot) return this.point(this.probe.spot);
    this.text.textContent = "point at a patch, or use the arrow keys";
    this.value.textContent = "";
    return "";
  }

  /** The patches of one picture. */
  cover(i, k) {
    const { g, rows, columns } = this;
    const [x, y] = this.at(i, k);
    const n = rows * columns;
    const across = c => Math.round((c * this.side) / columns); // whole numbers: no seams
    const down = r => Math.round((r * this.height) / rows);
    this.logits[k].subarray(i * n, (i + 1) * n).forEach((v, p) => {
      if (!Number.isFinite(v)) return;
      const [r, c] = [Math.floor(p / columns), p % columns];
      g.globalAlpha = 0.65 * Math.min(1, Math.abs(v) / this.limit);
      g.fillStyle = v > 0 ? REAL : FAKE;
      g.fillRect(x + across(c), y + down(r), across(c + 1) - across(c), down(r + 1) - down(r));
    });
    g.globalAlpha = 1;
    g.lineWidth = 0.5;
    g.strokeStyle = "rgba(80, 80, 80, 0.35)";
    const [w, tall] = [this.side / columns, this.height / rows];
    for (let c = 1; c < columns; c++) line(g, x + c * w, y, x + c * w, y + this.height);
    for (let r = 1; r < rows; r++) line(g, x, y + r * tall, x + this.side, y + r * tall);
  }

  /** [label, picture, row, column] at a spot, which then stands in the middle of the patch. */
  found(spot) {
    const near = (v, count, unit) => clamp(Math.floor(v / unit), 0, count - 1);
    const k = near(spot.x + SEAM / 2, this.m, this.side + SEAM);
    const i = near(spot.y - HEADING + SEAM / 2, this.spec.n, this.height + SEAM);
    const [x, y] = this.at(i, k);
    const [w, tall] = [this.side / this.columns, this.height / this.rows];
    const c = near(spot.x - x, this.columns, w);
    const r = near(spot.y - y, this.rows, tall);
    Object.assign(spot, { x: x + (c + 0.5) * w, y: y + (r + 0.5) * tall });
    return [k, i, r, c];
  }

  point(spot) {
    const { g, spec } = this;
    const [k, i, r, c] = this.found(spot);
    const [x, y] = this.at(i, k);
    const v = this.logits[k][(i * this.rows + r) * this.columns + c];
    if (spec.field) this.field(spot, x, y);
    const [w, tall] = [this.side / this.columns, this.height / this.rows];
    square(g, [x + c * w, y + r * tall, w, tall], [3.4, "#000"], [1.6, "#fff"]);
    const which = spec.n > 1 ? ` ${i + 1}` : "";
    this.text.textContent = `${spec.labels[k]}${which}, row ${r + 1}, column ${c + 1}: logit `;
    this.value.textContent = short(v);
    const real = Math.round(100 / (1 + Math.exp(-v)));
    return `${this.text.textContent}${this.value.textContent}, ${real} percent real`;
  }

  /** What the logit has seen of the picture whose corner is (x, y). */
  field(spot, x, y) {
    const { g } = this;
    const reach = ((this.spec.field / 2) * this.side) / this.wide;
    const x0 = Math.max(x, spot.x - reach);
    const y0 = Math.max(y, spot.y - reach);
    const w = Math.min(x + this.side, spot.x + reach) - x0;
    const tall = Math.min(y + this.height, spot.y + reach) - y0;
    g.setLineDash([4, 3]);
    square(g, [x0, y0, w, tall], [2.6, "#fff"], [1.3, "#000"]);
    g.setLineDash([]);
  }
}

/** A frame in two colours: seen on every other. */
function square(g, box, ...strokes) {
  for (const [width, colour] of strokes) {
    g.lineWidth = width;
    g.strokeStyle = colour;
    g.strokeRect(...box);
  }
}

export const patches = (spec, host) => new Patches(spec, host);
