// A renderer for each kind of panel: kind -> (spec, host) -> Renderer.
import { curves } from "./curves.js";
import { histograms } from "./histograms.js";
import { images } from "./images.js";
import { map } from "./map.js";
import { patches } from "./patches.js";
import { points } from "./points/points.js";
import { shares } from "./shares.js";
import { sweep } from "./sweep.js";

/** @type {Record<string, (spec: import("../types.js").Spec, host: import("../types.js").Host) => import("../types.js").Renderer>} */
export const renderers = { points, curves, images, triples: images, histograms, map, patches, shares, sweep };
