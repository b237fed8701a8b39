// The quiz in the browser. It judges by itself: a learner answers while the kernel computes a lesson.
// `given`, one object a question, is all that changes; every view of a quiz is painted from it.
import { h } from "../draw/dom.js";
import { card } from "./card.js";

class QuizView {
  live = h("div", { className: "gq-live", role: "status" });
  count = h("p", { className: "gq-count", role: "status" });

  /** @param {import("../types.js").Model} model */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    const name = `gq${Math.random().toString(36).slice(2)}`;
    this.cards = model
      .get("questions")
      .map((q, i) =>
        card(q, i, `${name}-${i}`, (patch, words, answered) => this.act(i, patch, words, answered)),
      );
    const heading = { role: "heading", ariaLevel: "3", tabIndex: -1 };
    this.title = h("div", { className: "gq-title", ...heading, textContent: model.get("title") });
    this.again = h("button", { type: "button", className: "gq-again", textContent: "Start over" });
    this.again.onclick = () => this.restart();
    el.classList.add("gancourse-quiz");
    el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys, while the quiz has them
    el.addEventListener("keydown", e => e.stopPropagation());
    const intro = h("p", { className: "gq-intro", textContent: model.get("intro") });
    const foot = h("div", { className: "gq-foot" }, this.count, this.again);
    el.append(this.title, intro, ...this.cards.map(c => c.node), foot, this.live);
  }

  save() {
    try {
      this.model.save_changes();
    } catch {
      // the kernel is gone; the quiz needs none
    }
  }

  given(i) {
    return (this.model.get("given") || [])[i] || {};
  }

  act(i, patch, words, answered) {
    const given = this.cards.map((c, k) => (k === i ? { ...c.state(), ...patch } : this.given(k)));
    this.model.set("given", given);
    if (answered) this.save();
    this.live.textContent = words || (answered ? this.cards[i].words() : "");
  }

  restart() {
    this.model.set("given", []);
    this.save();
    this.title.focus();
  }

  paint = () => {
    this.cards.forEach((c, i) => void c.paint(this.given(i)));
    const right = this.cards.filter(c => c.state().verdict === "right").length;
    const text = `${right} of ${this.cards.length} right`;
    if (this.count.textContent !== text) this.count.textContent = text;
    this.again.hidden = !this.cards.some(c => c.state().tries);
    this.el.dataset.right = String(right);
  };
}

function render({ model, el }) {
  const view = new QuizView(model, el);
  view.paint();
  model.on("change:given", view.paint);
  return () => model.off("change:given", view.paint);
}

export default { render };
