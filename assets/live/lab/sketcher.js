// "Draw your own": hands the picture to whoever draws, and what was drawn to the kernel.
import { button } from "../draw/dom.js";

export class Sketcher {
  on = false;
  canvas = undefined; // the panel that is drawn on

  constructor(lab) {
    this.lab = lab;
    this.button = button("draw", "Draw your own", "draw the data with mouse, finger or keys", () =>
      this.open(!this.on),
    );
    this.clear = button("clear", "Clear drawing", "start the drawing anew", () => this.panel()?.clear());
    this.clear.hidden = this.button.hidden = true;
  }

  panel() {
    return this.lab.panels.list.find(p => p.drawing);
  }

  open(on) {
    const panel = this.panel();
    if (!panel) return;
    this.on = on;
    this.canvas = panel;
    this.clear.hidden = !on;
    this.button.setAttribute("aria-pressed", String(on));
    this.button.textContent = on ? "Done drawing" : "Draw your own";
    const hand = points => points.length && this.lab.click("change", "drawing", points);
    panel.drawing(on, hand, this.lab.model.get("values").drawing);
    for (const s of this.lab.settings) s.pull();
  }

  /** The panels are others now. */
  furnish() {
    this.button.hidden = !(this.panel() && this.lab.settings.some(s => s.name === "data"));
    if (this.on && this.panel() && this.panel() !== this.canvas) this.open(true);
  }
}
