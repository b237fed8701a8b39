// The hand that draws: a pointer, or the arrow keys with a crosshair; and the ring that shows how wide its line is.
import { brush, line } from "../draw/canvas.js";
import { h } from "../draw/dom.js";
import { clamp } from "../draw/numbers.js";
import { ARROWS } from "../draw/readable.js";

const HOW =
  "the arrow keys move the pen, with Shift further, Space sets it down and lifts it, Escape lifts it, Control Z takes back";
const OTHER_END = 5; // the button of a pen's rubber

export class Hand {
  down = false; // the pen of the keys
  keys = false; // are the keys in use?
  /** @type {number[] | null} */
  over = null; // where the pointer is
  id = -1;

  constructor(pad, label) {
    this.pad = pad;
    this.page = pad.page;
    const { side } = this.page;
    [this.x, this.y] = [side / 2, side / 2];
    this.glass = h("canvas", { className: "gc-glass", width: side, height: side, "aria-hidden": "true" });
    this.g = brush(this.glass);
    this.tip = h("div", { className: "gc-tip", textContent: "Draw here" });
    this.sheet = h(
      "div",
      { className: "gc-sheet", tabIndex: 0, role: "application" },
      this.page.canvas,
      this.glass,
      this.tip,
    );
    this.sheet.setAttribute("aria-label", `${label}: ${HOW}`);
    const help =
      "Arrow keys move the pen (Shift: further). Space sets it down and lifts it. Ctrl+Z takes back.";
    this.help = h("div", { className: "gc-keys", textContent: help, hidden: true });
    this.hear();
  }

  hear() {
    const { canvas } = this.page;
    canvas.addEventListener("pointerdown", e => this.press(e));
    canvas.addEventListener("pointermove", e => this.move(e));
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, e => {
        if (!this.keys && /** @type {PointerEvent} */ (e).pointerId === this.id) this.page.pen = null;
      });
    canvas.addEventListener("pointerleave", () => {
      this.over = null;
      this.look();
    });
    this.sheet.addEventListener("keydown", e => this.key(e));
    this.sheet.addEventListener("focus", () => this.use_keys(this.sheet.matches(":focus-visible")));
    this.sheet.addEventListener("blur", () => {
      if (this.down) this.page.pen = null;
      this.down = false;
      this.use_keys(false);
    });
  }

  use_keys(on) {
    this.keys = on;
    this.help.hidden = !on;
    this.look();
  }

  spot(e) {
    const r = this.page.canvas.getBoundingClientRect();
    return [
      ((e.clientX - r.left) * this.page.side) / r.width,
      ((e.clientY - r.top) * this.page.side) / r.height,
    ];
  }

  press(e) {
    const { page, pad } = this;
    if (pad.dead || page.pen || (e.button > 0 && e.button !== OTHER_END)) return;
    e.preventDefault();
    this.sheet.focus({ preventScroll: true });
    this.down = false;
    this.id = e.pointerId;
    this.use_keys(false);
    const [x, y] = this.spot(e);
    if (pad.tools.now === "fill") {
      page.fill(clamp(x, 0, page.side - 1), clamp(y, 0, page.side - 1), pad.tools.mirror);
      return;
    }
    page.canvas.setPointerCapture(e.pointerId);
    page.begin(x, y, ...pad.tools.stroke(e.button === OTHER_END));
  }

  move(e) {
    this.over = this.spot(e);
    if (this.page.pen && !this.keys && e.pointerId === this.id) {
      const passed = e.getCoalescedEvents ? e.getCoalescedEvents() : [];
      for (const p of passed.length ? passed : [e]) this.page.line(...this.spot(p));
    }
    this.look();
  }

  key(e) {
    if (this.pad.dead || e.ctrlKey || e.metaKey || e.altKey) return;
    const way = ARROWS[e.key];
    if (way) this.go(way, e.shiftKey);
    else if (e.key === " " || e.key === "Enter") this.press_key();
    else if (e.key === "Escape" && this.down) {
      this.down = false;
      this.page.pen = null;
    } else return;
    e.preventDefault();
    this.use_keys(true);
    const at = v => Math.round((100 * v) / this.page.side);
    const place = `${at(this.x)} percent across, ${at(this.y)} percent down`;
    this.pad.live.textContent = `The pen is ${this.down ? "down" : "up"}, ${place}.`;
  }

  go(way, far) {
    const { side } = this.page;
    const step = (side / 64) * (far ? 5 : 1);
    this.x = clamp(this.x + way[0] * step, 0, side - 1);
    this.y = clamp(this.y + way[1] * step, 0, side - 1);
    if (this.down) this.page.line(this.x, this.y);
  }

  press_key() {
    const { page, pad } = this;
    if (pad.tools.now === "fill") {
      page.fill(this.x, this.y, pad.tools.mirror);
      return;
    }
    this.down = !this.down;
    if (this.down) page.begin(this.x, this.y, ...pad.tools.stroke(false));
    else page.pen = null;
  }

  /** The pen, above the page: a ring as wide as its line, seen on black and on white. */
  look() {
    const { g, page, pad } = this;
    const unit = page.side / 320;
    g.clearRect(0, 0, page.side, page.side);
    this.tip.hidden = !page.blank || page.pen !== null;
    const at = this.keys ? [this.x, this.y] : this.over;
    const { mirror } = pad.tools;
    if (mirror && !pad.dead) this.axis(unit);
    if (!at || pad.dead) return;
    for (const [colour, width] of [
      ["#ffffffd0", 3.4],
      ["#0a73b0", 1.6],
    ])
      for (const x of mirror ? [page.side - at[0], at[0]] : [at[0]])
        this.ring([x, at[1]], Math.max(3, pad.tools.width() / 2), unit, colour, width);
    if (!this.keys || !this.down) return;
    g.fillStyle = "#0a73b0";
    g.beginPath();
    g.arc(at[0], at[1], 2.5 * unit, 0, 7);
    g.fill();
  }

  /** The line between the two sides. */
  axis(unit) {
    const { g, page } = this;
    g.strokeStyle = "#0a73b0a0";
    g.lineWidth = 1.2 * unit;
    g.setLineDash([5 * unit, 5 * unit]);
    line(g, page.side / 2, 0, page.side / 2, page.side);
    g.setLineDash([]);
  }

  ring(at, r, unit, colour, width) {
    const [x, y] = at;
    const { g } = this;
    g.strokeStyle = colour;
    g.lineWidth = width * unit;
    g.beginPath();
    g.arc(x, y, r, 0, 7);
    for (const [u, v] of this.keys ? Object.values(ARROWS) : []) {
      g.moveTo(x + (r + 3 * unit) * u, y + (r + 3 * unit) * v);
      g.lineTo(x + (r + 10 * unit) * u, y + (r + 10 * unit) * v);
    }
    g.stroke();
  }
}
