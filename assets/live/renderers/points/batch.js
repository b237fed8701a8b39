// Slow motion: the batch of this step, part by part.
import { set_text } from "../../draw/canvas.js";
import { PLAYER } from "../../draw/colours.js";
import { arrows, both_kinds, dots, rings } from "./marks.js";

const GLIDE = 600; // milliseconds from where a point was to where it is

export class SlowBatch {
  /** @type {import("../../types.js").Moment | null} */
  moment = null;
  came = 0;

  constructor(board) {
    this.board = board;
  }

  take(next) {
    const { moment } = this;
    if (!next || !moment || next.number !== moment.number || next.name !== moment.name)
      this.came = performance.now();
    this.moment = next;
  }

  /** Is there a batch to show? */
  get on() {
    return Boolean(this.moment) && ["m_z", "m_real", "m_fake"].some(name => this.board.get(name).length);
  }

  draw() {
    const { board } = this;
    const { get, g } = board;
    const real = get("m_real");
    const was = get("m_was");
    const target = get("m_fake");
    const moved = was.length && was.length === target.length;
    const fake = moved ? this.glide(was, target) : target;
    rings(board, real, get("m_real_said"));
    rings(board, fake, get("m_fake_said"));
    both_kinds(board, g, real, fake, 1, true);
    if (get("m_pull").length) arrows(board, fake, get("m_pull"));
    this.noise(get("m_z"), real.length || fake.length);
  }

  /** On the way from where they were; returns where they are now. */
  glide(was, target) {
    const { board } = this;
    const { g, X, Y } = board;
    const way = board.host.reduced ? 1 : Math.min(1, (performance.now() - this.came) / GLIDE);
    const now = target.map((v, i) => was[i] + way * (v - was[i]));
    if (way < 1) requestAnimationFrame(() => board.host.redraw());
    g.beginPath();
    for (let i = 0; i < was.length; i += 2) {
      g.moveTo(X(was[i]), Y(was[i + 1]));
      g.lineTo(X(now[i]), Y(now[i + 1]));
    }
    board.outline(g, board.halo(0.7), 3, board.pen(0.7), 1.1);
    dots(board, g, was, 2.4);
    g.fillStyle = board.halo(1);
    g.fill();
    g.stroke();
    return now;
  }

  /** A small square with the batch's z; of more than two dimensions there is no picture. */
  noise(z, twice) {
    const d = z.length / (twice / 2);
    if (d !== 1 && d !== 2) return;
    const { board } = this;
    const { g } = board;
    const size = Math.round(0.22 * board.w);
    const [left, top] = [board.left + 6, board.top + board.tall - size - 6];
    g.fillStyle = board.halo(0.93);
    g.fillRect(left, top, size, size);
    g.strokeStyle = board.pen(0.6);
    g.lineWidth = 1;
    g.strokeRect(left, top, size, size);
    g.save();
    g.beginPath();
    g.rect(left, top, size, size);
    g.clip();
    this.noise_marks(z, d, left, top, size);
    g.restore();
    set_text(g, "left", "top", board.pen(0.9), "italic 600 12px system-ui, sans-serif");
    g.fillText("z", left + 5, top + 3);
  }

  noise_marks(z, d, left, top, size) {
    const { board } = this;
    const { g } = board;
    const reach = z.every(v => Math.abs(v) <= 1) ? 1.1 : 3;
    const U = v => left + (size / 2) * (1 + v / reach);
    const V = v => top + (size / 2) * (1 - v / reach);
    g.beginPath();
    for (let i = 0; i < z.length; i += d) {
      const x = U(z[i]);
      const y = d === 2 ? V(z[i + 1]) : top + 0.6 * size;
      g.moveTo(x + (d === 2 ? 1.7 : 0), d === 2 ? y : y - 7);
      if (d === 2) g.arc(x, y, 1.7, 0, 7);
      else g.lineTo(x, y + 7);
    }
    g.fillStyle = g.strokeStyle = board.paper() ? "#A8467E" : PLAYER.G;
    if (d === 2) g.fill();
    else g.stroke();
  }
}
