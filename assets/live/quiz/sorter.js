// Items to be put in order.
import { h } from "../draw/dom.js";
import { over } from "./state.js";

/** Its value: the numbers of the items, from first to last. */
export function sorter(q, name, change) {
  const list = h("ol", { className: "gq-items" });
  let now = [];
  const move = (k, way) => {
    const at = now.indexOf(k);
    const to = at + way;
    const here = document.activeElement;
    if (list.dataset.over || to < 0 || to >= now.length) return;
    const next = [...now];
    [next[at], next[to]] = [next[to], next[at]];
    change(next, `Place ${to + 1} of ${now.length}.`);
    if (here instanceof HTMLElement && rows[k].contains(here)) here.focus(); // the focus travels with the item
  };
  const rows = q.items.map((item, k) => item_row(item, `${name}-${k}`, way => move(k, way)));
  const paint = state => {
    if (now.join() !== state.value.join()) list.append(...state.value.map(k => rows[k]));
    now = state.value;
    if (over(state)) list.dataset.over = "true";
    else delete list.dataset.over;
    now.forEach((k, at) => void paint_item(rows[k], at, now.length, over(state)));
  };
  const judge = value => judge_order(q.right, value);
  return { nodes: [list], start: q.items.map((_, k) => k), answer: q.right, why: q.why, paint, judge };
}

export function judge_order(right, value) {
  const n = value.filter((k, at) => k === right[at]).length;
  const hint = `${n} of ${value.length} stand${n === 1 ? "s" : ""} at the right place.`;
  return { right: n === value.length, hint: n ? hint : "None stands at the right place yet." };
}

/** The first can't go up, the last not down; not disabled: that would lose the focus. */
function paint_item(row, at, n, done) {
  row.querySelectorAll("button").forEach((b, down) => {
    b.setAttribute("aria-disabled", String(done || at === (down ? n - 1 : 0)));
    b.hidden = done;
  });
}

function item_row(item, id, move) {
  const text = h("span", { className: "gq-item", id, innerHTML: item });
  const arrow = (way, sign, word) => {
    const about = { title: `${word} (arrow keys)`, onclick: () => move(way), "aria-label": word };
    const b = h("button", {
      type: "button",
      id: `${id}-${word}`,
      className: `gq-${word}`,
      textContent: sign,
      ...about,
    });
    b.setAttribute("aria-labelledby", `${b.id} ${id}`);
    return b;
  };
  const row = h(
    "li",
    { tabIndex: -1 },
    h("div", { className: "gq-row" }, text, arrow(-1, "↑", "up"), arrow(1, "↓", "down")),
  );
  row.addEventListener("keydown", e => {
    const way = { ArrowUp: -1, ArrowDown: 1 }[e.key];
    if (!way || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    move(way);
  });
  return row;
}
