// One question: its part (a choice, a number, an order), buttons and verdict.
import { h } from "../draw/dom.js";
import { choice } from "./choice.js";
import { entry } from "./entry.js";
import { sorter } from "./sorter.js";
import { judged, over, UNTOUCHED, VERDICTS } from "./state.js";

/** Each kind makes its part of a card: {nodes, start, answer, paint(state), judge(value) -> {right, unclear, hint, tried}} */
const KINDS = { single: choice, multiple: choice, number: entry, order: sorter };
const NOTES = {
  multiple: "Choose all that are right.",
  order: "Put them in order with the arrows, the first one on top.",
};

const small_button = (name, textContent, onclick) =>
  h("button", { type: "button", className: `gq-${name}`, textContent, onclick });

/** act(patch, words to say, is it an answer) */
export function card(q, i, name, act) {
  let state;
  const part = KINDS[q.kind](q, name, (value, words = "") => act({ value, verdict: "" }, words, false));
  const verdict = h("p", { className: "gq-verdict", tabIndex: -1, hidden: true });
  const decide = patch => {
    if (over(state)) return;
    act(patch, "", true);
    if (over(state)) verdict.focus({ preventScroll: true }); // the buttons are gone
  };
  const check = small_button("check", "Check", () => decide(judged(part, state)));
  const show = small_button("show", "Show the answer", () =>
    decide({ value: part.answer, verdict: "shown" }),
  );
  const buttons = h("div", { className: "gq-buttons" }, check, show);
  const node = card_node(q, i, [...part.nodes, buttons, verdict], check);
  const paint = given => {
    state = { ...UNTOUCHED, value: part.start, ...given };
    part.paint(state);
    buttons.hidden = over(state);
    show.hidden = !state.tries;
    node.dataset.verdict = state.verdict;
    paint_verdict(verdict, part, state);
  };
  const words = () => {
    const spoken = [verdict, .../** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll(".gq-why"))];
    return spoken
      .filter(n => !n.hidden)
      .map(n => n.textContent)
      .join(" ");
  };
  return { node, paint, words, state: () => state };
}

function card_node(q, i, nodes, check) {
  const number = h("span", { className: "gq-of", textContent: `${i + 1}` });
  const legend = h("legend", {}, number, h("span", { className: "gq-text", innerHTML: q.text }));
  const note = NOTES[q.kind] ? [h("p", { className: "gq-note", textContent: NOTES[q.kind] })] : [];
  const node = h("fieldset", { className: `gq-card gq-${q.kind}` }, legend, ...note, ...nodes);
  node.addEventListener("keydown", e => {
    const { target } = e;
    if (e.key !== "Enter" || !(target instanceof Element)) return;
    if (!target.closest("input, li") || target.closest("button")) return;
    e.preventDefault();
    check.click();
  });
  return node;
}

function paint_verdict(node, part, state) {
  node.hidden = !state.verdict;
  if (!state.verdict) return;
  const [sign, word] = VERDICTS[state.verdict];
  const found = part.judge(state.value);
  const words = over(state) ? part.why || "" : found.unclear || found.hint;
  node.replaceChildren(h("b", { textContent: `${sign} ${word} ` }), h("span", { innerHTML: words || "" }));
}
