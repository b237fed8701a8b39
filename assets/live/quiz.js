// The browser side of gancourse.quiz, joined behind base.js. It judges by itself: a learner answers while the kernel computes a lesson.
// `given`, one object a question, is all that changes; every view of a quiz is painted from it. What is in it: nbs/toolbox/quiz.ipynb
const UNTOUCHED = { tried: [], tries: 0, verdict: "" }; // tried: wrong options that were chosen in a check; verdict: "", unclear, wrong, right or shown
const VERDICTS = { right: ["✓", "Right."], wrong: ["✗", "Not yet."], shown: ["→", "The answer."], unclear: ["!", ""] };
const over = state => state.verdict === "right" || state.verdict === "shown";
const plural = (n, one, many) => n === 1 ? one : many.replace("#", n);

// Each kind makes its part of a card: {nodes, start, answer, paint(state), judge(value) -> {right, unclear, hint, tried}}
const KINDS = { single: choice, multiple: choice, number: entry, order: sorter };

function choice(q, name, change) { // value: the numbers of the chosen options
  const right = q.options.flatMap((option, k) => option.right ? [k] : []);
  const rows = q.options.map((option, k) => option_row(q, option, `${name}-${k}`, name));
  const chosen = () => rows.flatMap((row, k) => row.input.checked ? [k] : []);
  for (const { input } of rows) input.onchange = () => change(chosen());
  const paint = state => rows.forEach((row, k) => paint_row(row, k, q.options[k].right, state));
  const judge = value => {
    const wrong = value.filter(k => !right.includes(k)), missing = right.filter(k => !value.includes(k)).length;
    if (!value.length) return { unclear: "Choose something first." };
    return { right: !wrong.length && !missing, tried: wrong, hint: q.kind === "single" ? "Try another one." : ticks_hint(wrong.length, missing) };
  };
  return { nodes: [h("div", { className: "gq-options" }, ...rows.map(row => row.node))], start: [], answer: right, paint, judge };
}

function option_row(q, option, id, name) {
  const input = h("input", { type: q.kind === "single" ? "radio" : "checkbox", name, id });
  const why = h("p", { className: "gq-why", id: `${id}-why`, hidden: true }, reason(option));
  const node = h("div", { className: "gq-option" }, input, h("label", { htmlFor: id, innerHTML: option.text }), why);
  input.addEventListener("click", e => { if (node.dataset.over) e.preventDefault(); }); // it keeps its focus and its colour, and stays as it is
  return { input, why, node };
}

function reason(option) { // "✓ Right. Because ..."
  const word = h("b", { className: option.right ? "gq-yes" : "gq-no", textContent: option.right ? "✓ Right. " : "✗ Wrong. " });
  return h("span", {}, word, h("span", { innerHTML: option.why }));
}

function paint_row({ input, why, node }, k, right, state) {
  const told = over(state) || state.tried.includes(k);
  input.checked = state.value.includes(k);
  why.hidden = !told;
  node.classList.toggle("gq-no", told && !right && state.tried.includes(k));
  node.classList.toggle("gq-yes", told && right);
  over(state) ? node.dataset.over = "true" : delete node.dataset.over;
  for (const [attribute, value] of [["aria-describedby", told && why.id], ["aria-disabled", over(state) && "true"]])
    value ? input.setAttribute(attribute, value) : input.removeAttribute(attribute);
}

function ticks_hint(wrong, missing) {
  const extra = wrong ? plural(wrong, "One of your choices is wrong.", "# of your choices are wrong.") : "So far so good.";
  return missing ? `${extra} ${plural(missing, "A right one is still missing.", "# right ones are still missing.")}` : extra;
}

const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;
function number_in(text, unit = "") { // 0.5, .5, 0,5, -1e-3, 1/2, with or without the unit; else NaN
  let t = text.trim().replace(/[−–]/g, "-");
  if (unit && t.endsWith(unit)) t = t.slice(0, -unit.length).trim();
  const parts = t.split("/").map(part => NUMBER.test(part.trim()) ? Number(part.trim().replace(",", ".")) : NaN);
  const x = parts.length === 1 ? parts[0] : parts.length === 2 ? parts[0] / parts[1] : NaN;
  return Number.isFinite(x) ? x : NaN;
}

function entry(q, name, change) { // value: the text in the field
  const field = h("input", { type: "text", inputMode: "decimal", className: "gq-field", id: `${name}-number`, autocomplete: "off", size: 12, oninput: () => change(field.value) });
  const label = h("label", { htmlFor: field.id, textContent: "Your number" }), unit = h("span", { className: "gq-unit", id: `${name}-unit`, innerHTML: q.unit });
  if (q.unit) field.setAttribute("aria-describedby", unit.id);
  const paint = state => {
    if (field.value !== state.value) field.value = state.value;
    field.readOnly = over(state);
    state.verdict === "wrong" || state.verdict === "unclear" ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
  };
  return { nodes: [h("div", { className: "gq-entry" }, label, field, unit)], start: "", answer: q.shown, why: q.why, paint, judge: text => judge_number(q, text) };
}

function judge_number(q, text) {
  const x = number_in(text, q.plain_unit), near = y => Math.abs(x - y) <= q.tolerance + 1e-9 * Math.abs(y);
  if (!text.trim()) return { unclear: "Write a number first." };
  if (Number.isNaN(x)) return { unclear: "That is not a number. Write it like 0.5, 1/2 or 1e-3." };
  if (near(q.answer)) return { right: true, hint: "" };
  const slip = q.slips.filter(s => near(s.value)).sort((a, b) => Math.abs(a.value - x) - Math.abs(b.value - x))[0];
  const read = /[,/]/.test(text) ? `That is ${+x.toPrecision(6)}. ` : "";
  if (slip) return { right: false, hint: read + slip.why };
  if (q.answer && near(-q.answer)) return { right: false, hint: `${read}The size is right, the sign is not.` };
  return { right: false, hint: `${read}Your number is too ${x < q.answer ? "small" : "large"}.` };
}

function sorter(q, name, change) { // value: the numbers of the items, from first to last
  const list = h("ol", { className: "gq-items" });
  let now = [];
  const move = (k, way) => {
    const at = now.indexOf(k), to = at + way, next = [...now], here = document.activeElement;
    if (list.dataset.over || to < 0 || to >= now.length) return;
    [next[at], next[to]] = [next[to], next[at]];
    change(next, `Place ${to + 1} of ${now.length}.`);
    if (rows[k].contains(here)) here.focus(); // the focus travels with the item
  };
  const rows = q.items.map((item, k) => item_row(item, `${name}-${k}`, way => move(k, way)));
  const paint = state => {
    if (now.join() !== state.value.join()) list.append(...state.value.map(k => rows[k]));
    now = state.value;
    over(state) ? list.dataset.over = "true" : delete list.dataset.over;
    now.forEach((k, at) => rows[k].querySelectorAll("button").forEach((b, down) => { // not disabled: that would lose the focus
      b.setAttribute("aria-disabled", over(state) || at === (down ? now.length - 1 : 0));
      b.hidden = over(state);
    }));
  };
  const judge = value => {
    const right = value.filter((k, at) => k === q.right[at]).length;
    return { right: right === value.length, hint: right ? `${right} of ${value.length} stand${right === 1 ? "s" : ""} at the right place.` : "None stands at the right place yet." };
  };
  return { nodes: [list], start: q.items.map((_, k) => k), answer: q.right, why: q.why, paint, judge };
}

function item_row(item, id, move) {
  const text = h("span", { className: "gq-item", id, innerHTML: item });
  const button = (way, sign, word) => {
    const b = h("button", { type: "button", id: `${id}-${word}`, className: `gq-${word}`, textContent: sign, title: `${word} (arrow keys)`, onclick: () => move(way) });
    b.setAttribute("aria-label", word);
    b.setAttribute("aria-labelledby", `${b.id} ${id}`);
    return b;
  };
  const row = h("li", { tabIndex: -1 }, h("div", { className: "gq-row" }, text, button(-1, "↑", "up"), button(1, "↓", "down")));
  row.addEventListener("keydown", e => {
    const way = { ArrowUp: -1, ArrowDown: 1 }[e.key];
    if (way && !e.ctrlKey && !e.metaKey && !e.altKey) { e.preventDefault(); move(way); }
  });
  return row;
}

function card(q, i, name, act) { // one question: act(patch, words to say, is it an answer)
  let state;
  const note = { single: "", multiple: "Choose all that are right.", number: "", order: "Put them in order with the arrows, the first one on top." }[q.kind];
  const part = KINDS[q.kind](q, name, (value, words = "") => act({ value, verdict: "" }, words, false));
  const verdict = h("p", { className: "gq-verdict", tabIndex: -1, hidden: true });
  const button = (name, textContent, onclick) => h("button", { type: "button", className: `gq-${name}`, textContent, onclick });
  const check = button("check", "Check", () => decide(judged(part, state))), show = button("show", "Show the answer", () => decide({ value: part.answer, verdict: "shown" }));
  const decide = patch => {
    if (over(state)) return;
    act(patch, "", true);
    if (over(state)) verdict.focus({ preventScroll: true }); // the buttons are gone
  };
  const legend = h("legend", {}, h("span", { className: "gq-of", textContent: `${i + 1}` }), h("span", { className: "gq-text", innerHTML: q.text }));
  const node = h("fieldset", { className: `gq-card gq-${q.kind}` }, legend, ...note ? [h("p", { className: "gq-note", textContent: note })] : [], ...part.nodes,
    h("div", { className: "gq-buttons" }, check, show), verdict);
  node.addEventListener("keydown", e => { if (e.key === "Enter" && e.target.closest("input, li") && !e.target.closest("button")) { e.preventDefault(); check.click(); } });
  const paint = given => {
    state = { ...UNTOUCHED, value: part.start, ...given };
    part.paint(state);
    check.parentNode.hidden = over(state);
    show.hidden = !state.tries;
    node.dataset.verdict = state.verdict;
    paint_verdict(verdict, part, state);
  };
  const words = () => [verdict, ...node.querySelectorAll(".gq-why")].filter(n => !n.hidden).map(n => n.textContent).join(" ");
  return { node, paint, words, state: () => state };
}

function judged(part, state) { // the state after a press on Check
  const found = part.judge(state.value);
  if (found.unclear) return { verdict: "unclear" };
  return { verdict: found.right ? "right" : "wrong", tries: state.tries + 1, tried: [...new Set([...state.tried, ...found.tried || []])] };
}

function paint_verdict(node, part, state) {
  node.hidden = !state.verdict;
  if (!state.verdict) return;
  const [sign, word] = VERDICTS[state.verdict], found = part.judge(state.value);
  const words = over(state) ? part.why || "" : found.unclear || found.hint;
  node.replaceChildren(h("b", { textContent: `${sign} ${word} ` }), h("span", { innerHTML: words || "" }));
}

function render({ model, el }) {
  const questions = model.get("questions"), name = `gq${Math.random().toString(36).slice(2)}`;
  el.classList.add("gancourse-quiz");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys, while the quiz has them
  el.addEventListener("keydown", e => e.stopPropagation());

  const save = () => { try { model.save_changes(); } catch { /* the kernel is gone; the quiz needs none */ } };
  const state_of = i => (model.get("given") || [])[i] || {};
  const put = (i, patch) => model.set("given", questions.map((_, k) => k === i ? { ...cards[i].state(), ...patch } : state_of(k)));
  const cards = questions.map((q, i) => card(q, i, `${name}-${i}`, (patch, words, answered) => {
    put(i, patch);
    if (answered) save();
    say(words || (answered ? cards[i].words() : ""));
  }));
  const live = h("div", { className: "gq-live", role: "status" }), count = h("p", { className: "gq-count", role: "status" });
  const say = words => { live.textContent = words; };
  const title = h("div", { className: "gq-title", role: "heading", ariaLevel: "3", tabIndex: -1, textContent: model.get("title") });
  const again = h("button", { type: "button", className: "gq-again", textContent: "Start over", onclick: () => { model.set("given", []); save(); title.focus(); } });
  const paint = () => {
    cards.forEach((c, i) => c.paint(state_of(i)));
    const right = cards.filter(c => c.state().verdict === "right").length, text = `${right} of ${cards.length} right`;
    if (count.textContent !== text) count.textContent = text;
    again.hidden = !cards.some(c => c.state().tries);
    el.dataset.right = right;
  };
  el.append(title, h("p", { className: "gq-intro", textContent: model.get("intro") }), ...cards.map(c => c.node), h("div", { className: "gq-foot" }, count, again), live);
  paint();
  model.on("change:given", paint);
  return () => model.off("change:given", paint);
}

export default { render };
