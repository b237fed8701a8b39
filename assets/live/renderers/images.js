// Pictures in a grid, row by row. `spec.sheets`: array's name -> channels, each array (n, h, w, channels);
// with several sheets the i-th row holds the i-th picture of each, and `spec.heads` stand above the columns.
// `spec.pixels`: [h, w]. `spec.scale`: screen pixels a pixel, null: as fits.
import { brush, raster, resize, screen, set_text, sharpness } from "../draw/canvas.js";
import { h } from "../draw/dom.js";

const HEADS = 17; // height of a row of names above the pictures
const GUTTER = 12; // between blocks of rows that stand side by side
const PLEASING = 1.8; // width to height of a sheet with rows in blocks
const SMOOTH = 48; // pixels from which a picture is scaled smoothly, and not by whole pixels
const WORTH = 0.8; // of the room, which whole pixels must fill

/** Where the pictures stand: [columns of a block, rows, blocks side by side]. Few columns with many rows make blocks. */
export function plan_of(spec) {
  const total = spec.n * Object.keys(spec.sheets).length;
  const columns = Math.min(spec.columns, total);
  const rows = Math.ceil(total / columns);
  const [high, wide] = spec.pixels;
  const off = b => Math.abs(Math.log((b * columns * wide) / (Math.ceil(rows / b) * high) / PLEASING));
  let blocks = 1;
  for (let b = 2; spec.heads.length && b <= rows; b++) if (off(b) < off(blocks)) blocks = b;
  return [columns, Math.ceil(rows / blocks), blocks];
}

/** Width to height. */
export function aspect_of(spec) {
  const [columns, rows, blocks] = plan_of(spec);
  return (columns * blocks * spec.pixels[1]) / (rows * spec.pixels[0]);
}

/** Screen pixels for one of the image: of small ones a whole number of the display's where there is room for one. */
export function scale_of(spec, room, tall, columns, rows) {
  const [high, wide] = spec.pixels;
  const widest = (room - columns - 1) / (columns * wide);
  if (spec.scale) return Math.min(spec.scale, widest);
  const most = Math.min(widest, (tall - rows) / (rows * high));
  const whole = Math.floor(most * sharpness()) / sharpness();
  return wide < SMOOTH && whole >= WORTH * most ? whole : most;
}

class Images {
  slow = true;
  came = false;
  w = 1; // a picture on the screen
  tall = 1;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    this.spec = spec;
    this.host = host;
    this.names = Object.keys(spec.sheets);
    this.total = spec.n * this.names.length;
    const [columns, rows, blocks] = plan_of(spec);
    this.columns = columns;
    this.rows = rows;
    this.blocks = blocks;
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

  /** As large as there is room; sets the size of a picture on the screen. */
  fit() {
    const [high, wide] = this.spec.pixels;
    const { columns, rows, blocks, canvas, top } = this;
    const room = (this.box.clientWidth || 330) - (blocks - 1) * GUTTER;
    const scale = scale_of(this.spec, room, this.host.tall() - top, columns * blocks, rows);
    const sharp = sharpness();
    this.w = wide * scale;
    this.tall = high * scale;
    const W = blocks * (columns * (this.w + 1) + GUTTER) - GUTTER + 1;
    const H = top + rows * (this.tall + 1) + 1;
    resize(canvas, W, H);
    canvas.style.width = `${canvas.width / sharp}px`;
    canvas.style.height = `${canvas.height / sharp}px`;
    this.g.clearRect(0, 0, W + 1, H + 1);
    return scale;
  }

  /** The corner of tile k, with the line around it. */
  at(k) {
    const row = Math.floor(k / this.columns);
    const block = Math.floor(row / this.rows);
    const x = (block * this.columns + (k % this.columns)) * (this.w + 1) + block * GUTTER;
    return [x, this.top + (row % this.rows) * (this.tall + 1)];
  }

  draw() {
    if (this.came) this.tiles.show();
    this.came = false;
    const { g, host, spec } = this;
    const scale = this.fit() * sharpness();
    const [high, wide] = spec.pixels;
    g.imageSmoothingEnabled = scale !== Math.round(scale);
    g.imageSmoothingQuality = "high";
    g.fillStyle = host.ink(0.15);
    for (let k = 0; k < this.total; k++) {
      const [x, y] = this.at(k);
      g.fillRect(x, y, this.w + 2, this.tall + 2);
    }
    for (let k = 0; k < this.total; k++) {
      const [x, y] = this.at(k);
      g.drawImage(this.tiles.canvas, 0, k * high, wide, high, x + 1, y + 1, this.w, this.tall);
    }
    this.heads();
  }

  heads() {
    const { g, spec, columns } = this;
    set_text(g, "center", "top", this.host.ink(0.85));
    for (let b = 0; b < this.blocks; b++)
      spec.heads.forEach((head, i) => {
        const [x] = this.at(b * this.rows * columns + i);
        g.fillText(head, x + 1 + this.w / 2, 2, this.w);
      });
  }
}

export const images = (spec, host) => new Images(spec, host);
