// The row of buttons: play, step, undo, reset, and what else there is room for; the rest is under "More".
import { button, group, h } from "../draw/dom.js";

const ROOM = 860; // pixels in which all moves have their place in the row

export class Bar {
  constructor({ model, click, touched }, opener, files, sketcher) {
    this.model = model;
    this.touched = touched;
    this.play = button("play", "Start", "play and pause", () => click(this.running ? "pause" : "start"));
    this.step = button("step", "Step", "", () => click("step", 1));
    this.undo = button("undo", "Undo", "take back the last press that changed the game", () => click("undo"));
    this.reset = button("reset", "Reset", "back to the first parameters; the settings stay", () =>
      click("reset"),
    );
    this.slow = h("input", {
      type: "checkbox",
      className: "gc-slow",
      onchange: () => click("slow", this.slow.checked),
    });
    this.epoch = button("epoch", "Epoch", "", () => click("epoch"));
    const names = Object.keys(model.get("rates"));
    this.only = names.map(name =>
      button(`only-${name}`, `${name} only`, `${name} moves, nobody else`, () => click("only", name)),
    );
    const only = names.length > 1 ? this.only : [];
    this.moves = h("span", { className: "gc-moves" }, ...only, this.epoch, sketcher.button);
    this.menu = h("div", { className: "gc-menu" }, files);
    this.more = h("details", { className: "gc-more" }, h("summary", { textContent: "More" }), this.menu);
    this.slowly = h("label", { className: "gc-check" }, this.slow, "Slow motion");
    const main = [this.play, this.step, this.undo, this.reset];
    this.node = group("gc-bar gc-transport", "play", ...main, this.slowly, this.moves, opener, this.more);
    this.fold();
  }

  get running() {
    return ["running", "stepping"].includes(this.model.get("status"));
  }

  /** The menu closes when something in it, or anything outside, is pressed. */
  fold() {
    this.more.addEventListener("keydown", e => {
      if (e.key !== "Escape" || !this.more.open) return;
      this.more.open = false;
      this.more.querySelector("summary")?.focus();
    });
    this.menu.addEventListener("click", () => {
      if (this.menu.contains(document.activeElement)) this.more.querySelector("summary")?.focus();
      this.more.open = false;
    });
    document.addEventListener("pointerdown", this.outside);
  }

  outside = e => {
    if (!this.more.contains(e.target)) this.more.open = false;
  };

  end() {
    document.removeEventListener("pointerdown", this.outside);
  }

  /** The moves stand in the row, or under "More" where it is too narrow. */
  fit(width) {
    const home = width >= ROOM ? this.node : this.menu;
    if (this.moves.parentNode === home) return;
    if (home === this.node) this.more.previousElementSibling?.before(this.moves);
    else this.menu.prepend(this.moves);
  }

  pull() {
    const { model } = this;
    const slow = model.get("slow");
    const epoch = model.get("epoch");
    this.play.textContent = this.running ? "Pause" : "Start";
    this.step.title = slow ? "play exactly one moment of a step" : "play exactly one step";
    this.epoch.textContent = epoch ? "Epoch" : "100 steps";
    this.epoch.title = epoch
      ? `one pass over the data: ${epoch} steps`
      : "these data never end: play 100 steps";
    this.undo.setAttribute("aria-disabled", String(!model.get("undos")));
    this.touched.follow(this.slow, "checked", slow);
    this.slowly.hidden = model.get("story") === false; // this game has nothing to tell
    for (const b of [this.play, this.step, this.epoch, this.undo, this.reset, ...this.only])
      b.disabled = model.get("status") === "stopped";
  }
}
