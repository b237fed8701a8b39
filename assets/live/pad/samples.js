// Pictures to begin with: one stop of the Tab key; the arrow keys go from sample to sample.
import { brush } from "../draw/canvas.js";
import { button, h } from "../draw/dom.js";
import { as_image } from "./page.js";

export class Samples {
  /** @param {Uint8Array} bytes of all samples @param {(i: number) => void} choose */
  constructor(names, bytes, size, choose) {
    this.names = names;
    this.bytes = bytes;
    this.size = size;
    this.now = -1;
    this.thumbs = names.map((name, i) => this.thumb(name, i, choose));
    this.row = h("div", { className: "gc-samples", role: "toolbar" }, ...this.thumbs);
    this.row.setAttribute("aria-label", "samples: the arrow keys go from one to the next, Enter takes it");
    this.row.addEventListener("keydown", e => this.key(e));
    this.row.addEventListener("focusin", e => {
      for (const b of this.thumbs) b.tabIndex = b === e.target ? 0 : -1;
    });
    const title = "the next of these pictures as the drawing";
    const next = button("next", "Next sample", title, () => choose((this.now + 1) % names.length));
    this.node = h("div", { className: "gc-shelf", hidden: !names.length }, next, this.row);
  }

  picture(i) {
    const length = 3 * this.size * this.size;
    return this.bytes.subarray(length * i, length * (i + 1));
  }

  thumb(name, i, choose) {
    const { size } = this;
    const canvas = h("canvas", { width: size, height: size });
    brush(canvas).putImageData(as_image(this.picture(i), size, size, 3), 0, 0);
    const b = h(
      "button",
      { className: "gc-sample", type: "button", title: name, tabIndex: i ? -1 : 0 },
      canvas,
    );
    b.onclick = () => choose(i);
    b.setAttribute("aria-label", name);
    return b;
  }

  key(e) {
    const n = this.thumbs.length;
    const i = this.thumbs.indexOf(e.target);
    const ways = {
      ArrowRight: i + 1,
      ArrowDown: i + 1,
      ArrowLeft: i - 1,
      ArrowUp: i - 1,
      Home: 0,
      End: n - 1,
    };
    if (i < 0 || ways[e.key] === undefined) return;
    e.preventDefault();
    this.thumbs[(ways[e.key] + n) % n].focus();
  }

  mark(now) {
    this.now = now;
    this.thumbs.forEach((b, i) => void b.setAttribute("aria-pressed", String(i === now)));
  }

  /** Into sight, without moving the page. */
  show(i) {
    const { row } = this;
    const b = this.thumbs[i];
    const left = b.offsetLeft - row.offsetLeft;
    row.scrollLeft = Math.max(Math.min(row.scrollLeft, left), left + b.offsetWidth - row.clientWidth);
  }
}
