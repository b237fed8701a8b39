// The browser side of gancourse.live. These files are joined in this order: base, points, curves, pictures, sweep, view;
// pad.js, which is another widget, comes behind base alone.
// They draw frames and send clicks, and know nothing of the game. The format of a frame: nbs/toolbox/live.ipynb.

const REAL = "#0072B2", FAKE = "#D55E00", PLAYER = { D: "#009E73", G: "#CC79A7" };
const JUDGEMENT = ramp(["#F0A878", "#FBE3D3", "#FFFFFF", "#D3E6F2", "#7FB8DC"]); // orange: generated .. blue: real, as in gancourse.plot

function ramp(stops) { // 256 colours between the stops
  const rgb = stops.map(s => [1, 3, 5].map(i => parseInt(s.slice(i, i + 2), 16)));
  return Array.from({ length: 256 }, (_, k) => {
    const t = k / 255 * (rgb.length - 1), i = Math.min(rgb.length - 2, Math.floor(t));
    return rgb[i].map((v, c) => v + (rgb[i + 1][c] - v) * (t - i));
  });
}

function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) k in e ? (e[k] = v) : e.setAttribute(k, v);
  e.append(...children);
  return e;
}

function screen(label, width, height) { // a canvas that is sharp on every display; draw in units of `width` x `height`
  const c = h("canvas", { role: "img" }), scale = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
  c.setAttribute("aria-label", label);
  c.width = width * scale; c.height = height * scale;
  const g = c.getContext("2d");
  g.scale(scale, scale);
  return [c, g];
}

const numbers = { "<f4": Float32Array, "|u1": Uint8Array };
function decode(parts, view) { // the arrays lie one behind the other; their offsets need not be aligned: copy
  let at = view.byteOffset;
  return parts.map(([, , dtype, shape]) => {
    const bytes = numbers[dtype].BYTES_PER_ELEMENT * shape.reduce((a, b) => a * b, 1);
    return new numbers[dtype](view.buffer.slice(at, at += bytes));
  });
}

function ticks(low, high) { // about four round numbers
  const raw = (high - low) / 4, unit = 10 ** Math.floor(Math.log10(raw)), step = unit * [1, 2, 5, 10].find(m => m * unit >= raw);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) out.push(Math.abs(v) < 1e-12 ? 0 : v);
  return out;
}
const short = v => !Number.isFinite(v) ? "–" : v !== 0 && (Math.abs(v) < 0.01 || Math.abs(v) >= 10000) ? v.toExponential(1) : String(+v.toPrecision(3));

// kind -> (spec, lab) -> {nodes, canvas, slow, take(arrays, full, header), draw()}; the notebook above describes what they get
const renderers = {};
