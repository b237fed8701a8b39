// The page that is drawn on: K x K points for each pixel of the network. Strokes, areas, and the way back.
import { brush } from "../draw/canvas.js";
import { h } from "../draw/dom.js";

const UNDOS = 60;

/** Bytes, `c` for each pixel (one: grey), as an image. */
export function as_image(bytes, wide, tall, c) {
  const image = new ImageData(wide, tall);
  for (let i = 0; i < wide * tall; i++) {
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = bytes[c * i + (c > 1 ? k : 0)];
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** The points of an area around `start`: 1; its rim: 2. `same(i)`: does point i belong to it? */
export function area_around(start, side, same) {
  const done = new Uint8Array(side * side);
  const todo = [start];
  done[start] = 1;
  while (todo.length) {
    const i = /** @type {number} */ (todo.pop());
    const c = i % side;
    for (const j of [c > 0 ? i - 1 : -1, c < side - 1 ? i + 1 : -1, i - side, i + side]) {
      if (j < 0 || j >= side * side || done[j]) continue;
      done[j] = same(j) ? 1 : 2;
      if (done[j] === 1) todo.push(j);
    }
  }
  return done;
}

/** The mean over K x K points, three bytes a pixel: what the network gets. */
export function means(data, size, K) {
  const side = size * K;
  const sums = new Uint32Array(3 * size * size);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const from = 4 * (y * side + x);
      const to = 3 * (Math.floor(y / K) * size + Math.floor(x / K));
      for (let k = 0; k < 3; k++) sums[to + k] += data[from + k];
    }
  return Uint8Array.from(sums, v => Math.round(v / (K * K)));
}

export class Page {
  past = [];
  blank = true;
  sample = -1; // the sample that is on the page, if it was not changed
  chance = 0; // the number of the throw that the answer hangs on
  thrown = 0; // throws so far
  mirrored = false; // the stroke that is being drawn has a twin on the other side
  /** @type {number[] | null} where a stroke is */
  pen = null;

  /** @param {{changed: () => void, marked: () => void}} tell changed: the picture is another one */
  constructor(size, label, tell) {
    this.size = size;
    this.K = Math.max(1, Math.round(320 / size));
    this.side = size * this.K;
    this.tell = tell;
    this.canvas = h("canvas", { className: "gc-page", role: "img", width: this.side, height: this.side });
    this.canvas.setAttribute("aria-label", label);
    this.g = brush(this.canvas, { willReadFrequently: true });
  }

  pixels() {
    return this.g.getImageData(0, 0, this.side, this.side);
  }

  wipe() {
    this.g.fillStyle = "#fff";
    this.g.fillRect(0, 0, this.side, this.side);
    this.blank = true;
    this.mark(-1);
  }

  mark(sample) {
    this.sample = sample;
    this.tell.marked();
  }

  /** Remember the page for Undo. */
  keep() {
    const { blank, sample, chance } = this;
    this.past.push({ pixels: this.pixels(), blank, sample, chance });
    if (this.past.length > UNDOS) this.past.shift();
    this.blank = false;
  }

  /** Back to the page before; false where there is none. */
  undo() {
    const then = this.past.pop();
    if (!then) return false;
    this.pen = null;
    this.g.putImageData(then.pixels, 0, 0);
    this.blank = then.blank;
    this.chance = then.chance;
    this.mark(then.sample);
    this.tell.changed();
    return true;
  }

  /** Another answer to the same drawing. */
  again() {
    const { blank, sample } = this;
    this.keep();
    this.blank = blank;
    this.thrown += 1;
    this.chance = this.thrown;
    this.mark(sample);
    this.tell.changed();
  }

  /** A picture of size x size pixels, three bytes each. */
  put(bytes, sample = -1) {
    const small = h("canvas", { width: this.size, height: this.size });
    brush(small).putImageData(as_image(bytes, this.size, this.size, 3), 0, 0);
    this.g.imageSmoothingEnabled = false;
    this.g.drawImage(small, 0, 0, this.side, this.side);
    this.blank = false;
    this.mark(sample);
    this.tell.changed();
  }

  seen() {
    return means(this.pixels().data, this.size, this.K);
  }

  begin(x, y, colour, width, mirrored) {
    this.keep();
    this.mark(-1);
    this.mirrored = mirrored;
    Object.assign(this.g, { strokeStyle: colour, lineWidth: width, lineCap: "round", lineJoin: "round" });
    this.pen = [x, y];
    this.line(x, y);
  }

  line(x, y) {
    const [px, py] = this.pen || [x, y];
    const dot = x === px && y === py ? 0.01 : 0; // a very short line
    this.g.beginPath();
    for (const there of this.mirrored ? [v => v, v => this.side - v] : [v => v]) {
      this.g.moveTo(there(px), py);
      this.g.lineTo(there(x + dot), y);
    }
    this.g.stroke();
    this.pen = [x, y];
    this.tell.changed();
  }

  /** The area around a point, and the grey rim around it: black, or white where it was black. Its twin too. */
  fill(x, y, mirrored) {
    this.keep();
    this.mark(-1);
    const image = this.pixels();
    const d = image.data;
    const dark = i => d[4 * i] + d[4 * i + 1] + d[4 * i + 2] < 3 * 128;
    const [row, column] = [Math.floor(y) * this.side, Math.floor(x)];
    const was_dark = dark(row + column);
    const places = [row + column, row + this.side - 1 - column].slice(0, mirrored ? 2 : 1);
    const areas = places
      .filter(start => dark(start) === was_dark) // before anything is painted
      .map(start => area_around(start, this.side, i => dark(i) === was_dark));
    for (const area of areas)
      area.forEach((there, i) => {
        if (there) d.fill(was_dark ? 255 : 0, 4 * i, 4 * i + 3);
      });
    this.g.putImageData(image, 0, 0);
    this.tell.changed();
  }
}
