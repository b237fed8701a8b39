// A browser just large enough for the renderers: elements, and a canvas that writes down what was drawn on it.

class Node {
  children = [];
  attributes = {};
  style = { setProperty() {} };
  dataset = {};
  listeners = {};
  hidden = false;
  value = "";
  parentNode = null;
  textContent = "";
  classes = new Set();
  clientWidth = 0;
  clientHeight = 0;
  offsetWidth = 80;
  offsetHeight = 60;
  classList = {
    add: (...names) => names.forEach(n => void this.classes.add(n)),
    toggle: (name, on) => void (on ? this.classes.add(name) : this.classes.delete(name)),
  };
  constructor(tag) {
    this.tag = tag;
  }
  append(...nodes) {
    this.children.push(...nodes);
  }
  prepend(...nodes) {
    this.children.unshift(...nodes);
  }
  replaceChildren(...nodes) {
    this.children = nodes;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
  addEventListener(event, f) {
    this.listeners[event] ??= [];
    this.listeners[event].push(f);
  }
  fire(event, more = {}) {
    const e = { preventDefault() {}, stopPropagation() {}, target: this, key: "", ...more };
    for (const f of [this[`on${event}`], ...(this.listeners[event] || [])]) f?.(e);
  }
  getBoundingClientRect() {
    return { left: 0, top: 0, width: this.clientWidth, height: this.clientHeight };
  }
  closest() {
    return null;
  }
  matches() {
    return false;
  }
  contains() {
    return false;
  }
  focus() {}
}

class Canvas extends Node {
  width = 0;
  height = 0;
  #g;
  getContext() {
    this.#g ??= brush_of(this);
    return this.#g;
  }
}

/** A context whose calls are kept: g.calls is [[name, ...arguments], ...], g.texts what was written. */
function brush_of(canvas) {
  const kept = { canvas, calls: [], texts: [] };
  const own = {
    measureText: text => ({ width: 6 * String(text).length }),
    createImageData: (width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) }),
    fillText: text => void kept.texts.push(text),
  };
  return new Proxy(kept, {
    get: (_, name) => {
      if (name in own && name !== "fillText") return own[name];
      if (name in kept) return kept[name];
      return (...args) => {
        kept.calls.push([name, ...args]);
        own[name]?.(...args);
      };
    },
    set: (_, name, value) => {
      kept[name] = value;
      return true;
    },
  });
}

const globals = {
  document: {
    createElement: tag => new (tag === "canvas" ? Canvas : Node)(tag),
    addEventListener() {},
    hidden: false,
  },
  window: { devicePixelRatio: 1, innerHeight: 900, addEventListener() {}, removeEventListener() {} },
  ResizeObserver: class {
    observe() {}
    disconnect() {}
  },
  Path2D: class {
    moveTo() {}
    lineTo() {}
    closePath() {}
  },
  HTMLElement: Node,
  requestAnimationFrame: f => setTimeout(f, 0),
  cancelAnimationFrame: clearTimeout,
};
Object.assign(globalThis, globals);

/** Who shows a renderer in a test; `layers` is a dictionary of switches, `clicks` what was sent. */
export function host_of(layers = {}) {
  const clicks = [];
  return {
    index: 0,
    ink: alpha => `rgba(34, 34, 34, ${alpha})`,
    click: (...args) => void clicks.push(args),
    layers: () => layers,
    redraw() {},
    tall: () => 400,
    reduced: true,
    clicks,
  };
}

/** Everything that was written on a canvas, and every call of a name. */
export const texts = renderer => renderer.canvas.getContext("2d").texts;
export const calls = (renderer, name) => renderer.canvas.getContext("2d").calls.filter(c => c[0] === name);
export const said = node =>
  node.textContent + node.children.map(c => (c instanceof Node ? said(c) : c)).join("");
