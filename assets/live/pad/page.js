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
    this.past.push({ pixels: this.pixels(), blank: this.blank, sample: this.sample });
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
    this.mark(then.sample);
    this.tell.changed();
    return true;
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

  begin(x, y, colour, width) {
    this.keep();
    this.mark(-1);
    Object.assign(this.g, { strokeStyle: colour, lineWidth: width, lineCap: "round", lineJoin: "round" });
    this.pen = [x, y];
    this.line(x, y);
  }

  line(x, y) {
    const [px, py] = this.pen || [x, y];
    this.g.beginPath();
    this.g.moveTo(px, py);
    this.g.lineTo(x + (x === px && y === py ? 0.01 : 0), y); // a dot is a very short line
    this.g.stroke();
    this.pen = [x, y];
    this.tell.changed();
  }

  /** The area around a point, and the grey rim around it: black, or white where it was black. */
  fill(x, y) {
    this.keep();
    this.mark(-1);
    const image = this.pixels();
    const d = image.data;
    const dark = i => d[4 * i] + d[4 * i + 1] + d[4 * i + 2] < 3 * 128;
    const start = Math.floor(y) * this.side + Math.floor(x);
    const was_dark = dark(start);
    area_around(start, this.side, i => dark(i) === was_dark).forEach((there, i) => {
      if (there) d.fill(was_dark ? 255 : 0, 4 * i, 4 * i + 3);
    });
    this.g.putImageData(image, 0, 0);
    this.tell.changed();
  }
}
