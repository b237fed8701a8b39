// The settings of a recipe: a choice, or a number between two bounds. Which there are, Python says.
import { h } from "../draw/dom.js";
import { plain, short } from "../draw/numbers.js";
import { decade_slider, slider } from "./sliders.js";

const NAMES = {
  drawn: "draw your own",
  points: { 0: "endless" },
  two_moons: "two moons",
  non_saturating: "non-saturating",
  least_squares: "least squares",
  r1: "R1",
  r2: "R2",
  gradient_penalty: "gradient penalty",
  adam: "Adam",
  rmsprop: "RMSprop",
  sgd: "SGD",
};
const GROUPS = { "while it runs": "Changes while it runs", "in a new game": "Starts a new game" };
const said = (name, v) => NAMES[name]?.[v] ?? NAMES[v] ?? String(v);

/** All settings as parts, each with the group it belongs to. */
export function settings_of(lab) {
  return lab.model.get("controls").map(spec => {
    const control = spec.between ? number_setting(spec, lab) : choice_setting(spec, lab);
    const idle = () =>
      Object.entries(spec.unless || {}).some(([name, v]) => lab.model.get("values")[name] === v);
    const pull = () => {
      control.node.hidden = idle(); // not shown where it would change nothing
      control.pull();
    };
    return { node: control.node, pull, group: spec.group, name: spec.name };
  });
}

function number_setting({ name, label, between: [low, high] }, { model, click, touched }) {
  const get = () => model.get("values")[name];
  const css = `gc-set-${name}`;
  if (low <= 0) {
    const set = v => click("change", name, Number(v.toPrecision(4))); // no decade leads to zero
    return slider(touched, css, label, {
      min: low,
      max: high,
      by: (high - low) / 200,
      get,
      set,
      show: short,
    });
  }
  const value = v => Number((10 ** v).toPrecision(3));
  const set = v => click("change", name, value(v));
  const show = v => plain(value(v));
  return decade_slider(touched, css, label, Math.log10(low), Math.log10(high), { get, set, show });
}

function choice_setting({ name, label, options }, lab) {
  const values = () => lab.model.get("values");
  const offers = options.map(v => h("option", { value: JSON.stringify(v), textContent: said(name, v) }));
  const select = h("select", { className: `gc-set-${name}` }, ...offers);
  select.onchange = () => {
    const value = JSON.parse(select.value);
    if (name === "data") lab.sketcher.open(value === "drawn");
    if (value !== "drawn" || values().drawing.length) lab.click("change", name, value); // an empty drawing is no data yet
  };
  const pull = () => {
    const waits = name === "data" && lab.sketcher.on && select.value === '"drawn"'; // who chose to draw and has not drawn yet
    if (!waits) lab.touched.follow(select, "value", JSON.stringify(values()[name]));
  };
  return { node: h("label", { className: "gc-choice" }, label, select), pull };
}

/** The box of all settings but the sliders, which stand beside the learning rates. */
export function settings_box(settings) {
  const groups = Object.entries(GROUPS).map(([group, text]) => {
    const mine = settings.filter(s => s.group === group);
    return mine.length && h("fieldset", {}, h("legend", { textContent: text }), ...mine.map(s => s.node));
  });
  return h("div", { className: "gc-settings", hidden: true }, ...groups.filter(Boolean));
}
