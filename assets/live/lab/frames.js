// Frames from the kernel: every increment counts, but only the newest picture is drawn.
import { download } from "../draw/dom.js";

const NUMBERS = { "<f4": Float32Array, "|u1": Uint8Array };
const SLOW_PANELS = 250; // milliseconds between pictures of curves
const REDUCED = 500; // and of everything, for who wants less motion

/** The arrays lie one behind the other; their offsets need not be aligned: copy. */
export function decode(parts, view) {
  let at = view.byteOffset;
  return parts.map(([, , dtype, shape]) => {
    const bytes = NUMBERS[dtype].BYTES_PER_ELEMENT * shape.reduce((a, b) => a * b, 1);
    at += bytes;
    return new NUMBERS[dtype](view.buffer.slice(at - bytes, at));
  });
}

export class Frames {
  /** @type {import("../types.js").Header | null} */
  last = null;
  drawing = 0;
  drew_at = 0;
  drew_all = 0;

  constructor(lab) {
    this.lab = lab;
    this.stats = lab.el.gancourse = { drawn: 0, dropped: 0 }; // for tests and benchmarks
  }

  soon() {
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  /** @param {import("../types.js").Header} header */
  receive(header, buffers) {
    if (header.kind === "file") download(header.name, buffers[0]);
    this.lab.transport.busy(false);
    if (header.kind !== "frame") return;
    const panels = this.lab.panels.list;
    const flat = decode(header.parts, buffers[0]);
    const arrays = panels.map(() => ({}));
    header.parts.forEach(([i, name], k) => {
      if (arrays[i]) arrays[i][name] = flat[k];
    });
    panels.forEach((p, i) => void p.take(arrays[i], header.full, header));
    if (!header.words.length && this.last) header.words = this.last.words; // words come once a second
    this.last = header;
    if (this.drawing) this.stats.dropped++;
    else this.soon();
    if (document.hidden) this.acknowledge(false); // no animation frame comes in a hidden tab
  }

  acknowledge(now) {
    this.lab.transport.acknowledge(this.last?.seq, now);
  }

  draw() {
    this.drawing = 0;
    const { lab } = this;
    const now = Date.now();
    const running = lab.model.get("status") === "running";
    if (running && lab.still.matches && now - this.drew_at < REDUCED) {
      this.drawing = Number(setTimeout(() => this.draw(), 100));
      return;
    }
    const all = now - this.drew_all > SLOW_PANELS || !running || lab.model.get("slow");
    this.drew_at = now;
    for (const p of lab.panels.list) if (all || !p.slow) p.draw();
    if (all) {
      this.drew_all = now;
      lab.words.seen();
      lab.words.counter();
    }
    this.stats.drawn++;
    this.acknowledge(false);
  }

  end() {
    cancelAnimationFrame(this.drawing);
    clearTimeout(this.drawing);
  }
}
