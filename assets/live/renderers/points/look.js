// A look at one generated point: with the pointer, or with the keys.
import { h, whisper } from "../../draw/dom.js";
import { clamp } from "../../draw/numbers.js";

const REACH = 14; // pixels from the pointer to the point it means
const ASK = "probe"; // the layer that brings what there is to say of each point

/** Two digits after the point; no -0.00, and what is small but there is seen. */
const two = v => (v !== 0 && Math.abs(v) < 0.005 ? v.toExponential(0) : (+v.toFixed(2) || 0).toFixed(2));

export function tuple(xs, i, d) {
  const shown = Array.from(xs.slice(i * d, i * d + Math.min(d, 4)), two);
  return `(${shown.join(", ")}${d > 4 ? ", …" : ""})`;
}

/** The next point from `from` in the direction (dx, dy), at least `least` pixels away; else `from`. */
export function neighbour(places, from, [dx, dy], least) {
  let found = from;
  let nearest = Number.POSITIVE_INFINITY;
  const [x, y] = places.get(from);
  for (const [i, [px, py]] of places) {
    const along = (px - x) * dx + (py - y) * dy;
    const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
    if (i === from || along <= least || aside > 1.5 * along || along + 2 * aside >= nearest) continue;
    nearest = along + 2 * aside;
    found = i;
  }
  return found;
}

export class Look {
  pick = -1;
  told = -1;
  asked = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later = undefined;

  constructor(board) {
    this.board = board;
    this.tip = h("div", { className: "gc-point-tip", "aria-hidden": "true" });
    this.say = whisper("gc-said");
  }

  choose(i) {
    const { host } = this.board;
    if (i === this.pick) return;
    this.pick = i;
    clearTimeout(this.later);
    if (i >= 0 && !this.asked) {
      this.asked = true;
      host.click("layer", host.index, ASK, true);
    }
    if (i < 0) {
      this.told = -1;
      this.say.textContent = "";
      if (this.asked) this.later = setTimeout(() => this.unask(), 400);
    }
    host.redraw();
  }

  unask() {
    const { host, arrays } = this.board;
    host.click("layer", host.index, ASK, false);
    this.asked = false;
    delete arrays.said;
    delete arrays.z;
  }

  leave() {
    this.choose(-1);
    clearTimeout(this.later);
    if (this.asked || this.board.on(ASK)) this.unask();
  }

  /** Generated points in the picture: number -> place on the canvas. */
  places() {
    const { board } = this;
    const fake = board.get("fake");
    const out = new Map();
    for (let i = 0; i < fake.length / 2; i++)
      if (board.inside(fake[2 * i], fake[2 * i + 1]))
        out.set(i, [board.X(fake[2 * i]), board.Y(fake[2 * i + 1])]);
    return out;
  }

  point(e) {
    const { board } = this;
    const [x, y] = board.where(e);
    let far = ((REACH * board.wide) / (board.canvas.getBoundingClientRect().width || board.wide)) ** 2;
    let found = -1;
    if (board.on("fake") || board.on("arrows"))
      for (const [i, [px, py]] of this.places()) {
        const d = (px - x) ** 2 + (py - y) ** 2;
        if (d < far) {
          far = d;
          found = i;
        }
      }
    this.choose(found);
  }

  go(way, least) {
    const places = this.places();
    const [first = -1] = places.keys();
    this.choose(places.has(this.pick) ? neighbour(places, this.pick, way, least) : first);
  }

  key(key, way, far) {
    if (way) this.go(way, far ? 30 : 0.5);
    else if (key === "Home") {
      this.choose(-1);
      this.go([0, 0], 0.5);
    } else if (key === "Escape") this.leave();
    else return false;
    return true;
  }

  /** What there is to say of the chosen point. */
  lines() {
    const { get } = this.board;
    const { pick } = this;
    const [fake, z, said, pull] = ["fake", "z", "said", "pull"].map(get);
    const lines = [];
    if (z.length) lines.push(`z = ${tuple(z, pick, z.length / (fake.length / 2))}`);
    if (said.length > pick) lines.push(`D(x) = ${two(said[pick])}`);
    if (pull.length > 2 * pick) lines.push(`pull ${tuple(pull, pick, 2)}`);
    return [...lines, `x = ${tuple(fake, pick, 2)}`];
  }

  draw(hidden) {
    const { board, tip, pick } = this;
    const fake = board.get("fake");
    const there = pick >= 0 && 2 * pick < fake.length && !hidden;
    tip.style.display = there ? "block" : "none";
    if (!there) return;
    const [x, y] = [board.X(fake[2 * pick]), board.Y(fake[2 * pick + 1])];
    board.g.beginPath();
    board.g.arc(x, y, 6.5, 0, 7);
    board.outline(board.g, board.halo(0.95), 4.5, board.pen(1), 2);
    const lines = this.lines();
    tip.replaceChildren(...lines.map(text => h("div", { textContent: text })));
    this.place(x, y);
    if (this.told === pick || !board.get("said").length) return;
    this.told = pick;
    this.say.textContent = lines.join(", ");
  }

  /** The note beside its point where there is room, else above or below. */
  place(x, y) {
    const { canvas, wide } = this.board;
    const { tip } = this;
    const zoom = canvas.clientWidth / wide || 1;
    const [px, py] = [x * zoom, y * zoom];
    const [w, tall] = [tip.offsetWidth, tip.offsetHeight];
    const [room, height] = [canvas.clientWidth, canvas.clientHeight];
    const right = px + 14 + w <= room;
    const aside = right || px - 14 - w >= 0;
    const side = right ? px + 14 : px - 14 - w;
    const over = py - 14 - tall >= 0 ? py - 14 - tall : py + 14;
    tip.style.left = `${aside ? side : clamp(px - w / 2, 0, Math.max(0, room - w))}px`;
    tip.style.top = `${aside ? clamp(py - tall / 2, 0, Math.max(0, height - tall)) : over}px`;
  }
}
