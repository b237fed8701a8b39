// The kernel's word counts; but what was touched a moment ago keeps the learner's value until the kernel
// can have heard of it.

const MEMORY = 1000; // milliseconds

export class Touched {
  /** @type {Map<EventTarget, ReturnType<typeof setTimeout>>} */
  timers = new Map();

  /** @param {HTMLElement} el @param {() => void} forgotten called when a touch is old enough */
  constructor(el, forgotten) {
    el.addEventListener("input", e => {
      const target = /** @type {EventTarget} */ (e.target);
      clearTimeout(this.timers.get(target));
      const forget = () => {
        this.timers.delete(target);
        forgotten();
      };
      this.timers.set(target, setTimeout(forget, MEMORY));
    });
  }

  has = e => this.timers.has(e);

  settle(e) {
    clearTimeout(this.timers.get(e));
    this.timers.delete(e);
  }

  /** Give a control the kernel's value, unless it was touched a moment ago. */
  follow(e, property, value) {
    if (e[property] === value) this.settle(e);
    if (!this.timers.has(e)) e[property] = value;
  }

  end() {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }
}
