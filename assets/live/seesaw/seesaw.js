// The smallest GAN, played by hand: the learner is G. All in the browser; the kernel is told where it went.
import { button, group, h, whisper } from "../draw/dom.js";
import { round_of, SEAT, shift, tilt } from "./rule.js";
import { Line, Trace } from "./scene.js";
import { after_D, after_guess, after_rounds, OPENING } from "./words.js";

const PACE = 140; // milliseconds a round, where it plays on
const MOST = 2000; // places that are kept

/** One of two rules; `choose` hears whether it is the second. */
function choice(label, names, choose) {
  const select = h("select", {}, ...names.map(textContent => h("option", { textContent })));
  select.onchange = () => choose(select.selectedIndex === 1);
  return h("label", {}, `${label} `, select);
}

class Seesaw {
  rule = { rate: 1, together: false, brake: 0, fair: false };
  past = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  playing = undefined;
  words = h("p", { className: "gc-words" });
  live = whisper();

  /** @param {import("../types.js").Model} model */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    const kept = model.get("trace");
    this.trace = kept?.length ? kept.map(place => [...place]) : [[...SEAT]];
    this.guesses = kept?.length ? [...model.get("guesses")] : [0, 0]; // uphill, all
    const [before, now] = this.trace.slice(-2);
    this.turn_of_D = !now || before[0] !== now[0]; // else D was the last to move
    const host = { ink: a => this.ink(a), redraw: () => this.draw() };
    this.line = new Line(host);
    this.way = new Trace(host);
    this.answer = button("answer", "D answers", "D tilts its line by one step", () => this.let_D());
    this.left = button("left", "◀ fake to the left", "your move, as G", () => this.guess(-1));
    this.right = button("right", "fake to the right ▶", "your move, as G", () => this.guess(1));
    this.on = button("on", "Play on", "both players move by the rule", () => this.toggle());
    this.back = button("undo", "Undo", "take the last press back", () => this.undo());
    this.again = button("again", "Start over", "the fake aside, the line level", () => this.restart());
    this.lay_out();
    this.say(this.trace.length > 1 ? "Where you left it." : OPENING);
    this.paint();
  }

  lay_out() {
    const { el } = this;
    const figure = (title, { canvas }) =>
      h("figure", {}, h("figcaption", { className: "gc-caption", textContent: title }), canvas);
    const rules = h(
      "details",
      {},
      h("summary", { textContent: "Other rules" }),
      choice("Play on:", ["in turn", "at the same time"], yes => this.set({ together: yes })),
      choice("G pays", ["ln(1−D), as on the blackboard", "−ln D, as in code"], yes =>
        this.set({ fair: yes }),
      ),
      choice("D's tilt:", ["free", "with a brake"], yes => this.set({ brake: yes ? 0.3 : 0 })),
    );
    const yours = group("gc-group", "your game", this.answer, this.left, this.right);
    const run = group("gc-group", "the run", this.on, this.back, this.again);
    el.classList.add("gancourse-lab", "gancourse-seesaw");
    el.append(
      h("div", { className: "gc-title", textContent: this.model.get("title") }),
      h("div", { className: "gc-bar" }, yours, run),
      this.words,
      h(
        "div",
        { className: "gc-pair" },
        figure("What D says of every place (blue: real, orange: fake)", this.line),
        figure("Where both knobs have been (green: D, pink: G)", this.way),
      ),
      rules,
      this.live,
    );
    el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys, while the seesaw has them
    el.addEventListener("keydown", e => e.stopPropagation());
  }

  set(change) {
    Object.assign(this.rule, change);
  }

  ink(alpha) {
    const rgb = getComputedStyle(this.el).color.match(/[\d.]+/g) || [34, 34, 34];
    return `rgba(${rgb.slice(0, 3).join(", ")}, ${alpha})`;
  }

  get state() {
    return this.trace[this.trace.length - 1];
  }

  remember() {
    this.past.push({ trace: this.trace.slice(), turn: this.turn_of_D, guesses: [...this.guesses] });
    if (this.past.length > 100) this.past.shift();
  }

  put(...places) {
    this.trace.push(...places);
    if (this.trace.length > MOST) this.trace = this.trace.slice(-MOST);
  }

  let_D() {
    this.remember();
    this.put(tilt(this.state, this.rule));
    this.turn_of_D = false;
    this.done(after_D(this.state, this.guesses[1] + 1));
    this.go_on();
  }

  guess(way) {
    this.remember();
    const before = this.state;
    this.put(shift(before, this.rule, way));
    this.turn_of_D = true;
    const uphill = this.state[0] * this.state[1] >= before[0] * before[1];
    this.guesses = [this.guesses[0] + (uphill ? 1 : 0), this.guesses[1] + 1];
    this.done(after_guess(before, this.state, this.guesses));
    this.go_on();
  }

  /** The keyboard stands on the next press: the button that had it is switched off. */
  go_on() {
    (this.turn_of_D ? this.answer : this.right).focus({ preventScroll: true });
  }

  toggle() {
    if (this.playing) {
      this.stop();
      this.done(after_rounds(this.began, this.state, this.rule));
      return;
    }
    this.remember();
    this.turn_of_D = true;
    this.began = this.state;
    this.say("Both play by the rule.");
    this.playing = setInterval(() => this.play(), PACE);
    this.paint();
  }

  play() {
    if (!this.el.isConnected) {
      this.toggle(); // nobody looks: Pause
      return;
    }
    this.put(...round_of(this.state, this.rule));
    this.draw();
  }

  stop() {
    clearInterval(this.playing);
    this.playing = undefined;
  }

  undo() {
    this.stop();
    const last = this.past.pop();
    if (!last) return;
    this.trace = last.trace;
    this.turn_of_D = last.turn;
    this.guesses = last.guesses;
    this.done(this.trace.length > 1 ? "Taken back." : OPENING);
    if (this.back.disabled) this.go_on();
  }

  restart() {
    this.stop();
    this.remember();
    this.trace = [[...SEAT]];
    this.turn_of_D = true;
    this.guesses = [0, 0];
    this.done(OPENING);
  }

  say(text) {
    this.words.textContent = this.live.textContent = text;
  }

  /** A press has ended: say it, paint it, tell the kernel. */
  done(text) {
    this.say(text);
    this.paint();
    this.model.set(
      "trace",
      this.trace.map(place => [...place]),
    );
    this.model.set("guesses", [...this.guesses]);
    try {
      this.model.save_changes();
    } catch {
      // the kernel is gone; the game needs none
    }
  }

  paint() {
    const busy = !!this.playing;
    this.answer.disabled = busy || !this.turn_of_D;
    this.left.disabled = this.right.disabled = busy || this.turn_of_D;
    this.on.textContent = busy ? "Pause" : "Play on";
    this.on.setAttribute("aria-pressed", String(busy));
    this.back.disabled = !this.past.length;
    this.draw();
  }

  draw() {
    this.el.dataset.places = String(this.trace.length);
    this.line.draw(this.state);
    this.way.draw(this.trace);
  }
}

function render({ model, el }) {
  const seesaw = new Seesaw(model, el);
  return () => seesaw.stop();
}

export default { render };
