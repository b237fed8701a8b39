// Shares of values in bins, one outline a label: filled and solid, hatched and dashed, then dotted.
import { line, roomy, set_text } from "../draw/canvas.js";
import { PLAIN } from "../draw/colours.js";
import { h, mark } from "../draw/dom.js";
import { clamp, percent, short, ticks } from "../draw/numbers.js";
import { Probe } from "../draw/readable.js";

const TALL = 220;
const AREA = { left: 40, top: 16, bottom: TALL - 20 };
const OUTLINES = [[], [5, 3], [1.5, 2.5]];

/** How a label is shown in the legend: CSS of a small rectangle. */
function swatch(k, c) {
  const fills = [
    `color-mix(in srgb, ${c} 35%, transparent)`,
    `repeating-linear-gradient(-45deg, ${c} 0 1px, transparent 1px 4px)`,
    "none",
  ];
  const i = Math.min(k, 2);
  const border = `1.5px ${["solid", "dashed", "dotted"][i]} ${c}`;
  return `width:16px;height:11px;box-sizing:border-box;border:${border};background:${fills[i]};vertical-align:-1px`;
}

class Histograms {
  slow = true;
  /** @type {any} */
  shares = null;
  /** @type {any} */
  middles = [];
  low = 0;
  high = 1;
  peak = 0;
  seen = 0;
  right = 324;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    this.spec = spec;
    this.ink = host.ink;
    const [canvas, g, fit] = roomy(spec.title, TALL, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
    this.texts = spec.labels.map(() => h("b"));
    this.note = h("span");
    const rows = spec.labels.map((label, k) => {
      const c = spec.colors[k] === PLAIN ? "currentColor" : spec.colors[k];
      return mark("", swatch(k, c), `${label} `, this.texts[k]);
    });
    this.probe = new Probe(this.canvas, spec.title, {
      frame: () => [AREA.left, AREA.top, this.right, AREA.bottom],
      step: () => [this.width(), 0],
      changed: () => this.draw(),
    });
    this.nodes = [this.probe.node, h("div", { className: "gc-legend" }, ...rows, this.note)];
  }

  take(arrays, full) {
    if (arrays.limits) [this.low, this.high] = arrays.limits;
    if (arrays.middles) this.middles = arrays.middles;
    if (!arrays.shares) return;
    const now = performance.now(); // the axis shrinks by half in a third of a second
    this.peak = Math.max(...arrays.shares, full ? 0 : this.peak * 2 ** ((this.seen - now) / 330));
    this.shares = arrays.shares;
    this.seen = now;
  }

  width = () => (this.right - AREA.left) / this.spec.bins;
  X = v => AREA.left + ((v - this.low) / (this.high - this.low)) * (this.right - AREA.left);
  Y = v => AREA.bottom - (v / (1.05 * this.peak || 1)) * (AREA.bottom - AREA.top);

  colour(k) {
    return this.spec.colors[k] === PLAIN ? this.ink(1) : this.spec.colors[k];
  }

  share(k, i) {
    return this.shares[k * this.spec.bins + i];
  }

  /** A label in short: the median, or of classes the rarest. */
  usual(k) {
    const { bins, names } = this.spec;
    if (!names.length) return Number.isFinite(this.middles[k]) ? `median ${short(this.middles[k])}` : "none";
    const mine = Array.from(this.shares.subarray(k * bins, (k + 1) * bins));
    const least = Math.min(...mine);
    return `rarest ${names[mine.indexOf(least)]}, ${percent(least)}`;
  }

  where(i) {
    const { names, bins } = this.spec;
    const edge = j => short(this.low + (j / bins) * (this.high - this.low));
    if (names.length) return names[i];
    if (i === 0) return `below ${edge(1)}`;
    return i === bins - 1 ? `above ${edge(i)}` : `${edge(i)} to ${edge(i + 1)}`;
  }

  draw() {
    this.right = this.fit() - 6;
    if (!this.shares) return "";
    const { g, spec, probe } = this;
    const w = this.width();
    const i = probe.spot ? clamp(Math.floor((probe.spot.x - AREA.left) / w), 0, spec.bins - 1) : -1;
    this.axes();
    if (i >= 0) {
      g.fillStyle = this.ink(0.12);
      g.fillRect(AREA.left + i * w, AREA.top, w, AREA.bottom - AREA.top);
    }
    spec.labels.forEach((_, k) => void this.bars(k));
    this.equilibria();
    this.texts.forEach((text, k) => {
      text.textContent = i < 0 ? this.usual(k) : percent(this.share(k, i));
    });
    this.note.textContent = i < 0 ? "" : this.where(i);
    if (i < 0) return "";
    return `${this.where(i)}: ${spec.labels.map((label, k) => `${label} ${percent(this.share(k, i))}`).join(", ")}`;
  }

  bars(k) {
    const { g } = this;
    g.save();
    this.stairs(k, true);
    if (k === 0) {
      g.fillStyle = this.colour(k);
      g.globalAlpha = 0.28;
      g.fill();
    }
    if (k === 1) {
      g.clip();
      this.hatch(this.colour(k));
    }
    g.restore();
    this.stairs(k, false);
    g.strokeStyle = this.colour(k);
    g.lineWidth = 1.6;
    g.setLineDash(OUTLINES[Math.min(k, 2)]);
    g.stroke();
    g.setLineDash([]);
  }

  stairs(k, closed) {
    const { g, right } = this;
    const w = this.width();
    g.beginPath();
    g.moveTo(AREA.left, AREA.bottom);
    for (let i = 0; i < this.spec.bins; i++) {
      const y = this.Y(this.share(k, i));
      g.lineTo(AREA.left + i * w, y);
      g.lineTo(AREA.left + (i + 1) * w, y);
    }
    g.lineTo(right, AREA.bottom);
    if (closed) g.closePath();
  }

  /** Diagonal lines, drawn across everything inside the clip. */
  hatch(colour) {
    const { g } = this;
    const tall = AREA.bottom - AREA.top;
    g.strokeStyle = colour;
    g.lineWidth = 1;
    g.globalAlpha = 0.55;
    for (let x = AREA.left - tall; x < this.right; x += 5) line(g, x, AREA.bottom, x + tall, AREA.top);
    g.globalAlpha = 1;
  }

  axes() {
    const { g, ink, right, spec } = this;
    g.lineWidth = 1;
    for (const v of this.peak ? ticks(0, 1.05 * this.peak) : []) {
      g.strokeStyle = ink(0.13);
      line(g, AREA.left, this.Y(v), right, this.Y(v));
      set_text(g, "right", "middle", ink(0.85));
      g.fillText(percent(v), AREA.left - 4, this.Y(v));
    }
    set_text(g, "center", "top", ink(0.85));
    const across = spec.names.length
      ? spec.names.map((name, i) => [this.X(i), name])
      : ticks(this.low, this.high).map(v => [clamp(this.X(v), AREA.left + 4, right - 8), short(v)]);
    for (const [x, text] of across)
      g.fillText(text, x, AREA.bottom + 5, spec.names.length ? this.width() : undefined);
    g.strokeStyle = ink(0.5);
    line(g, AREA.left, AREA.bottom, right, AREA.bottom);
  }

  equilibria() {
    const { g, ink, right } = this;
    for (const [label, v] of Object.entries(this.spec.equilibrium)) {
      if (v < this.low || v > this.high) continue;
      const x = this.X(v);
      g.strokeStyle = ink(0.75);
      g.setLineDash([1.5, 3]);
      line(g, x, AREA.top, x, AREA.bottom);
      g.setLineDash([]);
      set_text(g, "center", "top", ink(0.85));
      const half = g.measureText(label).width / 2;
      g.fillText(label, clamp(x, AREA.left + half, right - half), 2);
    }
  }
}

export const histograms = (spec, host) => new Histograms(spec, host);
