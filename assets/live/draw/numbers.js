// Numbers as they are written beside pictures.

export const clamp = (v, low, high) => Math.max(low, Math.min(high, v));

/** About four round numbers. */
export function ticks(low, high) {
  const raw = (high - low) / 4;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 5, 10].find(m => m * unit >= raw) ?? 10);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step)
    out.push(Math.abs(v) < 1e-12 ? 0 : v);
  return out;
}

/** Three digits. */
export function short(v) {
  if (!Number.isFinite(v)) return "–";
  const odd = v !== 0 && (Math.abs(v) < 0.01 || Math.abs(v) >= 10000);
  return odd ? v.toExponential(1) : String(+v.toPrecision(3));
}
/** The same, but 0.001 and not 1e-3. */
export const plain = v => (v >= 1e-5 && v < 1e5 ? String(+v.toPrecision(3)) : short(v));

export const percent = v => `${short(100 * v)} %`;
