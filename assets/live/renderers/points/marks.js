// Points, crosses, arrows, rings, and maps of probabilities. Many of a kind go into one path.
import { raster } from "../../draw/canvas.js";
import { FAKE, JUDGEMENT, REAL, ramp } from "../../draw/colours.js";

const LONGEST = 28; // pixels of an arrow
const ARROWS_AT_MOST = 120;
const RING = ramp([FAKE, "#F0B48C", "#F2F2F2", "#8CBEDF", REAL]); // as JUDGEMENT, but strong enough for thin rings

export function dots(board, g, xs, r) {
  g.beginPath();
  for (let i = 0; i < xs.length; i += 2) {
    const x = board.X(xs[i]);
    const y = board.Y(xs[i + 1]);
    g.moveTo(x + r, y);
    g.arc(x, y, r, 0, 7);
  }
}

function crosses(board, g, xs, r) {
  g.beginPath();
  for (let i = 0; i < xs.length; i += 2) {
    const x = board.X(xs[i]);
    const y = board.Y(xs[i + 1]);
    g.moveTo(x - r, y - r);
    g.lineTo(x + r, y + r);
    g.moveTo(x - r, y + r);
    g.lineTo(x + r, y - r);
  }
}

/** Real dots and generated crosses; `big`: with a halo, for the batch of slow motion. */
export function both_kinds(board, g, real, fake, alpha, big) {
  g.globalAlpha = alpha;
  dots(board, g, real, big ? 3 : 1.7);
  g.strokeStyle = board.halo(0.9);
  g.lineWidth = 2;
  if (big) g.stroke();
  g.fillStyle = REAL;
  g.fill();
  crosses(board, g, fake, big ? 3.6 : 2.2);
  g.strokeStyle = board.halo(0.9);
  g.lineWidth = 4;
  if (big) g.stroke();
  g.strokeStyle = FAKE;
  g.lineWidth = big ? 2 : 1.1;
  g.stroke();
  g.globalAlpha = 1;
}

/** A pull of a half gets half of the greatest length, and no pull gets none. */
export function arrows(board, at, pull) {
  const { g } = board;
  const path = new Path2D();
  const count = Math.min(ARROWS_AT_MOST, pull.length / 2, at.length / 2);
  for (let i = 0; i < count; i++) {
    const size = Math.hypot(pull[2 * i], pull[2 * i + 1]);
    const length = (LONGEST * size) / (size + 0.5);
    if (length > 0.75)
      arrow(
        path,
        board.X(at[2 * i]),
        board.Y(at[2 * i + 1]),
        pull[2 * i] / size,
        -pull[2 * i + 1] / size,
        length,
      );
  }
  g.lineJoin = g.lineCap = "round";
  board.outline(g, board.halo(0.6), 3, board.pen(0.85), 1.2, path);
}

function arrow(path, x, y, ux, uy, length) {
  const [ex, ey] = [x + ux * length, y + uy * length];
  const head = Math.min(5, 0.45 * length);
  path.moveTo(x, y);
  path.lineTo(ex, ey);
  path.moveTo(ex - head * (ux - 0.55 * uy), ey - head * (uy + 0.55 * ux));
  path.lineTo(ex, ey);
  path.lineTo(ex - head * (ux + 0.55 * uy), ey - head * (uy - 0.55 * ux));
}

/** Around each point the colour of what D says, on a dark rim. */
export function rings(board, at, said) {
  const levels = new Map(); // sixteen colours, one path each
  said.forEach((v, i) => {
    const k = Math.round(15 * v) * 17;
    if (!levels.has(k)) levels.set(k, []);
    levels.get(k).push(at[2 * i], at[2 * i + 1]);
  });
  for (const [k, xs] of levels) {
    dots(board, board.g, xs, 6);
    const colour = `rgb(${(RING[k] || RING[0]).map(Math.round)})`;
    board.outline(board.g, board.pen(0.55), 3.6, colour, 2.6);
  }
}

/** A dark circle around each point. */
export function circles(board, at) {
  dots(board, board.g, at, 5.5);
  board.outline(board.g, board.halo(0.9), 3.6, board.pen(0.9), 1.4);
}

/** A map of probabilities: n x n bytes, the lowest row first. */
export class Surface {
  constructor(board, n) {
    this.board = board;
    this.n = n;
    this.cells = raster(n, n);
    this.shown = null;
  }

  draw(g, values, alpha) {
    const { n, cells, board } = this;
    if (values !== this.shown) {
      for (let r = 0; r < n; r++)
        for (let c = 0; c < n; c++)
          cells.data.set([...JUDGEMENT[values[(n - 1 - r) * n + c]], 255], 4 * (r * n + c));
      cells.show();
      this.shown = values;
    }
    g.globalAlpha = alpha;
    g.imageSmoothingEnabled = true;
    g.drawImage(cells.canvas, board.left, board.top, board.w, board.tall);
    g.globalAlpha = 1;
  }
}
