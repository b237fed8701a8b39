// Pictures in a grid, row by row. `spec.sheets`: array's name -> channels, each array (n, h, w, channels);
// with several sheets the i-th row holds the i-th picture of each. `spec.pixels`: [h, w].
// `spec.scale`: screen pixels a pixel, null: as fits.
import { brush, raster, resize, screen, set_text, sharpness } from "../draw/canvas.js";
import { h } from "../draw/dom.js";

const HEADS = 17; // height of a row of names above the pictures

/** Screen pixels for one of the image: a whole number of the display's where there is room for one. */
export function scale_of(spec, room, tall, columns, rows) {
  const [high, wide] = spec.pixels;
  const widest = (room - columns - 1) / (columns * wide);
  if (spec.scale) return Math.min(spec.scale, widest);
  const most = Math.min(widest, (tall - rows) / (rows * high));
  const sharp = sharpness();
  return most >= 1 ? Math.floor(most * sharp) / sharp : most;
}

class Images {
  slow = true;
  came = false;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    this.spec = spec;
    this.host = host;
    this.names = Object.keys(spec.sheets);
    this.total = spec.n * this.names.length;
    this.columns = Math.min(spec.columns, this.total);
    this.rows = Math.ceil(this.total / this.columns);
    this.top = spec.heads.length ? HEADS : 0;
    this.canvas = screen(spec.title, 330, 330)[0];
    this.canvas.style.borderRadius = "0";
    this.g = brush(this.canvas);
    this.tiles = raster(spec.pixels[1], spec.pixels[0] * this.total); // one below the other
    this.tiles.data.fill(255);
    this.box = h("div", {}, this.canvas);
    this.nodes = [this.box];
    new ResizeObserver(() => host.redraw()).observe(this.box);
  }

  take(arrays) {
    for (const name of this.names) if (arrays[name]) this.put(name, arrays[name]);
  }

  /** One sheet into its tiles. */
  put(name, array) {
    const { spec, names, tiles } = this;
    const c = spec.sheets[name];
    const j = names.indexOf(name);
    const size = spec.pixels[0] * spec.pixels[1];
    for (let i = 0; i < spec.n; i++)
      for (let p = 0; p < size; p++) {
        const to = 4 * ((i * names.length + j) * size + p);
        const from = c * (i * size + p);
        for (let k = 0; k < 3; k++) tiles.data[to + k] = array[from + (c > 1 ? k : 0)];
      }
    this.came = true;
  }

  fit() {
    const [high, wide] = this.spec.pixels;
    const { columns, rows, canvas } = this;
    const scale = scale_of(
      this.spec,
      this.box.clientWidth || 330,
      this.host.tall() - this.top,
      columns,
      rows,
    );
    const sharp = sharpness();
    const W = columns * (wide * scale + 1) + 1;
    const H = this.top + rows * (high * scale + 1) + 1;
    resize(canvas, W, H);
    canvas.style.width = `${canvas.width / sharp}px`;
    canvas.style.height = `${canvas.height / sharp}px`;
    this.g.clearRect(0, 0, W + 1, H + 1);
    return scale;
  }

  draw() {
    if (this.came) this.tiles.show();
    this.came = false;
    const { g, host, top, columns, spec } = this;
    const scale = this.fit();
    const [high, wide] = spec.pixels;
    const w = wide * scale;
    const tall = high * scale;
    const at = k => [(k % columns) * (w + 1), top + Math.floor(k / columns) * (tall + 1)];
    g.imageSmoothingEnabled = scale < 1;
    g.imageSmoothingQuality = "high";
    g.fillStyle = host.ink(0.15);
    for (let k = 0; k < this.total; k++) {
      const [x, y] = at(k);
      g.fillRect(x, y, w + 2, tall + 2);
    }
    for (let k = 0; k < this.total; k++) {
      const [x, y] = at(k);
      g.drawImage(this.tiles.canvas, 0, k * high, wide, high, x + 1, y + 1, w, tall);
    }
    set_text(g, "center", "top", host.ink(0.85));
    spec.heads.forEach((head, i) => void g.fillText(head, i * (w + 1) + 1 + w / 2, 2, w));
  }
}

export const images = (spec, host) => new Images(spec, host);
