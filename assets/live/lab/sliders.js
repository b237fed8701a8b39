// Sliders: the learning rate of each player, the speed, the beat of slow motion.
import { h } from "../draw/dom.js";
import { plain, short } from "../draw/numbers.js";

/**
 * @param {import("./touched.js").Touched} touched
 * @returns {import("../types.js").Part}
 */
export function slider(touched, className, label, { min, max, by, get, set, show }) {
  const value = h("output");
  const input = h("input", { type: "range", min, max, step: by, className });
  const tell = v => {
    value.textContent = show(v);
    input.setAttribute("aria-valuetext", value.textContent || "");
  };
  input.oninput = () => {
    tell(Number(input.value));
    set(Number(input.value));
  };
  const pull = () => {
    if (Math.abs(Number(input.value) - get()) < by / 2) touched.settle(input);
    if (input.matches(":active") || touched.has(input)) return; // not from under a dragging finger
    input.value = String(get());
    tell(get());
  };
  return { node: h("label", { className: "gc-range" }, h("span", {}, label), input, value), pull };
}

/** A slider over powers of ten, from 10^low to 10^high. */
export function decade_slider(touched, className, label, low, high, { get, set, show }) {
  const place = () => Math.log10(Math.max(10 ** low, get()));
  return slider(touched, className, label, { min: low, max: high, by: 0.05, get: place, set, show });
}

/** The learning rates of the players. */
export function rate_sliders({ model, click, touched }) {
  return Object.keys(model.get("rates")).map(name =>
    decade_slider(touched, `gc-lr-${name}`, `${model.get("rate_label")} ${name}`, -6, 0, {
      get: () => model.get("rates")[name],
      set: v => click("lr", name, v <= -6 ? 0 : 10 ** v),
      show: v => (v <= -6 ? "0 (off)" : plain(10 ** v)),
    }),
  );
}

/** Speed, or in slow motion the time from moment to moment. */
export function pace_sliders({ model, click, touched }) {
  const speed = decade_slider(touched, "gc-speed", "speed", 0, 4, {
    get: () => model.get("speed") || 1e4,
    set: v => click("speed", v >= 4 ? 0 : 10 ** v),
    show: v => (v >= 4 ? "full" : `${short(Math.round(10 ** v))} steps/s`),
  });
  const beat = slider(touched, "gc-beat", "a moment every", {
    min: 0.3,
    max: 5,
    by: 0.1,
    get: () => model.get("beat"),
    set: v => click("beat", v),
    show: v => `${short(v)} s`,
  });
  const shown = (part, when) => ({
    node: part.node,
    pull: () => {
      part.node.hidden = !when();
      part.pull();
    },
  });
  return [shown(speed, () => !model.get("slow")), shown(beat, () => model.get("slow"))];
}
