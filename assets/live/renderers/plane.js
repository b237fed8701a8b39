// A matrix as coloured cells in a frame, with a bar that explains the colours: what `map` and `sweep` share.
import { colour_bar, raster, roomy, set_text } from "../draw/canvas.js";
import { ramp } from "../draw/colours.js";
import { clamp } from "../draw/numbers.js";

export class Plane {
  wide = 330; // of the canvas; w x tall is the plot
  w = 1;
  tall = 1;
  right = 1;
  bottom = 1;
  cw = 1; // of a cell
  ch = 1;

  /**
   * @param {import("../types.js").Host} host
   * @param {{l: number, r: number, t: number, b: number}} room around the plot
   */
  constructor(title, rows, columns, colours, room, host) {
    this.rows = rows;
    this.columns = columns;
    this.room = room;
    this.left = room.l;
    this.top = room.t;
    this.ink = host.ink;
    this.colours = ramp(colours);
    const [canvas, g, fit] = roomy(title, 300, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
    this.cells = raster(columns, rows);
    this.bar = colour_bar(this.colours);
  }

  /** The room for a plot; `shape(width)` says [width, height] of it. */
  layout(shape) {
    const { room } = this;
    [this.w, this.tall] = shape((this.canvas.clientWidth || 330) - room.l - room.r);
    this.wide = this.fit(this.tall + room.t + room.b);
    this.right = this.left + this.w;
    this.bottom = this.top + this.tall;
    this.cw = this.w / this.columns;
    this.ch = this.tall / this.rows;
  }

  /** `share(row, column)`, row 0 at the top: 0..1, or NaN, which stays empty. */
  paint(share) {
    const { rows, columns, cells, colours, g } = this;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const t = share(r, c);
        const there = Number.isFinite(t);
        const colour = colours[there ? Math.round(255 * clamp(t, 0, 1)) : 0];
        cells.data.set([...colour, there ? 255 : 0], 4 * (r * columns + c));
      }
    cells.show();
    g.imageSmoothingEnabled = false;
    g.drawImage(cells.canvas, this.left, this.top, this.w, this.tall);
  }

  /** The cell under a spot: [row, column], row 0 at the top. */
  cell(spot) {
    const r = clamp(Math.floor((spot.y - this.top) / this.ch), 0, this.rows - 1);
    return [r, clamp(Math.floor((spot.x - this.left) / this.cw), 0, this.columns - 1)];
  }

  frame() {
    return [this.left, this.top, this.right, this.bottom];
  }

  outline() {
    this.g.strokeStyle = this.ink(0.35);
    this.g.lineWidth = 1;
    this.g.strokeRect(this.left - 0.5, this.top - 0.5, this.w + 1, this.tall + 1);
  }

  /** What the vertical axis shows, along it. */
  upright(text) {
    const { g } = this;
    g.save();
    g.translate(9, this.top + this.tall / 2);
    g.rotate(-Math.PI / 2);
    set_text(g, "center", "middle", this.ink(0.85));
    g.fillText(text, 0, 0, this.tall + 20);
    g.restore();
  }

  /** The bar beside the plot; `marks`: [share from the bottom, text]. */
  scale(marks) {
    const { g, right, top, tall, bottom } = this;
    const x = right + 12;
    g.imageSmoothingEnabled = true;
    g.drawImage(this.bar, x, top, 11, tall);
    g.strokeStyle = this.ink(0.35);
    g.strokeRect(x - 0.5, top - 0.5, 12, tall + 1);
    set_text(g, "left", "middle", this.ink(0.85));
    for (const [share, text] of marks) {
      const y = bottom - share * tall;
      g.fillRect(x + 11.5, y - 0.5, 3, 1);
      g.fillText(text, x + 17, y, this.wide - x - 17);
    }
  }
}
