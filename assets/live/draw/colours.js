// The course's colours, as in gancourse.plot.

export const REAL = "#0072B2";
export const FAKE = "#D55E00";
export const PLAYER = { D: "#009E73", G: "#CC79A7" };
export const PLAIN = "#444444"; // ink, which follows the theme
export const JUDGEMENT = ramp(["#F0A878", "#FBE3D3", "#FFFFFF", "#D3E6F2", "#7FB8DC"]); // generated .. real

/**
 * 256 colours between the stops.
 * @param {string[]} stops
 */
export function ramp(stops) {
  const rgb = stops.map(s => [1, 3, 5].map(i => Number.parseInt(s.slice(i, i + 2), 16)));
  return Array.from({ length: 256 }, (_, k) => {
    const t = (k / 255) * (rgb.length - 1);
    const i = Math.min(rgb.length - 2, Math.floor(t));
    return rgb[i].map((v, c) => v + (rgb[i + 1][c] - v) * (t - i));
  });
}
