// One picture is on its way at a time; what is drawn meanwhile goes when its answer is there.

const PATIENCE = 1500; // milliseconds until we wonder
const PING_EVERY = 3000;
const WAITING = "Waiting for the answer. A running cell may keep the kernel busy.";

export class Mail {
  me = Math.random(); // which view of this pad asks
  seq = 0;
  waiting = 0; // the number of the picture whose answer is awaited
  sent_at = 0;
  stale = false;
  changed_at = 0;
  asked_at = 0;
  soon = 0;
  pinged = 0;

  /**
   * @param {(message: object, buffers?: ArrayBufferLike[]) => void} send
   * @param {() => [chance: number, picture: Uint8Array]} drawn what is asked
   */
  constructor(el, send, drawn, notice) {
    this.el = el;
    this.send = send;
    this.drawn = drawn;
    this.notice = notice;
    this.clock = setInterval(() => this.look(), 500);
  }

  changed() {
    if (!this.stale) this.changed_at = performance.now();
    this.stale = true;
    this.el.dataset.busy = "true";
    this.soon ||= Number(
      setTimeout(() => {
        this.soon = 0;
        this.ask();
      }, 15),
    );
  }

  ask() {
    if (!this.stale) return;
    if (this.waiting) {
      this.alive();
      return;
    }
    this.stale = false;
    this.waiting = ++this.seq;
    this.sent_at = performance.now();
    this.asked_at = this.changed_at;
    const [chance, picture] = this.drawn();
    this.send({ cmd: "draw", who: this.me, seq: this.seq, chance }, [picture.buffer]);
  }

  /** No answer for long: is the kernel still there? A message to one that is gone throws. */
  alive() {
    const now = performance.now();
    if (now - this.sent_at < PATIENCE || now - this.pinged < PING_EVERY) return;
    this.pinged = now;
    this.send({ cmd: "ping" });
  }

  look() {
    if (!this.waiting) return;
    this.alive();
    if (performance.now() - this.sent_at > PATIENCE) this.notice.textContent = WAITING;
  }

  /** The answer has come: the next one may go. */
  released(message) {
    if (message.who === this.me && message.seq !== this.waiting) return;
    if (this.notice.textContent === WAITING) this.notice.textContent = "";
    this.waiting = 0;
    this.ask();
    this.el.dataset.busy = String(Boolean(this.waiting || this.stale));
  }

  end() {
    clearInterval(this.clock);
    clearTimeout(this.soon);
  }
}
