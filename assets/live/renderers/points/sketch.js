// Draw your own data: with mouse, finger, or the keys.
import { REAL } from "../../draw/colours.js";
import { h } from "../../draw/dom.js";
import { clamp } from "../../draw/numbers.js";
import { ARROWS } from "../../draw/readable.js";
import { tuple } from "./look.js";
import { dots } from "./marks.js";

const MOST = 200; // points of a drawing
const SPACING = 0.1; // from point to point of a stroke

export class Sketch {
  on = false;
  keys = false; // is the crosshair in use?
  /** @type {number[] | null} the last point of a stroke */
  trail = null;
  cross = [0, 0];
  /** @type {number[][]} */
  drawn = [];
  done = _points => {};

  constructor(board, say) {
    this.board = board;
    this.say = say;
    this.hint = h("div", { className: "gc-hint", hidden: true });
  }

  /** Strokes and keys add points, and `done` gets all of them after each; `points`: to go on with. */
  open(done, points, keys) {
    const [x0, x1, y0, y1] = this.board.limits;
    this.on = true;
    this.done = done;
    this.keys = keys;
    this.trail = null;
    this.cross = [(x0 + x1) / 2, (y0 + y1) / 2];
    if (points) this.drawn = points.map(p => [...p]).slice(0, MOST);
    this.count();
  }

  close() {
    this.on = false;
    this.trail = null;
  }

  clear() {
    this.drawn = [];
    if (this.on) this.count();
  }

  count() {
    const { length } = this.drawn;
    this.hint.textContent = `Draw with mouse, finger, or arrow keys and space. ${length} of ${MOST} points${length >= MOST ? ": full" : ""}`;
  }

  hand() {
    this.done(this.drawn.map(p => [...p]));
  }

  put(x, y) {
    if (this.drawn.length >= MOST || !this.board.inside(x, y)) return false;
    this.drawn.push([+x.toFixed(2), +y.toFixed(2)]);
    this.count();
    this.board.host.redraw();
    return true;
  }

  begin(e) {
    this.keys = false;
    const [x, y] = this.board.spot(e);
    this.trail = [x, y];
    this.put(x, y);
  }

  /** Points all the way from the last one, however fast the hand is. */
  stroke(x, y) {
    const [px, py] = this.trail || [x, y];
    const way = Math.hypot(x - px, y - py);
    const steps = Math.floor(way / SPACING + 1e-9);
    const at = i => [px + ((x - px) * i * SPACING) / way, py + ((y - py) * i * SPACING) / way];
    for (let i = 1; i <= steps; i++) this.put(...at(i));
    if (steps) this.trail = at(steps);
  }

  move(e) {
    if (!this.trail) return;
    const passed = e.getCoalescedEvents ? e.getCoalescedEvents() : [];
    for (const p of passed.length ? passed : [e]) this.stroke(...this.board.spot(p));
  }

  end() {
    if (!this.trail) return;
    this.trail = null;
    this.hand();
  }

  key(key, way, far) {
    const [x0, x1, y0, y1] = this.board.limits;
    const step = ((x1 - x0) / 60) * (far ? 5 : 1);
    const [x, y] = this.cross;
    if (way) this.cross = [clamp(x + way[0] * step, x0, x1), clamp(y - way[1] * step, y0, y1)];
    else if (key === " " || key === "Enter") {
      if (this.keys && this.put(x, y)) this.hand();
    } else if (key === "Backspace" || key === "Delete") {
      if (this.drawn.pop()) {
        this.count();
        this.hand();
      }
    } else return false;
    this.keys = true;
    this.say.textContent = `${tuple(this.cross, 0, 2)}, ${this.drawn.length} points`;
    this.board.host.redraw();
    return true;
  }

  draw() {
    const { board } = this;
    const { g, left, top, w, tall } = board;
    g.strokeStyle = board.pen(0.75);
    g.lineWidth = 2;
    g.setLineDash([7, 5]);
    g.strokeRect(left + 1, top + 1, w - 2, tall - 2);
    g.setLineDash([]);
    dots(board, g, this.drawn.flat(), 3);
    g.strokeStyle = board.halo(0.9);
    g.lineWidth = 1.5;
    g.stroke();
    g.fillStyle = REAL;
    g.fill();
    if (this.keys) this.crosshair();
  }

  crosshair() {
    const { board } = this;
    const { g } = board;
    const [x, y] = [board.X(this.cross[0]), board.Y(this.cross[1])];
    g.beginPath();
    g.arc(x, y, 7, 0, 7);
    for (const [u, v] of Object.values(ARROWS)) {
      g.moveTo(x + 7 * u, y + 7 * v); // the middle stays free for the point
      g.lineTo(x + 14 * u, y + 14 * v);
    }
    board.outline(g, board.halo(0.9), 4, board.pen(1), 1.5);
  }
}
