// One option, or several.
import { h } from "../draw/dom.js";
import { over, plural } from "./state.js";

/** Its value: the numbers of the chosen options. */
export function choice(q, name, change) {
  const right = q.options.flatMap((option, k) => (option.right ? [k] : []));
  const rows = q.options.map((option, k) => option_row(q, option, `${name}-${k}`, name));
  const chosen = () => rows.flatMap((row, k) => (row.input.checked ? [k] : []));
  for (const { input } of rows) input.onchange = () => change(chosen());
  const paint = state => {
    for (const [k, row] of rows.entries()) paint_row(row, k, q.options[k].right, state);
  };
  const judge = value => judge_choice(q, right, value);
  const box = h("div", { className: "gq-options" }, ...rows.map(row => row.node));
  return { nodes: [box], start: [], answer: right, paint, judge };
}

export function judge_choice(q, right, value) {
  if (!value.length) return { unclear: "Choose something first." };
  const wrong = value.filter(k => !right.includes(k));
  const missing = right.filter(k => !value.includes(k)).length;
  const hint = q.kind === "single" ? "Try another one." : ticks_hint(wrong.length, missing);
  return { right: !wrong.length && !missing, tried: wrong, hint };
}

function option_row(q, option, id, name) {
  const input = h("input", { type: q.kind === "single" ? "radio" : "checkbox", name, id });
  const word = h("b", { className: option.right ? "gq-yes" : "gq-no" });
  const why = h(
    "p",
    { className: "gq-why", id: `${id}-why`, hidden: true },
    word,
    h("span", { innerHTML: option.why }),
  );
  const node = h(
    "div",
    { className: "gq-option" },
    input,
    h("label", { htmlFor: id, innerHTML: option.text }),
    why,
  );
  input.addEventListener("click", e => {
    if (node.dataset.over) e.preventDefault(); // it keeps its focus and its colour, and stays as it is
  });
  return { input, word, why, node };
}

/** Each option's reason: what was chosen wrongly is called so, what was left alone is only explained. */
function paint_row({ input, word, why, node }, k, right, state) {
  const done = over(state);
  const tried = state.tried.includes(k);
  const told = done || tried;
  input.checked = state.value.includes(k);
  why.hidden = !told;
  word.textContent = right ? "✓ Right. " : tried ? "✗ Wrong. " : "";
  node.classList.toggle("gq-no", told && !right && tried);
  node.classList.toggle("gq-yes", told && right);
  if (done) node.dataset.over = "true";
  else delete node.dataset.over;
  set_or_remove(input, "aria-describedby", told && why.id);
  set_or_remove(input, "aria-disabled", done && "true");
}

function set_or_remove(node, attribute, value) {
  if (value) node.setAttribute(attribute, value);
  else node.removeAttribute(attribute);
}

function ticks_hint(wrong, missing) {
  const many = "# of your choices are wrong.";
  const extra = wrong ? plural(wrong, "One of your choices is wrong.", many) : "So far so good.";
  if (!missing) return extra;
  return `${extra} ${plural(missing, "A right one is still missing.", "# right ones are still missing.")}`;
}
