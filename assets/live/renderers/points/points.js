// Points of a game in two dimensions, over D's judgement. Their layers and arrays: nbs/toolbox/points.ipynb
import { FONT, set_text } from "../../draw/canvas.js";
import { short, ticks } from "../../draw/numbers.js";
import { ARROWS } from "../../draw/readable.js";
import { SlowBatch } from "./batch.js";
import { Board } from "./board.js";
import { Legend } from "./legend.js";
import { Look } from "./look.js";
import { arrows, both_kinds, circles, Surface } from "./marks.js";
import { Sketch } from "./sketch.js";
import { warp } from "./warp.js";

const HOW =
  "the arrow keys go from generated point to generated point, with Shift further, Home to the first, Escape leaves";

class Points {
  slow = false;

  /** @param {import("../../types.js").Spec} spec @param {import("../../types.js").Host} host */
  constructor(spec, host) {
    this.host = host;
    this.board = new Board(spec, host);
    this.judged = new Surface(this.board, spec.side);
    this.best = new Surface(this.board, spec.side);
    this.batch = new SlowBatch(this.board);
    this.look = new Look(this.board);
    this.sketch = new Sketch(this.board, this.look.say);
    this.legend = new Legend();
    const { cell, maps, canvas } = this.board;
    cell.setAttribute("aria-label", `${spec.title}: ${HOW}`);
    cell.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own, while the picture has the keys
    cell.append(this.look.tip, this.look.say);
    this.canvas = canvas;
    this.nodes = [maps, this.sketch.hint, this.legend.node];
    this.hear_pointer();
    this.hear_keys();
  }

  take(arrays, full, header) {
    if (full) this.board.arrays = {};
    Object.assign(this.board.arrays, arrays);
    this.batch.take(header?.moment || null);
  }

  draw() {
    const { board } = this;
    const { g, on, get } = board;
    board.fit();
    g.clearRect(0, 0, board.wide, board.high);
    board.clipped(g, () => this.picture());
    this.axes(g, "D as it is now");
    if (on("best") && get("best").length) this.ideal();
    this.look.draw(this.sketch.on);
    this.legend.name(board, this.sketch.on);
  }

  picture() {
    const { board, batch } = this;
    const { g, on, get } = board;
    const sketching = this.sketch.on;
    const slow = batch.on;
    if (on("surface")) {
      g.fillStyle = "#fff";
      g.fillRect(board.left, board.top, board.w, board.tall);
      if (get("surface").length) this.judged.draw(g, get("surface"), sketching ? 0.35 : 1);
    }
    if (on("grid")) warp(board, sketching ? 0.3 : slow ? 0.45 : 1);
    const real = on("real") && !sketching ? get("real") : [];
    both_kinds(board, g, real, on("fake") ? get("fake") : [], this.strength(slow), false);
    if (on("marked") && !sketching) circles(board, get("marked"));
    if (sketching) this.sketch.draw();
    else if (slow) batch.draw();
    else if (on("arrows")) arrows(board, get("fake"), get("pull"));
  }

  /** How strong the points of the background are. */
  strength(slow) {
    if (this.sketch.on) return 0.39;
    if (slow) return 0.21;
    return this.board.paper() ? 0.85 : 1;
  }

  ideal() {
    const { board } = this;
    const { ideal_g, on, get } = board;
    ideal_g.clearRect(0, 0, board.wide, board.high);
    board.clipped(ideal_g, () => {
      this.best.draw(ideal_g, get("best"), 1);
      both_kinds(board, ideal_g, on("real") ? get("real") : [], on("fake") ? get("fake") : [], 0.3, false);
    });
    this.axes(ideal_g, "the best D for these two laws");
  }

  axes(g, title) {
    const { board } = this;
    const { left, top, w, tall, wide } = board;
    const { ink } = this.host;
    const [x0, x1, y0, y1] = board.limits;
    g.strokeStyle = ink(0.35);
    g.lineWidth = 1;
    g.strokeRect(left, top, w, tall);
    set_text(g, "center", "top", ink(0.85));
    for (const v of ticks(x0, x1)) g.fillText(short(v), board.X(v), top + tall + 4);
    if (board.on("best")) {
      set_text(g, "center", "bottom", ink(0.85), "600 12px system-ui, sans-serif");
      g.fillText(title, wide / 2, top - 4, wide - 4);
    }
    set_text(g, "right", "middle", ink(0.85), FONT);
    for (const v of ticks(y0, y1)) g.fillText(short(v), left - 4, board.Y(v));
  }

  hear_pointer() {
    const { canvas, cell } = this.board;
    const { sketch, look } = this;
    canvas.addEventListener("pointerdown", e => {
      if (!sketch.on || e.button > 0 || sketch.trail) return;
      e.preventDefault();
      cell.focus({ preventScroll: true });
      canvas.setPointerCapture(e.pointerId);
      sketch.begin(e);
    });
    canvas.addEventListener("pointermove", e => {
      if (sketch.on) sketch.move(e);
      else if (e.pointerType !== "touch") look.point(e); // a finger scrolls; its tap is a click
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => sketch.end());
    canvas.addEventListener("click", e => {
      if (!sketch.on) look.point(e); // a tap
    });
    canvas.addEventListener("pointerleave", () => {
      if (!sketch.on && !cell.matches(":focus-visible")) look.leave();
    });
  }

  hear_keys() {
    const { cell } = this.board;
    const { sketch, look } = this;
    cell.addEventListener("keydown", e => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.key === "Tab") return;
      e.stopPropagation(); // else JupyterLab takes the keys for commands
      const hand = sketch.on ? sketch : look;
      if (hand.key(e.key, ARROWS[e.key], e.shiftKey)) e.preventDefault();
    });
    cell.addEventListener("focus", () => {
      if (!sketch.on || !cell.matches(":focus-visible")) return;
      sketch.keys = true;
      this.host.redraw();
    });
    cell.addEventListener("blur", () => {
      if (!sketch.on) {
        look.leave();
        return;
      }
      sketch.keys = false;
      this.host.redraw();
    });
  }

  drawing(wanted, done, points) {
    const { sketch, board } = this;
    if (wanted) {
      sketch.open(done, points, board.cell.matches(":focus-visible"));
      this.look.leave();
    } else sketch.close();
    sketch.hint.hidden = !wanted;
    board.canvas.style.touchAction = wanted ? "none" : "";
    board.canvas.style.cursor = wanted ? "crosshair" : "";
    this.host.redraw();
  }

  clear() {
    this.sketch.clear();
    this.host.redraw();
  }
}

export const points = (spec, host) => new Points(spec, host);
