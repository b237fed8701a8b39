// The errors of many games over their learning rates, and the picture of the one that is pointed at.
// Arrays: nbs/toolbox/population.ipynb
import { line, set_text } from "../draw/canvas.js";
import { h } from "../draw/dom.js";
import { clamp, plain, short, ticks } from "../draw/numbers.js";
import { Probe } from "../draw/readable.js";
import { inside, Member } from "./member.js";
import { Plane } from "./plane.js";

/** [place, rate] of the marks: powers of ten, or some of the rates where these are not evenly spaced. */
export function decades(rates) {
  const logs = rates.map(Math.log10);
  const n = rates.length;
  const step = n > 1 ? (logs[n - 1] - logs[0]) / (n - 1) : 0;
  const even = step && logs.every((v, k) => Math.abs(logs[0] + k * step - v) < 1e-3);
  const marks = [];
  for (let e = -12; even && e <= 12; e++) {
    const k = (e - logs[0]) / step;
    if (k > -1e-3 && k < n - 1 + 1e-3) marks.push([k, 10 ** e]);
  }
  return marks.length > 1 ? marks : rates.map((r, k) => [k, r]).filter((_, k) => k % Math.ceil(n / 5) === 0);
}

class Sweep {
  slow = true;
  /** @type {Record<string, any>} */
  a = {};

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    this.spec = spec;
    this.host = host;
    this.rows = spec.lr_G.length;
    this.columns = spec.lr_D.length;
    this.plane = new Plane(
      spec.title,
      this.rows,
      this.columns,
      spec.colors,
      { l: 52, r: 58, t: 6, b: 36 },
      host,
    );
    this.canvas = this.plane.canvas;
    this.canvas.style.cursor = "pointer";
    this.low = this.scaled(spec.range[0]);
    this.high = this.scaled(spec.range[1]);
    this.member = new Member(host);
    this.head = h("b");
    this.text = h("div");
    const how = "Point at a pair, or use the arrow keys. Click or press Enter to open it.";
    const hint = h("div", { className: "gc-hint" }, how);
    const card = h("div", { className: "gc-member" }, this.member.canvas, this.head, this.text, hint);
    this.probe = this.reading();
    this.both = h(
      "div",
      { className: "gc-sweep-both" },
      h("div", { className: "gc-sweep-map" }, this.probe.node),
      card,
    );
    this.nodes = [this.both];
  }

  reading() {
    const { plane } = this;
    const probe = new Probe(this.canvas, this.spec.title, {
      frame: () => plane.frame(),
      step: () => [plane.cw, plane.ch],
      changed: () => this.draw(),
    });
    const label = `${this.spec.title}: the arrow keys go from pair to pair, Enter opens the game`;
    probe.node.setAttribute("aria-label", label);
    probe.node.addEventListener("keydown", e => this.key(e), true);
    this.canvas.addEventListener("click", () => this.open());
    return probe;
  }

  key(e) {
    if (e.key === "Enter" && this.probe.spot) {
      e.preventDefault();
      e.stopPropagation();
      this.open();
    }
    if (!e.key.startsWith("Arrow") || !this.a.errors) return;
    const [x, y] = this.at(Math.max(0, this.probe.spot ? this.under() : this.best())); // they set out from the best pair
    this.probe.spot = { x: x + this.plane.cw / 2, y: y + this.plane.ch / 2 };
  }

  open() {
    const k = this.under();
    if (k >= 0) this.host.click("open_member", k);
  }

  take(arrays) {
    this.a = { ...this.a, ...arrays };
  }

  scaled(v) {
    return this.spec.log ? Math.log10(Math.max(v, 1e-12)) : v;
  }

  share(v) {
    return (this.scaled(v) - this.low) / (this.high - this.low || 1);
  }

  /** The corner of pair k; rates of G grow upwards. */
  at(k) {
    const { left, bottom, cw, ch } = this.plane;
    return [left + (k % this.columns) * cw, bottom - (Math.floor(k / this.columns) + 1) * ch];
  }

  under() {
    if (!this.probe.spot) return -1;
    const [r, c] = this.plane.cell(this.probe.spot);
    return (this.rows - 1 - r) * this.columns + c;
  }

  best() {
    let k = -1;
    this.a.errors.forEach((v, i) => {
      if (Number.isFinite(v) && (k < 0 || v < this.a.errors[k])) k = i;
    });
    return k;
  }

  draw() {
    const { plane, rows, columns } = this;
    plane.layout(width => {
      const w = Math.max(80, width);
      return [w, clamp(Math.round((w * rows) / columns), 60, 380)]; // square cells where both axes are as long
    });
    if (!this.a.errors) return "";
    plane.paint((r, c) => {
      const v = this.a.errors[(rows - 1 - r) * columns + c];
      return Number.isFinite(v) ? this.share(v) : Number.NaN;
    });
    this.crosses();
    this.axes();
    const star = this.best();
    const k = this.under();
    if (star >= 0) this.ring(star, false);
    if (k >= 0) this.ring(k, true);
    return this.tell(k, k >= 0 ? k : Math.max(0, star));
  }

  tell(k, shown) {
    this.member.draw(this.a.real || [], this.points_of(shown));
    const [pair, error] = this.words(shown);
    this.head.textContent = k >= 0 ? pair : `the best so far: ${pair}`;
    this.text.textContent = error;
    const alt = `What the game with ${pair} makes: crosses, over the real points. ${error}`;
    this.member.canvas.setAttribute("aria-label", alt);
    this.both.dataset.cell = String(k);
    this.both.dataset.shown = String(shown);
    return `${pair}: ${error}`;
  }

  /** A cross where a game has diverged. */
  crosses() {
    const { g, cw, ch } = this.plane;
    const s = 0.28 * Math.min(cw, ch);
    g.strokeStyle = this.host.ink(0.8);
    g.lineWidth = 1;
    this.a.errors.forEach((v, k) => {
      if (Number.isFinite(v)) return;
      const [x, y] = [this.at(k)[0] + cw / 2, this.at(k)[1] + ch / 2];
      line(g, x - s, y - s, x + s, y + s);
      line(g, x - s, y + s, x + s, y - s);
    });
  }

  axes() {
    const { plane, spec } = this;
    const { g, left, bottom, cw, ch } = plane;
    const { ink } = this.host;
    plane.outline();
    set_text(g, "center", "top", ink(0.85));
    for (const [k, rate] of decades(spec.lr_D)) {
      const x = left + (k + 0.5) * cw;
      g.fillRect(x - 0.5, bottom + 1, 1, 3);
      g.fillText(plain(rate), x, bottom + 5);
    }
    g.fillText("learning rate of D", left + plane.w / 2, bottom + 20);
    set_text(g, "right", "middle", ink(0.85));
    for (const [k, rate] of decades(spec.lr_G)) {
      const y = bottom - (k + 0.5) * ch;
      g.fillRect(left - 4, y - 0.5, 3, 1);
      g.fillText(plain(rate), left - 6, y);
    }
    plane.upright("learning rate of G");
    const powers = Array.from({ length: 40 }, (_, k) => k - 20);
    const shown = spec.log
      ? powers.filter(e => e >= this.low - 1e-6 && e <= this.high + 1e-6).map(e => 10 ** e)
      : ticks(this.low, this.high);
    plane.scale(shown.map(v => [this.share(v), spec.log ? plain(v) : short(v)]));
  }

  /** Around a pair; black and white: seen on every colour. */
  ring(k, bold) {
    const { g, cw, ch } = this.plane;
    const [x, y] = this.at(k);
    const strokes = bold ? [4, 1.8] : [2.6, 1.2];
    ["#000", "#fff"].forEach((colour, i) => {
      g.lineWidth = strokes[i];
      g.strokeStyle = colour;
      g.beginPath();
      if (bold) g.rect(x, y, cw, ch);
      else g.arc(x + cw / 2, y + ch / 2, Math.max(4, 0.42 * Math.min(cw, ch)), 0, 7);
      g.stroke();
    });
  }

  /** The generated points of pair k. */
  points_of(k) {
    return this.a.points.subarray(2 * this.spec.n * k, 2 * this.spec.n * (k + 1));
  }

  /** [the pair of rates, how good it is] */
  words(k) {
    const { spec, a } = this;
    const pair = `lr_D ${plain(spec.lr_D[k % this.columns])}, lr_G ${plain(spec.lr_G[Math.floor(k / this.columns)])}`;
    const v = a.errors[k];
    const spread = spec.seeds > 1 && Number.isFinite(a.low[k]);
    const span = spread ? `; ${spec.seeds} seeds: ${short(a.low[k])} to ${short(a.high[k])}` : "";
    const error = Number.isFinite(v) ? `${spec.what} ${short(v)}${span}` : "diverged";
    const outside = spec.n - inside(this.points_of(k)).length;
    return [pair, error + (outside ? `; ${outside} of ${spec.n} points lie outside the picture` : "")];
  }
}

export const sweep = (spec, host) => new Sweep(spec, host);
