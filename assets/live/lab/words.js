// What the Lab says: where it stands, what there is to see, what went wrong; and the same to screen readers,
// when something changes and not forty times a second.
import { button, h, whisper } from "../draw/dom.js";

const GONE = "No kernel drives this view. Run its cell again.";
const FIRST = "Press Step to see the next moment of a step, or Start to see them one after another.";

function write(node, text) {
  if (node.textContent === text) return false;
  node.textContent = text;
  return true;
}

export class Words {
  announced = "";
  gone = h("div", { className: "gc-gone", role: "alert" });
  count = h("span", { className: "gc-count" });
  notice = h("span", { className: "gc-notice" });
  say = h("p", { className: "gc-words" });
  live = whisper();
  error = h("div", { className: "gc-error", role: "alert" });
  trace = h("pre", { tabIndex: 0 });
  moment = h("div", { className: "gc-moment" }, h("b"), h("span"));

  constructor(lab) {
    this.lab = lab;
    this.details = h(
      "details",
      { className: "gc-details" },
      h("summary", { textContent: "where it happened" }),
      this.trace,
    );
    const quiet = button("quiet-others", "Pause the others", "", () => lab.click("quiet_others"));
    this.rivals = h("span");
    this.others = h("div", { className: "gc-others" }, this.rivals, quiet);
  }

  get(name) {
    return this.lab.model.get(name);
  }

  get last() {
    return this.lab.frames.last;
  }

  tell(text) {
    this.live.textContent = this.announced = text;
  }

  /** No kernel any more. */
  die() {
    this.gone.textContent = GONE;
    this.notice.textContent = this.error.textContent = "";
    this.moment.hidden = this.others.hidden = this.details.hidden = true;
    this.tell(GONE);
    this.counter();
  }

  pull() {
    const status = this.get("status");
    const broken = status === "error";
    const others = this.get("others");
    const busy = ["running", "stepping"].includes(status);
    const mend = "Mend it and run the cell again, or press Undo or Reset.";
    write(this.error, broken ? `The game stopped: ${this.get("error")}\n${mend}` : "");
    write(this.trace, this.get("details"));
    this.details.hidden = !broken;
    write(this.notice, this.get("notice"));
    this.others.hidden = !(busy && others);
    const who =
      others > 1 ? `${others} other Labs are running too and share` : "Another Lab is running too and shares";
    write(this.rivals, `${who} the machine. `);
    if (status === "stopped") this.say.textContent = "This run was ended. Run the cell again for a new one.";
    else if (!busy) this.seen();
    this.announce(busy, status);
    this.counter();
  }

  announce(busy, status) {
    const m = this.last?.moment; // in slow motion its words speak
    let text = [this.get("notice"), `${status}.`, this.say.textContent].join(" ");
    if (m) text = [this.get("notice"), m.words].join(" ").trim();
    if (busy) text = this.get("slow") ? "" : "running";
    if (text && text !== this.announced) this.tell(text);
  }

  /** What there is to see. */
  seen() {
    const words = this.last?.words || [];
    if (!words.length) return;
    write(this.say, words.join(" "));
    this.lab.panels.list.forEach(
      (p, i) => void p.canvas.setAttribute("aria-label", `${p.spec.title}. ${words[i]}`),
    );
  }

  counter() {
    const { last, lab } = this;
    const step = last ? last.step : this.get("steps");
    lab.el.dataset.step = step;
    if (lab.transport.dead) {
      write(this.count, `step ${step}`);
      return;
    }
    write(this.count, `step ${step}${this.pace()}`);
    this.tell_moment(last?.moment);
  }

  /** How fast it goes, or why not. */
  pace() {
    const status = this.get("status");
    if (status === "stepping" || this.lab.transport.waiting) return " · …";
    if (status !== "running") return ` · ${status}`;
    return this.last?.rate && !this.get("slow") ? ` · ${Math.round(this.last.rate)} steps/s` : "";
  }

  tell_moment(m) {
    this.moment.hidden = !this.get("slow");
    this.moment.children[0].textContent = m ? `${m.number} of ${m.of}` : "";
    if (write(this.moment.children[1], m ? m.words : FIRST) && m) this.tell(m.words);
    this.lab.el.dataset.moment = m ? m.name + m.player : "";
  }
}
