// Elements of the page.

/**
 * An element with properties (or attributes, where there is no such property) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} props
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (k in e) e[k] = v;
    else e.setAttribute(k, String(v));
  }
  e.append(...children);
  return e;
}

export const button = (name, text, title, onclick) =>
  h("button", { className: `gc-${name}`, type: "button", textContent: text, title, onclick });

/** A group of controls with a name for screen readers. */
export const group = (className, label, ...nodes) =>
  h("div", { className, role: "group", "aria-label": label }, ...nodes);

/** What is said to screen readers only. */
export const whisper = (className = "gc-live") =>
  h("div", { className, role: "status", "aria-live": "polite" });

/** Hand a file to whoever sits before the browser. */
export function download(name, part) {
  const link = h("a", { href: URL.createObjectURL(new Blob([part])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A coloured mark and its meaning, for a legend. */
export function mark(text, style, ...words) {
  const sample = h("i", { textContent: text });
  sample.style.cssText = style;
  return h("span", {}, sample, ...words);
}
