// The picture of one game of a sweep: what it makes, over the real points. Both come as pairs of bytes.
import { line, screen } from "../draw/canvas.js";
import { FAKE, REAL } from "../draw/colours.js";

const SIDE = 220; // pixels

/** Pairs of bytes; 255 says that a point lies outside the picture. */
export function inside(bytes) {
  const out = [];
  for (let i = 0; i < bytes.length; i += 2)
    if (bytes[i] < 255 && bytes[i + 1] < 255) out.push([bytes[i], bytes[i + 1]]);
  return out;
}

export class Member {
  /** @param {import("../types.js").Host} host */
  constructor(host) {
    const [canvas, g] = screen("", SIDE, SIDE);
    this.canvas = canvas;
    this.g = g;
    this.ink = host.ink;
  }

  draw(real, fake) {
    const { g } = this;
    const X = v => (v / 254) * (SIDE - 2) + 1;
    const Y = v => SIDE - 1 - (v / 254) * (SIDE - 2);
    g.clearRect(0, 0, SIDE, SIDE);
    g.strokeStyle = this.ink(0.35);
    g.lineWidth = 1;
    g.strokeRect(0.5, 0.5, SIDE - 1, SIDE - 1);
    g.fillStyle = REAL;
    g.globalAlpha = 0.4;
    for (const [x, y] of inside(real)) {
      g.beginPath();
      g.arc(X(x), Y(y), 1.7, 0, 7);
      g.fill();
    }
    g.globalAlpha = 1;
    g.strokeStyle = FAKE;
    g.lineWidth = 1.4;
    for (const [x, y] of inside(fake)) {
      line(g, X(x) - 3, Y(y) - 3, X(x) + 3, Y(y) + 3);
      line(g, X(x) - 3, Y(y) + 3, X(x) + 3, Y(y) - 3);
    }
  }
}
