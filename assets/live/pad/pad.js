// The drawing pad in the browser: a page to draw on, and beside it the answer. Messages: nbs/toolbox/pad.ipynb
import { button, download, group, h, whisper } from "../draw/dom.js";
import { Hand } from "./hand.js";
import { Mail } from "./mail.js";
import { Page } from "./page.js";
import { photo_bytes } from "./photo.js";
import { Reply } from "./reply.js";
import { Samples } from "./samples.js";
import { Tools } from "./tools.js";

const DELAYS = 200; // kept, for tests

class Pad {
  dead = false;
  undoing = button("undo", "Undo", "take back the last stroke (Ctrl+Z)", () => this.undo());
  saving = button("save", "Save the answer", "download the answer as a PNG file", () => this.save());
  throwing = button("throw", "", "another answer to the same drawing; Undo brings the one before back", () =>
    this.again(),
  );
  end = () => {};
  notice = h("p", { className: "gc-notice" });
  live = whisper();

  /** @param {import("../types.js").Model} model @param {import("../types.js").Counted} el */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.stats = { answers: 0, delays: new Array(0) }; // delays: milliseconds from a change to its answer
    el.gancourse = this.stats; // for tests
    const [mine, theirs] = model.get("titles");
    this.mine = mine;
    this.theirs = theirs;
    const size = model.get("size");
    const raw = model.get("samples");
    const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
    this.page = new Page(size, this.mine, {
      changed: () => this.mail.changed(),
      marked: () => this.marked(),
    });
    this.tools = new Tools(
      () => model.get("pen") * this.page.K,
      () => this.hand.look(),
    );
    this.hand = new Hand(this, this.mine);
    this.samples = new Samples(model.get("names"), bytes, size, i => this.choose(i));
    this.mail = new Mail(
      el,
      (message, buffers) => this.send(message, buffers),
      () => [this.page.chance, this.page.seen()],
      this.notice,
    );
    this.reply = new Reply(this.theirs, size);
    this.lay_out();
  }

  lay_out() {
    const { el, model, hand } = this;
    const figure = (title, node, ...more) =>
      h("figure", {}, h("figcaption", { className: "gc-caption" }, h("span", {}, title), ...more), node);
    const throws = model.get("throws");
    this.throwing.textContent = throws;
    const arrow = h("div", { className: "gc-arrow", textContent: "→", "aria-hidden": "true" });
    const pair = h(
      "div",
      { className: "gc-pair" },
      figure(this.mine, hand.sheet),
      arrow,
      figure(this.theirs, this.reply.canvas, ...(throws ? [this.throwing] : [])),
    );
    el.classList.add("gancourse-lab", "gancourse-pad");
    el.append(
      h("div", { className: "gc-title", textContent: model.get("title") }),
      h("p", { className: "gc-intro", textContent: model.get("hint") }),
      this.bar(),
      pair,
      this.samples.node,
      h("div", { className: "gc-foot" }, this.notice, hand.help),
      ...[this.reply.error, this.reply.details, this.live],
    );
    el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys, while the pad has them
    el.addEventListener("keydown", e => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "z" && !e.shiftKey) {
        e.preventDefault();
        this.undo();
      }
      if (e.target instanceof Element && e.target.closest("input, button, summary, pre, [tabindex]"))
        e.stopPropagation();
    });
  }

  bar() {
    this.undoing.disabled = true;
    const clear = button("clear", "Clear", "an empty page", () => this.clear());
    const file = h("input", { type: "file", accept: "image/*", className: "gc-file", hidden: true });
    file.onchange = () => {
      if (file.files?.length) this.load(file.files[0]);
      file.value = "";
    };
    const about = "a picture from your computer, as the drawing";
    const open = button("load", "Load a picture…", about, () => file.click());
    this.saving.disabled = true;
    const drawing = group("gc-group", "the drawing", this.undoing, clear);
    const files = group("gc-group", "files", open, this.saving);
    return h("div", { className: "gc-bar" }, this.tools.node, drawing, files, file);
  }

  tell(text) {
    this.notice.textContent = this.live.textContent = text;
  }

  say(text) {
    this.notice.textContent = "";
    this.live.textContent = text;
  }

  send(message, buffers) {
    if (this.dead) return;
    try {
      this.model.send(message, undefined, buffers);
    } catch {
      this.die();
    }
  }

  /** The kernel has been restarted, or is gone. */
  die() {
    this.dead = true;
    this.el.dataset.status = "dead";
    this.tell("No kernel drives this pad. Run its cell again.");
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (this.el.querySelectorAll("button, input"));
    for (const b of buttons) b.disabled = b !== this.saving || this.saving.disabled;
    this.page.canvas.style.cursor = "not-allowed";
    this.hand.sheet.tabIndex = -1;
    this.mail.end();
  }

  marked() {
    this.samples?.mark(this.page.sample);
    this.undoing.disabled = !this.page.past.length;
    this.hand.look();
  }

  undo() {
    if (this.dead || !this.page.past.length) return;
    this.hand.down = false;
    this.page.undo();
    this.say("Taken back.");
  }

  again() {
    this.page.again();
    this.say("Thrown anew.");
  }

  clear() {
    this.page.keep();
    this.page.wipe();
    this.mail.changed();
    this.say("An empty page.");
  }

  choose(i) {
    this.page.keep();
    this.page.put(this.samples.picture(i), i);
    this.say(`${this.samples.names[i]} is the drawing now.`);
    this.samples.show(i);
  }

  async load(file) {
    this.tell(`Reading ${file.name} …`);
    try {
      const bytes = await photo_bytes(file);
      this.send({ cmd: "load", who: this.mail.me, name: file.name }, [bytes]);
    } catch (e) {
      this.tell(`${/** @type {Error} */ (e).message} Your drawing is as it was.`);
    }
  }

  save() {
    this.reply.canvas.toBlob(blob => download("answer.png", blob), "image/png");
  }

  receive(message, buffers) {
    const raw = buffers?.[0];
    const bytes = raw && new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
    const mine = !message.who || message.who === this.mail.me; // else for another view of this pad
    if (message.kind === "page" && mine) this.turn_page(bytes, message);
    if (message.kind === "begin" && mine) this.open_page();
    if (message.kind === "say" && mine) this.tell(message.text);
    if (message.kind === "answer") this.answer(bytes, message);
    if (message.kind === "wrong") {
      this.reply.wrong(message);
      this.mail.released(message);
    }
  }

  turn_page(bytes, { first, text, chance }) {
    if (first) this.page.chance = this.page.thrown = chance;
    else this.page.keep();
    this.page.put(bytes);
    if (!first) this.tell(text);
  }

  open_page() {
    this.page.wipe();
    if (this.samples.names.length) this.page.put(this.samples.picture(0), 0);
    this.mail.changed();
  }

  answer(bytes, message) {
    this.reply.show(bytes, message);
    this.saving.disabled = false;
    this.stats.answers++;
    this.el.dataset.answers = String(this.stats.answers);
    if (message.who === this.mail.me) this.stats.delays.push(performance.now() - this.mail.asked_at);
    if (this.stats.delays.length > DELAYS) this.stats.delays.shift();
    this.mail.released(message);
  }

  begin() {
    const hear = (message, buffers) => this.receive(message, buffers);
    const alive = () => this.send({ cmd: "ping" });
    this.model.on("msg:custom", hear);
    this.model.on("comm_live_update", alive);
    this.end = () => {
      this.model.off("msg:custom", hear);
      this.model.off("comm_live_update", alive);
      this.mail.end();
      this.reply.end();
    };
    this.page.wipe();
    this.tools.take(this.model.get("tool"));
    this.el.dataset.status = "ready";
    this.send({ cmd: "hello", who: this.mail.me });
  }
}

function render({ model, el }) {
  const pad = new Pad(model, el);
  pad.begin();
  return () => pad.end();
}

export default { render };
