// The pictures: the hero first and large, the rest beside it, and below what finds no place there.
import { h } from "../draw/dom.js";
import { clamp } from "../draw/numbers.js";
import { renderers } from "../renderers/all.js";

const PICTURES = ["points", "images", "triples", "patches", "sweep"];
const BESIDE = 4; // small panels, or half as many others, that stand beside the hero
const AROUND = 360; // pixels of the window that the picture must leave to all else

/** Which panels are the hero: the first large one or else the first picture, and all strips that go with it. */
export function heroes(specs) {
  const large = specs.findIndex(s => s.size === "large");
  const first = large >= 0 ? large : specs.findIndex(s => PICTURES.includes(s.kind));
  if (first < 0) return [];
  let end = first + 1;
  while (specs[first].kind === "triples" && specs[end]?.kind === "triples") end++;
  return specs.map((_, i) => i).slice(first, end);
}

/** The height in pixels that a picture may fill. */
export const height_of = (hero, window_height) => (hero ? clamp(window_height - AROUND, 280, 620) : 300);

export class Panels {
  list = [];
  hero = [];
  main = h("div", { className: "gc-hero" });
  column = h("div", { className: "gc-column" });
  below = h("div", { className: "gc-below" });

  constructor(lab, sliders) {
    this.lab = lab;
    const sliding = h("div", { className: "gc-sliders" }, ...sliders.map(s => s.node));
    this.side = h("div", { className: "gc-side" }, sliding, this.column);
    this.node = h("div", { className: "gc-panels" }, this.main, this.side);
  }

  furnish() {
    const specs = this.lab.model.get("panels");
    this.hero = heroes(specs);
    this.list = specs.map((spec, index) => {
      const before = this.list[index];
      const same = before && JSON.stringify(before.spec) === JSON.stringify(spec);
      return same ? before : this.make(spec, index); // somebody may be drawing on it
    });
    this.arrange();
  }

  make(spec, index) {
    const host = this.host(index);
    const panel = Object.assign(renderers[spec.kind](spec, host), { spec });
    const layers = this.layers(spec, host);
    const caption = h("figcaption", { className: "gc-caption", textContent: spec.title });
    const figure = h(
      "figure",
      { className: `gc-${spec.kind} gc-${spec.size || "medium"}` },
      caption,
      ...panel.nodes,
    );
    if (layers.length) {
      const row = h("div", { className: "gc-layers", role: "group" }, ...layers.map(l => l.node));
      row.setAttribute("aria-label", "layers of the picture");
      figure.append(row);
    }
    const pull = () => {
      for (const l of layers) l.pull();
    };
    return Object.assign(panel, { figure, pull });
  }

  /** @returns {import("../types.js").Host} */
  host(index) {
    const { lab } = this;
    return {
      index,
      ink: lab.ink,
      click: lab.click,
      layers: () => lab.model.get("layers")[index] || {},
      redraw: () => lab.frames.soon(),
      tall: () =>
        height_of(this.hero.includes(index), window.innerHeight) /
        (this.hero.includes(index) ? this.hero.length : 1),
      get reduced() {
        return lab.still.matches;
      },
    };
  }

  layers(spec, host) {
    const { touched } = this.lab;
    return Object.entries(spec.layer_labels || {}).map(([name, text]) => {
      const input = h("input", { type: "checkbox", className: `gc-layer-${name}` });
      input.onchange = () => host.click("layer", host.index, name, input.checked);
      const node = h("label", { className: "gc-check" }, input, text);
      const pull = () => {
        node.hidden = !(name in host.layers());
        touched.follow(input, "checked", Boolean(host.layers()[name]));
      };
      return { node, pull };
    });
  }

  arrange() {
    const { list, hero } = this;
    const rest = list.filter((_, i) => !hero.includes(i));
    let room = hero.length ? BESIDE : list.length * 2;
    const beside = rest.filter(p => {
      room -= p.spec.size === "small" ? 1 : 2;
      return room >= 0;
    });
    this.node.classList.toggle("gc-plain", !hero.length);
    this.node.classList.toggle("gc-alone", !rest.length);
    put_in(
      this.main,
      list.filter((_, i) => hero.includes(i)),
    );
    put_in(this.column, beside);
    put_in(this.below, rest.slice(beside.length));
  }
}

/** What is in its place stays untouched: it may have the focus. */
function put_in(parent, panels) {
  const same =
    panels.length === parent.children.length && panels.every((p, i) => p.figure === parent.children[i]);
  if (!same) parent.replaceChildren(...panels.map(p => p.figure));
  parent.hidden = !panels.length;
}
