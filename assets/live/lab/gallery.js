// Games to choose from, each with a question and, folded, what to look for.
import { button, group, h } from "../draw/dom.js";

export class Gallery {
  question = h("p");
  answer = h("p");

  constructor({ model, click }) {
    this.model = model;
    this.buttons = model
      .get("gallery")
      .map((e, k) => button("example", e.title, "start this game", () => click("choose", k)));
    this.fold = h("details", {}, h("summary", { textContent: "What to look for" }), this.answer);
    this.row = h("div", { className: "gc-bar" }, ...this.buttons);
    this.node = group("gc-gallery", "games to try", this.row, this.question, this.fold);
    this.node.hidden = !this.buttons.length;
  }

  pull() {
    const k = this.model.get("chosen");
    const example = this.model.get("gallery")[k];
    if (this.question.textContent === (example?.question ?? "")) return;
    this.question.textContent = example?.question ?? ""; // none: the game is no longer the one that was asked about
    this.answer.textContent = example?.answer ?? "";
    this.fold.hidden = !example;
    this.fold.open = false;
    this.buttons.forEach((b, i) => void b.setAttribute("aria-pressed", String(i === k)));
  }
}
