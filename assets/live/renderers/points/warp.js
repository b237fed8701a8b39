// G's warped grid: where a cell is dense, it is dark.
import { PLAYER } from "../../draw/colours.js";

const LEVELS = 10;
const paths = () => Array.from({ length: LEVELS + 1 }, () => new Path2D());

/** How dark: `even` is the density of points that lie evenly over the picture. */
const shade = (mass, size, even) => Math.round((LEVELS * mass) / (mass + 5 * even * size));

export function warp(board, alpha) {
  const at = board.get("grid");
  const mass = board.get("mass");
  const corners = at.length / 2;
  if (!corners || !mass.length) return;
  const { g } = board;
  const [x0, x1, y0, y1] = board.limits;
  const even = 1 / ((x1 - x0) * (y1 - y0));
  g.strokeStyle = g.fillStyle = PLAYER.G;
  g.lineJoin = "round";
  g.lineCap = "butt";
  if (mass.length === corners - 1) warped_line(board, at, mass, even, alpha);
  else warped_net(board, at, mass, even, alpha);
  g.globalAlpha = 1;
}

function warped_net(board, at, mass, even, alpha) {
  const { g, unit } = board;
  const side = Math.round(Math.sqrt(at.length / 2));
  const levels = paths();
  const xs = Float64Array.from({ length: side * side }, (_, i) => board.X(at[2 * i]));
  const ys = Float64Array.from({ length: side * side }, (_, i) => board.Y(at[2 * i + 1]));
  for (let r = 0; r + 1 < side; r++)
    for (let c = 0; c + 1 < side; c++) {
      const i = r * side + c;
      const j = i + side;
      const area = (xs[j + 1] - xs[i]) * (ys[j] - ys[i + 1]) - (ys[j + 1] - ys[i]) * (xs[j] - xs[i + 1]); // twice, with a sign
      const path = levels[shade(mass[r * (side - 1) + c], Math.abs(area) / 2 / unit ** 2, even)];
      const round = area < 0 ? [i, i + 1, j + 1, j] : [i, j, j + 1, i + 1]; // all the same way round, else folds cancel
      round.forEach((k, n) => void (n ? path.lineTo(xs[k], ys[k]) : path.moveTo(xs[k], ys[k])));
      path.closePath();
    }
  levels.forEach((path, k) => {
    g.globalAlpha = (alpha * 0.55 * k) / LEVELS;
    if (k) g.fill(path);
  });
  g.globalAlpha = alpha * 0.6;
  g.lineWidth = 0.7;
  g.stroke(net_lines(xs, ys, side));
}

function net_lines(xs, ys, side) {
  const lines = new Path2D();
  for (const at of [(a, b) => a * side + b, (a, b) => b * side + a])
    for (let a = 0; a < side; a++)
      for (let b = 0; b < side; b++) {
        const i = at(a, b);
        if (b) lines.lineTo(xs[i], ys[i]);
        else lines.moveTo(xs[i], ys[i]);
      }
  return lines;
}

/** z has one dimension: the grid is a line. */
function warped_line(board, at, mass, even, alpha) {
  const { g } = board;
  const levels = paths();
  const whole = new Path2D();
  for (let i = 0; i < at.length; i += 2) {
    const [x, y] = [board.X(at[i]), board.Y(at[i + 1])];
    whole.lineTo(x, y);
    if (!i) continue;
    const length = Math.hypot(at[i] - at[i - 2], at[i + 1] - at[i - 1]);
    const path = levels[shade(mass[i / 2 - 1], length, even)];
    path.moveTo(board.X(at[i - 2]), board.Y(at[i - 1]));
    path.lineTo(x, y);
  }
  g.lineCap = "round";
  levels.forEach((path, k) => {
    g.globalAlpha = alpha * 0.35;
    g.lineWidth = 2 + k;
    if (k) g.stroke(path);
  });
  g.globalAlpha = alpha;
  g.lineWidth = 1.6;
  g.stroke(whole);
}
