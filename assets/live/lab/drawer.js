// Boxes that open beside the picture, over the curves: they never push the picture away.
import { button, h } from "../draw/dom.js";

export class Drawer {
  node = h("div", { className: "gc-drawer", hidden: true });
  openers = new Map(); // box -> its button, and what to do when it opens

  /**
   * A box and the button that opens it.
   * @param {HTMLElement} box
   * @param {() => void} [opened]
   */
  add(box, name, title, about, opened) {
    const opener = button(name, title, about, () => this.toggle(box));
    opener.setAttribute("aria-expanded", "false");
    const close = button("close", "✕", "close", () => this.toggle(box, false));
    close.setAttribute("aria-label", `close: ${title}`);
    box.prepend(h("div", { className: "gc-drawer-head" }, h("b", { textContent: title }), close));
    this.openers.set(box, { opener, opened });
    box.addEventListener("keydown", e => {
      if (e.key === "Escape") this.toggle(box, false);
    });
    this.node.append(box);
    return opener;
  }

  toggle(box, on = box.hidden) {
    const { opener, opened } = this.openers.get(box);
    if (!on && box.contains(document.activeElement)) opener.focus();
    box.hidden = !on;
    this.node.hidden = [...this.openers.keys()].every(b => b.hidden);
    opener.setAttribute("aria-expanded", String(on));
    if (on) opened?.();
  }
}
