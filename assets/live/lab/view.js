// The Lab in the browser: it draws frames and sends clicks, and knows nothing of the game. Python joins this file
// with all that it imports (gancourse.frontend); the messages are described in nbs/toolbox/live.ipynb.
import { h } from "../draw/dom.js";
import { Bar } from "./bar.js";
import { Drawer } from "./drawer.js";
import { Code, file_buttons } from "./files.js";
import { Frames } from "./frames.js";
import { Gallery } from "./gallery.js";
import { Panels } from "./panels.js";
import { settings_box, settings_of } from "./settings.js";
import { Sketcher } from "./sketcher.js";
import { pace_sliders, rate_sliders } from "./sliders.js";
import { Touched } from "./touched.js";
import { Transport } from "./transport.js";
import { Words } from "./words.js";

const STATE = [
  ...[
    "status",
    "error",
    "details",
    "notice",
    "rates",
    "speed",
    "slow",
    "beat",
    "steps",
    "epoch",
    "undos",
    "others",
  ],
  ...["chosen", "story", "values", "layers", "code"],
];

class View {
  quiet = []; // what to undo when the view goes
  still = matchMedia("(prefers-reduced-motion: reduce)");
  waiting = false;

  /** @param {import("../types.js").Model} model @param {import("../types.js").Counted} el */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.transport = new Transport(model, el, () => this.die());
    this.click = this.transport.click;
    this.touched = new Touched(el, () => this.pull());
    this.frames = new Frames(this);
    this.words = new Words(this);
    this.transport.changed = () => this.words.counter();
    this.sketcher = new Sketcher(this);
    this.settings = settings_of(this);
    this.gallery = new Gallery(this);
    const own = this.settings.filter(s => s.group === "slider");
    this.sliders = [...rate_sliders(this), ...own, ...pace_sliders(this)];
    this.panels = new Panels(this, this.sliders);
    this.code = new Code(this);
    this.drawer = new Drawer();
    this.bar = this.buttons();
    this.lay_out();
    this.listen();
  }

  /** The text colour of the theme, more or less transparent. */
  ink = alpha => {
    const [r, g, b] = getComputedStyle(this.el).color.match(/[\d.]+/g) || [34, 34, 34];
    return `rgba(${r}, ${g}, ${b}, ${alpha})`;
  };

  buttons() {
    const box = settings_box(this.settings);
    const settings = this.drawer.add(
      box,
      "open-settings",
      "Settings",
      "data, networks, losses: all that can be changed",
    );
    settings.hidden = !box.querySelector("fieldset");
    const about = "the Python that makes this very game";
    const code = this.drawer.add(this.code.node, "show-code", "Show as code", about, this.code.ask);
    code.hidden = !this.settings.length;
    return new Bar(this, settings, file_buttons(this, code), this.sketcher);
  }

  lay_out() {
    const { words, sketcher, panels } = this;
    const title = h("div", { className: "gc-title", textContent: this.model.get("title") });
    const status = h("div", { className: "gc-status" }, words.count, words.notice, sketcher.clear);
    const stage = h("div", { className: "gc-stage" }, this.drawer.node, panels.node);
    this.el.classList.add("gancourse-lab");
    const above = [words.gone, title, this.gallery.node, this.bar.node, status];
    this.el.append(...above, words.error, words.details, words.others, words.moment);
    this.el.append(stage, panels.below, words.say, words.live);
    // else JupyterLab takes the keys for commands: "a" would insert a cell
    this.el.addEventListener("keydown", e => {
      const { target } = e;
      if (target instanceof Element && target.closest("input, button, select, summary, pre, [tabindex]"))
        e.stopPropagation();
    });
  }

  /** As much room as the window gives. */
  fit() {
    this.bar.fit(this.el.clientWidth);
    this.panels.arrange();
    this.frames.soon();
  }

  on(event, f) {
    this.model.on(event, f);
    this.quiet.push(() => this.model.off(event, f));
  }

  listen() {
    this.on("msg:custom", (header, buffers) => this.frames.receive(header, buffers));
    this.on("change:panels", () => this.furnish());
    for (const name of STATE) this.on(`change:${name}`, () => this.soon());
    for (const name of ["values", "rates"]) this.on(`change:${name}`, () => this.code.ask());
    this.on("comm_live_update", () => this.transport.ping());
    const watchdog = setInterval(() => this.frames.acknowledge(true), 1000);
    const themed = new MutationObserver(() => this.frames.soon()); // a change of JupyterLab's theme
    themed.observe(document.body, {
      attributes: true,
      attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"],
    });
    const sized = new ResizeObserver(() => this.fit());
    sized.observe(this.el);
    const resized = () => this.fit();
    window.addEventListener("resize", resized);
    this.quiet.push(
      () => clearInterval(watchdog),
      () => themed.disconnect(),
      () => sized.disconnect(),
      () => window.removeEventListener("resize", resized),
      () => this.touched.end(),
      () => this.frames.end(),
      () => this.bar.end(),
    );
  }

  /** Traits come one by one: one look at them all is enough. */
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      this.pull();
    });
  }

  furnish() {
    this.panels.furnish();
    this.sketcher.furnish();
    this.pull();
  }

  /** Say and show what the kernel says. */
  pull() {
    if (this.transport.dead) return;
    const status = this.model.get("status");
    this.el.dataset.status = status;
    this.el.dataset.slow = this.model.get("slow");
    for (const part of [
      this.bar,
      this.gallery,
      this.code,
      ...this.sliders,
      ...this.settings,
      ...this.panels.list,
    ])
      part.pull();
    this.words.pull();
    if (["running", "stepping"].includes(status) || !this.frames.last) return;
    this.frames.soon();
    this.frames.acknowledge(true);
  }

  /** The kernel was restarted or is gone. */
  die() {
    this.el.dataset.status = "dead";
    this.transport.busy(false);
    this.bar.play.textContent = "Start";
    this.words.die();
    const controls = /** @type {NodeListOf<HTMLButtonElement>} */ (
      this.el.querySelectorAll("button, input, select")
    );
    for (const b of controls) b.disabled = true;
  }

  begin() {
    this.furnish();
    this.fit();
    this.transport.send({ cmd: "hello", args: [] });
  }

  end() {
    for (const f of this.quiet) f();
  }
}

function render({ model, el }) {
  const view = new View(model, el);
  view.begin();
  return () => view.end();
}

export default { render };
