// The pictures: the hero first and large, sliders and as many panels beside it as have room, the rest below.
import { h } from "../draw/dom.js";
import { clamp } from "../draw/numbers.js";
import { renderers } from "../renderers/all.js";
import { aspect_of } from "../renderers/images.js";

const PICTURES = ["points", "images", "triples", "patches", "sweep"];
const AROUND = 360; // pixels of the window that the picture must leave to all else
const NARROW = 640; // pixels of the Lab below which all stands in one column
const GAP = 18; // between the hero and its side
const spans = spec => PICTURES.includes(spec.kind) || spec.kind === "shares"; // all columns beside the hero
const CURVE = 185; // the least width of a panel beside the hero
const UNDER_HERO = 120; // pixels that the side may reach below the picture: there are its legend and layers

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

/** Width to height of a panel, as far as it is known before it is drawn. */
function shape_of(spec) {
  if (spec.kind === "images" || spec.kind === "triples") return aspect_of(spec);
  return spec.kind === "sweep" ? 4 : 1.1;
}

/** The hero's share of the width: the flatter it is, the more. */
export function share_of(specs) {
  if (specs.length > 1) return 1;
  const shape = specs.length ? shape_of(specs[0]) : 4;
  if (shape > 2.4) return 1;
  return shape > 1.5 ? 0.66 : 0.53;
}

/**
 * Which of the other panels have room beside the hero.
 * @param {{width: number, tall: number, sliders: number}} room of the Lab, of a picture, and how many sliders there are
 */
export function beside(specs, rest, room) {
  const { width, tall, sliders } = room;
  const share = share_of(specs);
  if (width < NARROW || !specs.length) return rest.map(() => true);
  if (share === 1) return rest.map(() => false);
  const hero = Math.min(tall, (share * width) / shape_of(specs[0])) + UNDER_HERO;
  const columns = Math.max(1, Math.floor(((1 - share) * width - GAP + 14) / (CURVE + 14)));
  let free = columns * (hero - 26 * sliders);
  return rest.map(spec => {
    const need = spans(spec)
      ? (spec.kind === "shares" ? 420 : 340) * columns
      : spec.size === "small"
        ? 195
        : 270;
    if (need > free) return false;
    free -= need;
    return true;
  });
}

export class Panels {
  list = [];
  hero = [];
  main = h("div", { className: "gc-hero" });
  column = h("div", { className: "gc-column" });
  below = h("div", { className: "gc-below" });

  constructor(lab, sliders) {
    this.lab = lab;
    this.sliders = sliders.length - 1; // speed and beat take turns
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
    const size = spans(spec) ? "gc-picture" : "gc-plot";
    const figure = h("figure", { className: `gc-${spec.kind} ${size}` }, caption, ...panel.nodes);
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
      tall: () => height_of(this.hero.includes(index), window.innerHeight),
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
    const { list, hero, node } = this;
    const main = list.filter((_, i) => hero.includes(i));
    const rest = list.filter((_, i) => !hero.includes(i));
    const specs = main.map(p => p.spec);
    const room = {
      width: this.lab.el.clientWidth,
      tall: height_of(true, window.innerHeight),
      sliders: this.sliders,
    };
    const there = beside(
      specs,
      rest.map(p => p.spec),
      room,
    );
    const share = rest.length ? share_of(specs) : 1;
    const most = specs.length === 1 ? room.tall * shape_of(specs[0]) * 1.03 : room.width;
    node.style.setProperty("--gc-hero", `${Math.round(Math.min(share * room.width, most))}px`);
    node.classList.toggle("gc-full", share === 1);
    put_in(this.main, main);
    put_in(
      this.column,
      rest.filter((_, i) => there[i]),
    );
    put_in(
      this.below,
      rest.filter((_, i) => !there[i]),
    );
  }
}

/** What is in its place stays untouched: it may have the focus. */
function put_in(parent, panels) {
  const same =
    panels.length === parent.children.length && panels.every((p, i) => p.figure === parent.children[i]);
  if (!same) parent.replaceChildren(...panels.map(p => p.figure));
  parent.hidden = !panels.length;
}
