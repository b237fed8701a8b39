// A number.
import { h } from "../draw/dom.js";
import { over } from "./state.js";

const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/** 0.5, .5, 0,5, -1e-3, 1/2, with or without the unit; else NaN. */
export function number_in(text, unit = "") {
  let t = text.trim().replace(/[−–]/g, "-");
  if (unit && t.endsWith(unit)) t = t.slice(0, -unit.length).trim();
  const read = part => (NUMBER.test(part.trim()) ? Number(part.trim().replace(",", ".")) : Number.NaN);
  const [top, bottom = 1, more] = t.split("/").map(read);
  const x = more === undefined ? top / bottom : Number.NaN;
  return Number.isFinite(x) ? x : Number.NaN;
}

/** Its value: the text in the field. */
export function entry(q, name, change) {
  const props = {
    type: "text",
    inputMode: "decimal",
    className: "gq-field",
    id: `${name}-number`,
    autocomplete: "off",
  };
  const field = h("input", { ...props, size: 12, oninput: () => change(field.value) });
  const label = h("label", { htmlFor: field.id, textContent: "Your number" });
  const unit = h("span", { className: "gq-unit", id: `${name}-unit`, innerHTML: q.unit });
  if (q.unit) field.setAttribute("aria-describedby", unit.id);
  const paint = state => {
    if (field.value !== state.value) field.value = state.value;
    field.readOnly = over(state);
    if (["wrong", "unclear"].includes(state.verdict)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  const box = h("div", { className: "gq-entry" }, label, field, unit);
  return {
    nodes: [box],
    start: "",
    answer: q.shown,
    why: q.why,
    paint,
    judge: text => judge_number(q, text),
  };
}

export function judge_number(q, text) {
  const x = number_in(text, q.plain_unit);
  const near = y => Math.abs(x - y) <= q.tolerance + 1e-9 * Math.abs(y);
  if (!text.trim()) return { unclear: "Write a number first." };
  if (Number.isNaN(x)) return { unclear: "That is not a number. Write it like 0.5, 1/2 or 1e-3." };
  if (near(q.answer)) return { right: true, hint: "" };
  const [slip] = q.slips
    .filter(s => near(s.value))
    .sort((a, b) => Math.abs(a.value - x) - Math.abs(b.value - x));
  const read = /[,/]/.test(text) ? `That is ${+x.toPrecision(6)}. ` : "";
  if (slip) return { right: false, hint: read + slip.why };
  if (q.answer && near(-q.answer))
    return { right: false, hint: `${read}The size is right, the sign is not.` };
  return { right: false, hint: `${read}Your number is too ${x < q.answer ? "small" : "large"}.` };
}
