// Pictures whose values can be read with the pointer or the arrow keys.
import { h, whisper } from "./dom.js";
import { clamp } from "./numbers.js";

export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * `frame()` is the plot: [left, top, right, bottom]; `step()` is how far one press of an arrow goes;
 * `changed()` draws anew and returns what to say. `spot` is null or {x, y}.
 */
export class Probe {
  constructor(canvas, title, { frame, step, changed }) {
    this.canvas = canvas;
    this.frame = frame;
    this.step = step;
    this.changed = changed;
    /** @type {{x: number, y: number} | null} */
    this.spot = null;
    this.said = whisper("gc-said"); // what the keys have found
    this.node = h("div", { className: "gc-read", tabIndex: 0, role: "group" }, canvas, this.said);
    this.node.setAttribute("aria-label", `${title}: read values with the arrow keys`);
    canvas.style.touchAction = "pan-y"; // a finger reads sideways and scrolls up and down
    canvas.onpointermove = canvas.onpointerdown = e => this.point(e);
    canvas.onpointerleave = this.node.onblur = () => this.clear();
    this.node.onkeydown = e => this.key(e);
  }

  put(x, y) {
    const [l, t, r, b] = this.frame();
    this.spot = { x: clamp(x, l, r - 1e-6), y: clamp(y, t, b - 1e-6) };
    return this.changed();
  }

  clear() {
    if (!this.spot) return;
    this.spot = null;
    this.changed();
  }

  point(e) {
    const box = this.canvas.getBoundingClientRect();
    const zoom = this.canvas.clientWidth / box.width;
    this.put((e.clientX - box.left) * zoom, (e.clientY - box.top) * zoom);
  }

  key(e) {
    const way = ARROWS[e.key];
    const leave = e.key === "Escape" && this.spot;
    if (!(way || leave) || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation(); // else JupyterLab goes to the next cell
    if (leave) {
      this.said.textContent = "";
      this.clear();
      return;
    }
    const [l, t, r, b] = this.frame();
    const [dx, dy] = this.step();
    const { x, y } = this.spot || { x: (l + r - dx) / 2, y: (t + b - dy) / 2 };
    this.said.textContent = this.put(x + dx * way[0], y + dy * way[1]);
  }
}
