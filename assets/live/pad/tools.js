// What to draw with.
import { button, group } from "../draw/dom.js";

const STROKE = "M2 12C5 3 7 13 9 8s4-6 5-3";
const TOOLS = {
  // name -> [label, what it does, icon, width in pens]
  pen: ["Pen", "draw with a broad pen", `<path d="${STROKE}" stroke-width="3.6"/>`, 1],
  fine: ["Fine pen", "draw with a fine pen", `<path d="${STROKE}" stroke-width="1.4"/>`, 0.4],
  fill: [
    "Fill",
    "make an area black, or white again",
    '<circle cx="8" cy="8" r="5.6" fill="currentColor" stroke-width="1.6"/>',
    0.4,
  ],
  eraser: [
    "Eraser",
    "draw in white",
    '<path d="M9.4 2.6l4 4-6.8 6.8H4.2L2 11.2zM6.2 5.8l4 4" stroke-width="1.4"/>',
    2,
  ],
};
const icon = path =>
  `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${path}</svg>`;

const MIRROR = `<path d="M8 1.5v13" stroke-width="1.2" stroke-dasharray="2 1.8"/>
  <path d="M5.5 3.5C1 5 5 8 1.8 12.5M10.5 3.5C15 5 11 8 14.2 12.5" stroke-width="1.8"/>`;

export class Tools {
  now = "pen";
  mirror = false; // each stroke on both sides

  /** @param {() => number} pen the width of the broad pen, in points of the page @param {() => void} changed */
  constructor(pen, changed) {
    this.pen = pen;
    this.changed = changed;
    this.buttons = Object.entries(TOOLS).map(([name, [text, title, path]]) => {
      const b = button(`tool-${name}`, "", title, () => this.take(name));
      b.innerHTML = icon(path);
      b.append(String(text));
      return b;
    });
    this.mirroring = button("mirror", "", "draw on both sides of the dashed line", () => this.reflect());
    this.mirroring.innerHTML = icon(MIRROR);
    this.mirroring.append("Mirror");
    this.mirroring.setAttribute("aria-pressed", "false");
    this.node = group("gc-group", "what to draw with", ...this.buttons, this.mirroring);
  }

  reflect() {
    this.mirror = !this.mirror;
    this.mirroring.setAttribute("aria-pressed", String(this.mirror));
    this.changed();
  }

  take(name) {
    this.now = name;
    this.buttons.forEach(
      (b, i) => void b.setAttribute("aria-pressed", String(Object.keys(TOOLS)[i] === name)),
    );
  }

  width(name = this.now) {
    return TOOLS[name][3] * this.pen();
  }

  /** [colour, width, has it a twin] of a stroke; `rubber`: the other end of a pen. */
  stroke(rubber) {
    const white = rubber || this.now === "eraser";
    return [white ? "#fff" : "#000", this.width(rubber ? "eraser" : this.now), this.mirror];
  }
}
