// What D says of every place, and where the two knobs have been.
import { line, roomy, set_text } from "../draw/canvas.js";
import { FAKE, JUDGEMENT, PLAYER, REAL } from "../draw/colours.js";
import { clamp, short, ticks } from "../draw/numbers.js";
import { score } from "./words.js";

const REACH = 2; // the places that are shown, to either side
const TALL = 215;
const ROOM = { l: 42, r: 12, t: 5, b: 34 };

/** A frame around numbers: from values to pixels. */
function axes_of(wide, reach, up) {
  const { l, r, t, b } = ROOM;
  const X = v => l + ((v + reach) / (2 * reach)) * (wide - l - r);
  const Y = v => t + ((up - v) / (2 * up)) * (TALL - t - b);
  return { X, Y, left: l, right: wide - r, top: t, bottom: TALL - b, reach, up };
}

function frame(g, ink, axes, [across, upright]) {
  const { X, Y, left, right, top, bottom, reach, up } = axes;
  g.strokeStyle = ink(0.45);
  g.lineWidth = 1;
  g.strokeRect(left, top, right - left, bottom - top);
  g.setLineDash([2, 3]);
  line(g, left, Y(0), right, Y(0));
  line(g, X(0), top, X(0), bottom);
  g.setLineDash([]);
  set_text(g, "center", "top", ink(0.85));
  for (const v of ticks(-reach, reach)) g.fillText(short(v), X(v), bottom + 4);
  g.fillText(across, (left + right) / 2, bottom + 18);
  set_text(g, "right", "middle", ink(0.85));
  for (const v of ticks(-up, up)) g.fillText(short(v), left - 5, Y(v));
  g.save();
  g.translate(11, (top + bottom) / 2);
  g.rotate(-Math.PI / 2);
  set_text(g, "center", "middle", ink(0.85));
  g.fillText(upright, 0, 0);
  g.restore();
}

function dot(g, x, y, radius, fill, edge) {
  g.beginPath();
  g.arc(x, y, radius, 0, 2 * Math.PI);
  g.fillStyle = fill;
  g.fill();
  g.strokeStyle = edge;
  g.lineWidth = 1.5;
  g.stroke();
}

/** D's line over the places, coloured by what it says of each. */
export class Line {
  constructor(host) {
    this.host = host;
    const [canvas, g, fit] = roomy("D's line, the real point and the fake", TALL, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
  }

  draw([theta, psi]) {
    const { g, host } = this;
    const reach = Math.max(REACH, Math.abs(theta) * 1.15);
    const axes = axes_of(this.fit(), reach, 3);
    const { X, Y, left, right, top, bottom } = axes;
    for (let x = left; x < right; x++) {
      const place = (2 * reach * (x - left)) / (right - left) - reach;
      const shade = Math.round(255 / (1 + Math.exp(-psi * place)));
      g.fillStyle = `rgb(${JUDGEMENT[clamp(shade, 0, 255)].map(Math.round).join(" ")})`;
      g.fillRect(x, top, 1.5, bottom - top);
    }
    frame(g, a => (a > 0.8 ? host.ink(a) : `rgba(0, 0, 0, ${a})`), axes, ["place x", "D's score ψx"]);
    g.save();
    g.beginPath();
    g.rect(left, top, right - left, bottom - top);
    g.clip();
    g.strokeStyle = PLAYER.D;
    g.lineWidth = 3;
    line(g, X(-reach), Y(-psi * reach), X(reach), Y(psi * reach));
    g.strokeStyle = FAKE;
    g.lineWidth = 1.5;
    g.setLineDash([4, 3]);
    line(g, X(theta), Y(0), X(theta), Y(psi * theta));
    g.setLineDash([]);
    g.restore();
    dot(g, X(0), Y(0), 7, REAL, "#fff");
    dot(g, X(theta), Y(clamp(psi * theta, -2.85, 2.85)), 7, FAKE, "#fff");
    const side = psi > 0 ? -20 : 20; // where the line is lower
    for (const [name, place] of /** @type {[string, number][]} */ ([
      ["real", 0],
      ["fake", theta],
    ]))
      this.name(name, clamp(X(place) + side, left + 15, right - 15), Math.max(Y(psi * place) - 13, top + 9));
    const scores = `the real point at 0 scores 0, the fake at ${short(theta)} scores ${score([theta, psi])}`;
    this.canvas.setAttribute("aria-label", `D's line: ${scores}`);
  }

  name(text, x, y) {
    const { g } = this;
    set_text(g, "center", "middle", "#222", "600 12px system-ui, sans-serif");
    g.lineWidth = 3;
    g.strokeStyle = "#fff";
    g.strokeText(text, x, y);
    g.fillText(text, x, y);
  }
}

/** The plane of the two knobs, and the way through it: D moves up and down, G to the sides. */
export class Trace {
  constructor(host) {
    this.host = host;
    const [canvas, g, fit] = roomy("where both knobs have been", TALL, host);
    this.canvas = canvas;
    this.g = g;
    this.fit = fit;
  }

  draw(trace) {
    const { g, host } = this;
    const far = trace.reduce((most, [theta, psi]) => Math.max(most, Math.abs(theta), Math.abs(psi)), 0);
    const reach = Math.max(REACH, far * 1.15);
    const axes = axes_of(this.fit(), reach, reach);
    const { X, Y } = axes;
    frame(g, host.ink, axes, ["fake θ (G's knob)", "tilt ψ (D's knob)"]);
    g.lineWidth = 2;
    for (let i = 1; i < trace.length; i++) {
      const [x0, y0] = trace[i - 1];
      const [x1, y1] = trace[i];
      g.strokeStyle = x0 === x1 ? PLAYER.D : y0 === y1 ? PLAYER.G : host.ink(0.7);
      line(g, X(x0), Y(y0), X(x1), Y(y1));
    }
    dot(g, X(0), Y(0), 5, REAL, "#fff");
    const [theta, psi] = trace[trace.length - 1];
    dot(g, X(theta), Y(psi), 5, FAKE, "#fff");
    this.canvas.setAttribute("aria-label", `both knobs: the fake at ${short(theta)}, the tilt ${short(psi)}`);
  }
}
