// Messages to the kernel: clicks, acknowledgements of frames, and what happens when nobody is there.

const ACK_EVERY = 500; // milliseconds

export class Transport {
  dead = false;
  acked = 0; // the number of the last frame that was acknowledged
  acked_at = 0;
  changed = () => {}; // called when a click goes out and when its answer comes

  /**
   * @param {import("../types.js").Model} model
   * @param {HTMLElement} el whose data-busy and aria-busy say that a click waits for its answer
   * @param {() => void} gone called once, when the kernel is gone
   */
  constructor(model, el, gone) {
    this.model = model;
    this.el = el;
    this.gone = gone;
  }

  send(message, buffers) {
    if (this.dead) return;
    try {
      this.model.send(message, undefined, buffers);
    } catch {
      this.dead = true; // the kernel was restarted, or is gone
      this.gone();
    }
  }

  click = (command, ...args) => {
    this.busy(true);
    this.send({ cmd: command, args });
  };

  /** True from a click until the kernel's next word. */
  get waiting() {
    return this.el.dataset.busy === "true";
  }

  busy(on) {
    this.el.dataset.busy = String(on);
    this.el.setAttribute("aria-busy", String(on));
    this.changed();
  }

  /** Say that the frame of that number was drawn; twice a second is enough, unless `now`. */
  acknowledge(seq, now) {
    const t = Date.now();
    if (seq === undefined || seq === this.acked || !(now || t - this.acked_at > ACK_EVERY)) return;
    this.acked = seq;
    this.acked_at = t;
    this.send({ cmd: "ack", seq });
  }

  /** Is the kernel still there? A message to one that is gone throws. */
  ping() {
    this.send({ cmd: "ack", seq: this.acked });
  }
}
