// A matrix as colours, row 0 at the top, with a bar that explains them.
import { set_text } from "../draw/canvas.js";
import { h } from "../draw/dom.js";
import { short, ticks } from "../draw/numbers.js";
import { Probe } from "../draw/readable.js";
import { Plane } from "./plane.js";

const whole = n => (n < 2 ? [0] : ticks(0, n - 1).filter(Number.isInteger));

class Matrix {
  slow = true;
  /** @type {any} */
  values = null;
  low = 0;
  high = 1;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    const [rows, columns] = spec.shape;
    this.spec = spec;
    this.ink = host.ink;
    this.plane = new Plane(spec.title, rows, columns, spec.colors, { l: 46, r: 62, t: 6, b: 34 }, host);
    this.canvas = this.plane.canvas;
    this.value = h("b");
    this.text = h("span");
    this.probe = new Probe(this.canvas, spec.title, {
      frame: () => this.plane.frame(),
      step: () => [this.plane.cw, this.plane.ch],
      changed: () => this.draw(),
    });
    this.nodes = [
      this.probe.node,
      h("div", { className: "gc-legend" }, h("span", {}, this.text, this.value)),
    ];
  }

  take(arrays) {
    if (arrays.limits) [this.low, this.high] = arrays.limits;
    if (arrays.values) this.values = arrays.values;
  }

  /** Square cells, unless the map gets too flat or too high. */
  shape = width => {
    const [rows, columns] = this.spec.shape;
    const tall = (width * rows) / columns;
    if (tall > 260) return [Math.max(60, (width * 260) / tall), 260];
    return [width, Math.max(Math.round(tall), 70)];
  };

  draw() {
    const { plane, low, high } = this;
    const columns = this.spec.shape[1];
    plane.layout(this.shape);
    if (!this.values) return "";
    plane.paint((r, c) => (this.values[r * columns + c] - low) / (high - low));
    this.axes();
    plane.scale(ticks(low, high).map(v => [(v - low) / (high - low), short(v)]));
    if (this.probe.spot) return this.point(...plane.cell(this.probe.spot));
    this.text.textContent = "point at a cell, or use the arrow keys";
    this.value.textContent = "";
    return "";
  }

  axes() {
    const { plane } = this;
    const { g, left, top, bottom, cw, ch } = plane;
    const [rows, columns] = this.spec.shape;
    const [across, down] = this.spec.labels;
    plane.outline();
    set_text(g, "center", "top", this.ink(0.85));
    for (const v of whole(columns)) g.fillText(short(v), left + (v + 0.5) * cw, bottom + 4);
    g.fillText(across, left + plane.w / 2, bottom + 19);
    set_text(g, "right", "middle", this.ink(0.85));
    for (const v of whole(rows)) g.fillText(short(v), left - 5, top + (v + 0.5) * ch);
    plane.upright(down);
  }

  point(r, c) {
    const { g, left, top, cw, ch } = this.plane;
    for (const [width, colour] of [
      [3, "#000"], // black and white: seen on every colour
      [1.2, "#fff"],
    ]) {
      g.lineWidth = Number(width);
      g.strokeStyle = String(colour);
      g.strokeRect(left + c * cw, top + r * ch, cw, ch);
    }
    const [across, down] = this.spec.labels;
    this.text.textContent = `${across} ${c}, ${down} ${r}: `;
    this.value.textContent = short(this.values[r * this.spec.shape[1] + c]);
    return this.text.textContent + this.value.textContent;
  }
}

export const map = (spec, host) => new Matrix(spec, host);
