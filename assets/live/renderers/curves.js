// Numbers over steps, each curve with its newest value.
import { FONT, line, roomy, set_text } from "../draw/canvas.js";
import { PLAIN } from "../draw/colours.js";
import { h, mark } from "../draw/dom.js";
import { short } from "../draw/numbers.js";
import { Probe } from "../draw/readable.js";
import { apart, axis_marks, in_columns, nearest_row, newest, on_scale, thin, value_range } from "./series.js";

const MOST_ROWS = 2000; // rows kept
const DASHES = [[], [7, 3], [7, 3, 1.5, 3], [3, 2]]; // lines differ in more than colour
const LINES = ["solid", "dashed", "dotted", "dotted"];
const LEFT = 40;
const TOP = 8;

class Curves {
  slow = true; // a few times a second is enough for a curve
  /** @type {number[][]} */
  rows = [];
  low = 0;
  high = 1;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    this.spec = spec;
    this.ink = host.ink;
    this.tall = spec.size === "small" ? 150 : 220;
    this.bottom = this.tall - 20;
    this.m = spec.labels.length;
    const [canvas, g, fit] = roomy(spec.title, this.tall, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
    this.wide = 330;
    this.right = this.wide - 6;
    this.start = 0;
    this.end = 1;
    this.values = spec.labels.map(() => h("b"));
    this.probe = new Probe(this.canvas, spec.title, {
      frame: () => [LEFT, TOP, this.right, this.bottom],
      step: () => [(this.right - LEFT) / 40, 0],
      changed: () => this.draw(),
    });
    this.nodes = [this.probe.node, this.legend()];
  }

  legend() {
    const rows = this.spec.labels.map((label, k) => {
      const colour = this.plain(k) ? "currentColor" : this.spec.colors[k];
      const style = `width:20px;border-top:2.5px ${LINES[k % 4]} ${colour};vertical-align:middle`;
      return mark("", style, `${label} `, this.values[k]);
    });
    return h("div", { className: "gc-legend" }, ...rows);
  }

  plain(k) {
    return this.spec.colors[k] === PLAIN;
  }

  colour(k) {
    return this.plain(k) ? this.ink(1) : this.spec.colors[k];
  }

  take(arrays, full) {
    if (full) this.rows = [];
    const r = arrays.rows || [];
    for (let i = 0; i < r.length; i += this.m + 1) this.rows.push(Array.from(r.slice(i, i + this.m + 1)));
    this.rows = thin(this.rows, MOST_ROWS);
  }

  X = step => LEFT + ((step - this.start) / Math.max(1e-9, this.end - this.start)) * (this.right - LEFT);
  Y = v => this.bottom - ((v - this.low) / (this.high - this.low)) * (this.bottom - TOP);
  at_value = v => this.Y(on_scale(v, this.spec.log));

  /** As wide as the longest name on the right, within reason. */
  margin() {
    const names = Object.keys(this.spec.equilibrium).concat(this.m > 1 ? this.spec.labels : []);
    this.g.font = `bold ${FONT}`;
    return names.length ? Math.min(80, 8 + Math.max(...names.map(t => this.g.measureText(t).width))) : 6;
  }

  /** The row under the spot, or -1. */
  found() {
    if (!this.probe.spot || !this.rows.length) return -1;
    const part = (this.probe.spot.x - LEFT) / (this.right - LEFT);
    return nearest_row(this.rows, this.start + part * (this.end - this.start));
  }

  measure() {
    const { rows, spec } = this;
    this.wide = this.fit();
    this.start = rows.length ? rows[0][0] : 0;
    this.end = rows.length > 1 ? rows[rows.length - 1][0] : this.start + 1;
    this.right = this.wide - this.margin();
    [this.low, this.high] = value_range(rows, Object.values(spec.equilibrium), spec.log);
  }

  draw() {
    this.measure();
    const { rows, spec, g } = this;
    const at = this.found();
    this.values.forEach((b, k) => {
      b.textContent = rows.length ? short(newest(rows, k, at < 0 ? rows.length - 1 : at)) : "";
    });
    this.axes();
    g.save();
    g.beginPath();
    g.rect(LEFT, TOP - 2, this.right - LEFT, this.bottom - TOP + 2);
    g.clip();
    const drawn = spec.labels.map((_, k) => in_columns(rows, k, this.X));
    drawn.forEach((columns, k) => void this.curve(k, columns));
    g.restore();
    this.names(drawn.map(columns => columns[columns.length - 1]));
    if (at < 0) return "";
    this.reading(at);
    const said = spec.labels.map((label, k) => `${label} ${short(newest(rows, k, at))}`);
    return `Step ${Math.round(rows[at][0])}: ${said.join(", ")}`;
  }

  axes() {
    const { g, ink, right, bottom, spec } = this;
    g.lineWidth = 1;
    for (const [v, text] of axis_marks(this.low, this.high, spec.log)) {
      g.strokeStyle = ink(0.13);
      line(g, LEFT, this.Y(v), right, this.Y(v));
      set_text(g, "right", "middle", ink(0.85));
      g.fillText(text, LEFT - 4, this.Y(v), LEFT - 4);
    }
    set_text(g, "left", "top", ink(0.85));
    g.fillText(short(Math.round(this.start)), LEFT, bottom + 5);
    set_text(g, "right", "top", ink(0.85));
    g.fillText(`step ${Math.round(this.end)}`, right, bottom + 5);
    g.strokeStyle = ink(0.75);
    g.setLineDash([1.5, 3]);
    for (const v of Object.values(spec.equilibrium)) line(g, LEFT, this.at_value(v), right, this.at_value(v));
    g.setLineDash([]);
  }

  /** The mean as a line; from the least to the most as a pale band. */
  curve(k, columns) {
    const { g } = this;
    const trace = (points, column) => {
      for (const c of points) g.lineTo(c[0], this.at_value(c[column]));
    };
    g.strokeStyle = g.fillStyle = this.colour(k);
    g.globalAlpha = 0.25;
    g.beginPath();
    trace(columns, 3);
    trace([...columns].reverse(), 2);
    g.fill();
    g.globalAlpha = 1;
    g.lineWidth = 1.6;
    g.setLineDash(DASHES[k % 4]);
    g.beginPath();
    trace(columns, 1);
    g.stroke();
    g.setLineDash([]);
    if (columns.length === 1) this.dot(columns[0][0], this.at_value(columns[0][1]), 2); // one value makes no line
  }

  dot(x, y, r) {
    this.g.beginPath();
    this.g.arc(x, y, r, 0, 7);
    this.g.fill();
  }

  /** Names of curves and of equilibria in the right margin. */
  names(ends) {
    const { g, spec, right } = this;
    const names = Object.entries(spec.equilibrium).map(([text, v]) => ({
      text,
      y: this.at_value(v),
      bold: false,
    }));
    if (this.m > 1)
      spec.labels.forEach((text, k) => {
        if (ends[k]) names.push({ text, y: this.at_value(ends[k][1]), bold: true });
      });
    for (const n of apart(names, TOP, this.bottom)) {
      set_text(g, "left", "middle", this.ink(n.bold ? 1 : 0.85), n.bold ? `bold ${FONT}` : FONT);
      g.fillText(n.text, right + 4, n.y, this.wide - right - 4);
    }
  }

  /** The step under the pointer, and where its values lie. */
  reading(at) {
    const { g, ink, right, bottom } = this;
    const text = `step ${Math.round(this.rows[at][0])}`;
    const x = this.X(this.rows[at][0]);
    g.strokeStyle = ink(0.6);
    line(g, x, TOP, x, bottom);
    this.spec.labels.forEach((_, k) => {
      const v = newest(this.rows, k, at);
      g.fillStyle = this.colour(k);
      if (Number.isFinite(v)) this.dot(x, this.at_value(v), 3.2);
    });
    set_text(g, "center", "top", ink(1));
    const half = g.measureText(text).width / 2 + 3;
    g.clearRect(LEFT - 2, bottom + 2, right - LEFT + 4, this.tall - bottom - 2);
    g.fillText(text, Math.max(LEFT + half, Math.min(right - half, x)), bottom + 5);
  }
}

export const curves = (spec, host) => new Curves(spec, host);
