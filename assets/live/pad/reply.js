// The answer: a picture, or what went wrong.
import { brush } from "../draw/canvas.js";
import { h } from "../draw/dom.js";
import { as_image } from "./page.js";

const PAUSE = 600; // milliseconds without an answer until it is described: not at every stroke

export class Reply {
  quietly = 0;
  error = h("div", { className: "gc-error", role: "alert" });
  trace = h("pre", { tabIndex: 0 });

  constructor(label, size) {
    this.label = label;
    this.canvas = h("canvas", { className: "gc-reply", role: "img", width: size, height: size });
    this.canvas.setAttribute("aria-label", `${label}: none yet`);
    const summary = h("summary", { textContent: "where it happened" });
    this.details = h("details", { className: "gc-details", hidden: true }, summary, this.trace);
  }

  show(bytes, { shape, words }) {
    const [c, tall, wide] = shape;
    this.canvas.width = wide;
    this.canvas.height = tall;
    brush(this.canvas).putImageData(as_image(bytes, wide, tall, c), 0, 0);
    this.canvas.classList.remove("gc-old");
    this.error.textContent = "";
    this.details.hidden = true;
    clearTimeout(this.quietly);
    const alt = `${this.label}, ${wide} by ${tall} pixels, ${words}`;
    this.quietly = Number(setTimeout(() => this.canvas.setAttribute("aria-label", alt), PAUSE));
  }

  wrong({ text, details }) {
    this.canvas.classList.add("gc-old");
    this.error.textContent = text;
    this.trace.textContent = details;
    this.details.hidden = false;
  }

  end() {
    clearTimeout(this.quietly);
  }
}
