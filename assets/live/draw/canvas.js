// Canvases that are sharp on every display.
import { h } from "./dom.js";
import { clamp } from "./numbers.js";

export const FONT = "10.5px system-ui, sans-serif";
export const sharpness = () => clamp(window.devicePixelRatio || 1, 1, 3);

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [options]
 */
export const brush = (canvas, options) =>
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", options));

/**
 * Draw in units of `width` x `height`.
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D]}
 */
export function screen(label, width, height) {
  const canvas = h("canvas", { role: "img", "aria-label": label });
  resize(canvas, width, height);
  return [canvas, brush(canvas)];
}

/** Give a canvas another size in CSS pixels. */
export function resize(canvas, width, height) {
  const scale = sharpness();
  if (canvas.width === Math.ceil(width * scale) && canvas.height === Math.ceil(height * scale)) return;
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  brush(canvas).setTransform(scale, 0, 0, scale, 0, 0);
}

/**
 * A canvas as wide as its place, so that its text keeps its size. `fit(height)` makes it so and returns
 * the width; draw in CSS pixels.
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D, (height?: number) => number]}
 */
export function roomy(title, height, host) {
  const [canvas, g] = screen(title, 330, height);
  const fit = (tall = height) => {
    const wide = canvas.clientWidth || 330;
    canvas.style.height = `${tall}px`;
    resize(canvas, wide, tall);
    g.clearRect(0, 0, wide, tall);
    return wide;
  };
  canvas.style.height = `${height}px`;
  new ResizeObserver(() => host.redraw()).observe(canvas);
  return [canvas, g, fit];
}

/** A small picture, pixel by pixel: write into `data`, `show()`, then draw its canvas anywhere. */
export function raster(width, height) {
  const canvas = h("canvas", { width, height });
  const g = brush(canvas);
  const pixels = g.createImageData(width, height);
  return { canvas, data: pixels.data, show: () => g.putImageData(pixels, 0, 0) };
}

/** One pixel wide, from the last colour at the top to the first at the bottom. */
export function colour_bar(colours) {
  const bar = raster(1, 256);
  colours.forEach((c, k) => void bar.data.set([...c, 255], 4 * (255 - k)));
  bar.show();
  return bar.canvas;
}

export function line(g, x0, y0, x1, y1) {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}

/** How text stands. */
export function set_text(g, align, baseline, fill = g.fillStyle, font = FONT) {
  g.font = font;
  g.textAlign = align;
  g.textBaseline = baseline;
  g.fillStyle = fill;
}
