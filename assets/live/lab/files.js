// Save and load a game, and show it as code.
import { button, h } from "../draw/dom.js";

/** The buttons of files; `opener` shows the code. */
export function file_buttons({ click, transport }, opener) {
  const file = h("input", { type: "file", accept: ".safetensors", className: "gc-file", hidden: true });
  file.onchange = async () => {
    const [chosen] = file.files || [];
    if (chosen) transport.send({ cmd: "unpack", args: [chosen.name] }, [await chosen.arrayBuffer()]);
    file.value = "";
  };
  const save = button("save", "Save", "download this game as a file", () => click("pack"));
  const load = button("load", "Load", "go on from a saved file", () => file.click());
  return h("span", { className: "gc-files" }, save, load, opener, file);
}

export class Code {
  pre = h("pre", { tabIndex: 0 });

  constructor({ model, click, words }) {
    this.model = model;
    this.click = click;
    this.words = words;
    this.copy = button("copy", "Copy", "copy the code", () => this.copied());
    this.node = h("div", { className: "gc-code", hidden: true }, this.copy, this.pre);
  }

  async copied() {
    try {
      await navigator.clipboard.writeText(this.pre.textContent || "");
      this.copy.textContent = "Copied";
      this.words.tell("Copied");
      setTimeout(() => {
        this.copy.textContent = "Copy";
      }, 2000);
    } catch {
      this.pre.focus(); // a page without a clipboard: all is selected, the keys copy it
      getSelection()?.selectAllChildren(this.pre);
    }
  }

  ask = () => {
    if (!this.node.hidden) this.click("show_code");
  };

  pull() {
    if (!this.node.hidden) this.pre.textContent = this.model.get("code");
  }
}
