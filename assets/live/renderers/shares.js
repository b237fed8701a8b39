// How often each value of some attributes comes, as a multiple of its true share. `spec.attributes`: name, values,
// truth (the probability of each), floor (how far off as many real samples are); `spec.n`: samples;
// `spec.rates`: a name -> what stands beside its number.
import { line, roomy, set_text } from "../draw/canvas.js";
import { FAKE, REAL } from "../draw/colours.js";
import { h, mark } from "../draw/dom.js";
import { clamp, percent, short } from "../draw/numbers.js";
import { Probe } from "../draw/readable.js";

const LINE = 33; // height of an attribute: its bars, and below them the names of its values
const BARS = 19; // of the bars
const LABEL = 84; // width of an attribute's name
const CEILING = 2; // times the true share; a higher bar is shown broken

const plainly = name => name.replaceAll("_", " ");

/** Two standard deviations of a share of n samples, as a multiple of the true share. */
export const spread_of = (p, n) => 2 * Math.sqrt((1 - p) / (p * n));

class Shares {
  slow = true;
  /** @type {any} */
  shares = null;
  /** @type {any} */
  off = [];
  /** @type {any} */
  rates = [];
  right = 324;

  /** @param {import("../types.js").Spec} spec @param {import("../types.js").Host} host */
  constructor(spec, host) {
    this.spec = spec;
    this.ink = host.ink;
    this.tall = LINE * spec.attributes.length;
    const [canvas, g, fit] = roomy(spec.title, this.tall, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
    this.firsts = [0]; // where the values of each attribute begin
    for (const { values } of spec.attributes)
      this.firsts.push(this.firsts[this.firsts.length - 1] + values.length);
    this.texts = Object.keys(spec.rates).map(() => h("b"));
    this.found = h("span");
    const rates = Object.entries(spec.rates).map(([name, words], i) =>
      h("span", {}, `${name} `, this.texts[i], ` (${words})`),
    );
    const band = `width:16px;height:9px;vertical-align:0;background:linear-gradient(${REAL}40 40%, ${REAL} 40% 60%, ${REAL}40 60%)`;
    const bar = `width:9px;height:11px;vertical-align:-1px;background:${FAKE};border:1px solid ${FAKE};box-sizing:border-box`;
    this.probe = new Probe(this.canvas, spec.title, {
      frame: () => [LABEL, 0, this.right, this.tall],
      step: () => [this.wide(this.row()), LINE],
      changed: () => this.draw(),
    });
    const legend = [
      ...rates,
      mark("", band, "the true share, and how far 95 in 100 real samples stray"),
      mark("", bar, "the share that comes"),
      this.found,
    ];
    this.nodes = [this.probe.node, h("div", { className: "gc-legend" }, ...legend)];
  }

  take(arrays) {
    if (!arrays.shares) return;
    this.shares = arrays.shares;
    this.off = arrays.off;
    this.rates = arrays.rates;
  }

  /** The attribute under the pointer. */
  row() {
    const y = this.probe.spot ? this.probe.spot.y : this.tall / 2;
    return clamp(Math.floor(y / LINE), 0, this.spec.attributes.length - 1);
  }

  wide = a => (this.right - LABEL) / this.spec.attributes[a].values.length;
  height = ratio => (BARS * clamp(ratio, 0, CEILING)) / CEILING;

  draw() {
    this.right = this.fit() - 4;
    if (!this.shares) return "";
    const { spec, probe } = this;
    const a = probe.spot ? this.row() : -1;
    const i = a < 0 ? -1 : Math.floor(((probe.spot?.x ?? LABEL) - LABEL) / this.wide(a));
    spec.attributes.forEach((_, k) => void this.attribute(k, k === a ? i : -1));
    this.texts.forEach((text, k) => {
      text.textContent = percent(this.rates[k]);
    });
    const said = a < 0 ? "" : this.say(a, i);
    this.found.textContent = said || "point at a bar, or use the arrow keys";
    return said;
  }

  attribute(a, chosen) {
    const { g, ink, right, spec } = this;
    const { name, values } = spec.attributes[a];
    const base = a * LINE + BARS + 1;
    const w = this.wide(a);
    set_text(g, "right", "middle", ink(0.9));
    g.fillText(plainly(name), LABEL - 8, base - BARS / 2, LABEL - 8);
    const fits = values.every(value => g.measureText(plainly(value)).width < w - 2); // all names or none
    values.forEach((value, i) => {
      const x = LABEL + i * w;
      if (i === chosen) {
        g.fillStyle = ink(0.12);
        g.fillRect(x, base - BARS, w, LINE - 2);
      }
      this.bar(a, i, x, base, w);
      set_text(g, "center", "top", ink(0.75));
      if (fits) g.fillText(plainly(value), x + w / 2, base + 2);
    });
    g.strokeStyle = REAL;
    g.lineWidth = 1.4;
    line(g, LABEL, base - this.height(1), right, base - this.height(1));
    g.strokeStyle = ink(0.4);
    g.lineWidth = 1;
    line(g, LABEL, base, right, base);
  }

  bar(a, i, x, base, w) {
    const { g, spec } = this;
    const p = spec.attributes[a].truth[i];
    const ratio = this.shares[this.firsts[a] + i] / p;
    const stray = spread_of(p, spec.n);
    const [low, high] = [this.height(1 - stray), this.height(1 + stray)];
    g.fillStyle = `${REAL}33`;
    g.fillRect(x, base - high, w, high - low);
    const inset = Math.min(5, w / 5);
    const tall = this.height(ratio);
    g.fillStyle = FAKE;
    g.globalAlpha = Math.abs(ratio - 1) > stray ? 0.9 : 0.22;
    g.fillRect(x + inset, base - tall, w - 2 * inset, tall);
    g.globalAlpha = 1;
    g.strokeStyle = FAKE;
    g.lineWidth = 1.2;
    g.strokeRect(x + inset, base - tall, w - 2 * inset, tall);
    if (ratio > CEILING) g.clearRect(x, base - BARS + 4, w, 2); // broken: it goes on beyond
  }

  /** What is known of a value, in words. */
  say(a, i) {
    const { name, values, truth, floor } = this.spec.attributes[a];
    const share = `${plainly(values[i])} ${percent(this.shares[this.firsts[a] + i])}, in truth ${percent(truth[i])}`;
    return `${plainly(name)}: ${share}; off by ${short(this.off[a])}, real samples by ${short(floor)}`;
  }
}

export const shares = (spec, host) => new Shares(spec, host);
