// Rows [step, value, ...] of curves: thinned, measured, put into columns. No canvas here.
import { clamp, short, ticks } from "../draw/numbers.js";

export const on_scale = (v, log) => (log ? Math.log10(Math.max(v, 1e-12)) : v);

/** Two rows into one, while there are more than `most`. */
export function thin(rows, most) {
  let left = rows;
  while (left.length > most) {
    const out = [];
    for (let i = 0; i + 1 < left.length; i += 2) out.push(left[i].map((v, k) => mean_of(v, left[i + 1][k])));
    if (left.length % 2) out.push(left[left.length - 1]);
    left = out;
  }
  return left;
}

function mean_of(a, b) {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : (a + b) / 2;
}

/** The lowest and highest value to show; a single spike must not flatten the rest. */
export function value_range(rows, equilibria, log) {
  const every = Math.ceil(rows.length / 500); // a sample is enough
  const all = rows
    .filter((_, i) => i % every === 0 || i === rows.length - 1)
    .flatMap(r => r.slice(1))
    .filter(Number.isFinite)
    .concat(equilibria)
    .map(v => on_scale(v, log))
    .sort((a, b) => a - b);
  if (!all.length) return [0, 1];
  let low = all[Math.floor(0.002 * (all.length - 1))];
  const high = all[Math.ceil(0.998 * (all.length - 1))];
  if (!log) low = Math.min(low, Math.max(0, low - 0.5 * (high - low)));
  const room = 0.06 * (high - low) || 0.5;
  return [low - (low === 0 ? 0 : room), high + room];
}

/** [where, text] on the vertical axis; a logarithmic one has 1, 2, 5 or the powers of ten. */
export function axis_marks(low, high, log) {
  if (!log) return ticks(low, high).map(v => [v, short(v)]);
  const decades = high - low;
  if (decades < 0.7) return ticks(10 ** low, 10 ** high).map(v => [Math.log10(v), short(v)]);
  const every = Math.ceil(decades / 5);
  const out = [];
  for (let e = Math.floor(low); e <= high; e++)
    for (const f of decades < 2 ? [1, 2, 5] : [1])
      if (decades < 2 || e % every === 0) out.push([e + Math.log10(f), short(f * 10 ** e)]);
  return out.filter(([v]) => v >= low && v <= high);
}

/** The last value of curve k up to row i. */
export function newest(rows, k, i = rows.length - 1) {
  let at = i;
  while (at >= 0 && !Number.isFinite(rows[at][k + 1])) at--;
  return at < 0 ? Number.NaN : rows[at][k + 1];
}

/** The row nearest to a step. */
export function nearest_row(rows, step) {
  let a = 0;
  let b = rows.length - 1;
  while (b - a > 1) {
    const i = (a + b) >> 1;
    if (rows[i][0] < step) a = i;
    else b = i;
  }
  return step - rows[a][0] < rows[b][0] - step ? a : b;
}

/** [x, mean, least, most] of curve k in columns two pixels wide: many steps share one. */
export function in_columns(rows, k, X) {
  const columns = new Map();
  for (const r of rows) {
    const v = r[k + 1];
    if (!Number.isFinite(v)) continue;
    const x = X(r[0]);
    const at = Math.floor(x / 2);
    const c = columns.get(at) || { n: 0, x: 0, sum: 0, least: v, most: v };
    c.n++;
    c.x += x;
    c.sum += v;
    c.least = Math.min(c.least, v);
    c.most = Math.max(c.most, v);
    columns.set(at, c);
  }
  return [...columns.values()].map(c => [c.x / c.n, c.sum / c.n, c.least, c.most]);
}

/** Names {y} moved apart, so that none covers another. */
export function apart(names, top, bottom, gap = 12) {
  for (const n of names) n.y = clamp(n.y, top + 4, bottom - 5);
  names.sort((a, b) => a.y - b.y);
  for (let i = 1; i < names.length; i++) names[i].y = Math.max(names[i].y, names[i - 1].y + gap);
  let floor = bottom - 5;
  for (let i = names.length - 1; i >= 0; i--) {
    names[i].y = Math.min(names[i].y, floor);
    floor -= gap;
  }
  return names;
}
