// Where a point of the plane lies on the canvas, and colours that can be seen there.
import { resize, screen, sharpness } from "../../draw/canvas.js";
import { h } from "../../draw/dom.js";
import { clamp } from "../../draw/numbers.js";

const NONE = new Float32Array(0);
const BETWEEN = 12; // the two maps

export class Board {
  /** @type {import("../../types.js").Arrays} */
  arrays = {};
  wide = 0; // of the canvas
  high = 0;
  sharp = 0;
  room = 0;
  unit = 1; // pixels for 1 in the plane
  left = 0; // the plot: w x tall
  top = 0;
  w = 1;
  tall = 1;

  /** @param {import("../../types.js").Spec} spec @param {import("../../types.js").Host} host */
  constructor(spec, host) {
    this.host = host;
    this.limits = spec.limits;
    const [canvas, g] = screen(spec.title, 330, 300);
    this.canvas = canvas;
    this.g = g;
    const alt = "What the best D for these two laws would say, over the plane.";
    const [ideal, ideal_g] = screen(alt, 330, 300);
    this.ideal = ideal;
    this.ideal_g = ideal_g;
    this.cell = h("div", { className: "gc-points gc-board", tabIndex: 0, role: "application" }, this.canvas);
    this.other = h("div", { className: "gc-board" }, this.ideal);
    this.maps = h("div", { className: "gc-boards" }, this.cell, this.other);
    new ResizeObserver(() => {
      if (this.maps.clientWidth && this.maps.clientWidth !== this.room) host.redraw();
    }).observe(this.maps);
  }

  get = name => this.arrays[name] || NONE;
  on = name => Boolean(this.host.layers()[name]);

  /** As wide and high as there is room, sharp, and the same scale on both axes. */
  fit() {
    const two = this.on("best");
    this.room = this.maps.clientWidth || 330;
    const top = two ? 22 : 4;
    const most = Math.round((this.host.tall() - top) * 1.1);
    const wide = Math.round(clamp(two ? (this.room - BETWEEN) / 2 : this.room, 200, most));
    const high = Math.round(wide / 1.1) + top - 4;
    this.other.style.display = two ? "" : "none";
    this.cell.closest("figure")?.classList.toggle("gc-two", two);
    if (wide === this.wide && high === this.high && sharpness() === this.sharp) return;
    this.wide = wide;
    this.high = high;
    this.sharp = sharpness();
    for (const canvas of [this.canvas, this.ideal]) {
      resize(canvas, wide, high);
      canvas.style.width = `${wide}px`;
    }
    const [x0, x1, y0, y1] = this.limits;
    this.unit = Math.min((wide - 34) / (x1 - x0), (high - top - 20) / (y1 - y0));
    this.w = this.unit * (x1 - x0);
    this.tall = this.unit * (y1 - y0);
    this.left = 30 + (wide - 34 - this.w) / 2;
    this.top = top + (high - top - 20 - this.tall) / 2;
  }

  X = v => this.left + (v - this.limits[0]) * this.unit;
  Y = v => this.top + this.tall - (v - this.limits[2]) * this.unit;
  inside = (x, y) => {
    const [x0, x1, y0, y1] = this.limits;
    return x >= x0 && x <= x1 && y >= y0 && y <= y1;
  };

  /** Where on the canvas a pointer is. */
  where(e) {
    const r = this.canvas.getBoundingClientRect();
    return [((e.clientX - r.left) * this.wide) / r.width, ((e.clientY - r.top) * this.high) / r.height];
  }

  /** Where in the plane a pointer is. */
  spot(e) {
    const [x, y] = this.where(e);
    const [x0, , y0] = this.limits;
    return [x0 + (x - this.left) / this.unit, y0 + (this.top + this.tall - y) / this.unit];
  }

  dark() {
    const [r, g, b] = (this.host.ink(1).match(/[\d.]+/g) || [0, 0, 0]).map(Number);
    return r + g + b > 382;
  }

  /** The surface is light in both themes. */
  paper = () => this.on("surface") || !this.dark();
  pen = alpha => (this.paper() ? `rgba(30, 30, 30, ${alpha})` : `rgba(240, 240, 240, ${alpha})`);
  halo = alpha => (this.paper() ? `rgba(255, 255, 255, ${alpha})` : `rgba(17, 17, 17, ${alpha})`);

  /** Stroke the path twice: a light rim, then the line. */
  outline(g, rim, rim_width, colour, width, path) {
    for (const [style, thick] of [
      [rim, rim_width],
      [colour, width],
    ]) {
      g.strokeStyle = style;
      g.lineWidth = thick;
      path ? g.stroke(path) : g.stroke();
    }
  }

  /** Paint inside the frame only. */
  clipped(g, paint) {
    g.save();
    g.beginPath();
    g.rect(this.left, this.top, this.w, this.tall);
    g.clip();
    paint();
    g.restore();
  }
}
