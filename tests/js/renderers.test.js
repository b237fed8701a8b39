// Each renderer draws a frame that its panel in Python sent (record.py), on a canvas that writes down what is drawn.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { calls, host_of, said, texts } from "./fake.js";

const { renderers } = await import("../../assets/live/renderers/all.js");
const { spread_of } = await import("../../assets/live/renderers/shares.js");
const frames = JSON.parse(readFileSync(new URL("./frames.json", import.meta.url), "utf8"));
const KINDS = { "<f4": Float32Array, "|u1": Uint8Array };

function arrays_of({ arrays }) {
  const read = ({ dtype, data }) => new KINDS[dtype](new Uint8Array(Buffer.from(data, "base64")).buffer);
  return Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, read(a)]));
}

/** The renderer of a kind, with its recorded frame taken. */
function shown(kind, layers = frames[kind].layers) {
  const host = host_of(layers);
  const r = renderers[kind](frames[kind].spec, host);
  r.canvas.clientWidth = 400;
  const arrays = arrays_of(frames[kind]);
  r.take(arrays, true, { moment: null });
  return { r, host, arrays };
}

for (const kind of Object.keys(renderers))
  test(`${kind}: draws before anything came, then its frame, and again`, () => {
    const host = host_of(frames[kind].layers);
    const empty = renderers[kind](frames[kind].spec, host);
    empty.draw();
    const { r } = shown(kind);
    r.draw();
    r.draw();
    assert.ok(r.canvas.getContext("2d").calls.length > 5);
    assert.ok(r.nodes.length && typeof r.slow === "boolean");
  });

test("points: one dot for each real point, a cross for each generated one, and what switched-off layers leave out", () => {
  const { r, arrays } = shown("points");
  r.draw();
  assert.equal(calls(r, "arc").length, arrays.real.length / 2);
  const legend = said(r.nodes[2]);
  for (const words of ["real", "generated", "D says real", "a grid of z", "pull"])
    assert.ok(legend.includes(words), words);
  const { r: bare } = shown("points", { real: false, fake: true });
  bare.draw();
  assert.equal(calls(bare, "arc").length, 0);
  assert.equal(said(bare.nodes[2]), "×generated");
});

test("points: a circle around each training point, and its name in the legend", () => {
  const { r } = shown("points", { real: false, fake: false, marked: true });
  r.take({ marked: new Float32Array([0, 0, 1, 1, 2, 0]) }, false, { moment: null });
  r.draw();
  assert.equal(calls(r, "arc").length, 3);
  assert.equal(said(r.nodes[2]), "◯training points");
});

test("points: the arrow keys choose a point and ask for what there is to say of it", () => {
  const { r, host } = shown("points");
  r.draw();
  const cell = r.nodes[0].children[0];
  cell.fire("keydown", { key: "Home" });
  r.draw();
  assert.deepEqual(host.clicks[0], ["layer", 0, "probe", true]);
  const tip = said(cell.children[1]);
  for (const words of ["z = (", "D(x) = ", "pull (", "x = ("]) assert.ok(tip.includes(words), tip);
  cell.fire("keydown", { key: "Escape" });
  assert.deepEqual(host.clicks.at(-1), ["layer", 0, "probe", false]);
});

test("points: a drawing with the keys is handed over", () => {
  const { r } = shown("points");
  r.draw();
  let got = null;
  r.drawing(
    true,
    points => {
      got = points;
    },
    [],
  );
  const cell = r.nodes[0].children[0];
  for (const key of ["ArrowRight", " ", "ArrowUp", "Enter"]) cell.fire("keydown", { key });
  assert.equal(got.length, 2);
  r.draw();
  assert.ok(said(r.nodes[2]).includes("your points"));
  cell.fire("keydown", { key: "Backspace" });
  assert.equal(got.length, 1);
});

test("curves: the newest values stand in the legend, the steps below the axis", () => {
  const { r, arrays } = shown("curves");
  r.draw();
  const last = arrays.rows.slice(-3);
  assert.ok(said(r.nodes[1]).includes(String(+last[1].toPrecision(3))));
  assert.ok(texts(r).includes(`step ${last[0]}`) && texts(r).includes("ln 2"));
});

test("curves: more rows go on where the others ended, unless all is new", () => {
  const { r } = shown("curves");
  r.take({ rows: Float32Array.from([50, 1, 2]) }, false);
  r.draw();
  assert.ok(texts(r).includes("step 50"));
  r.take({ rows: Float32Array.from([3, 1, 2]) }, true);
  r.draw();
  assert.ok(said(r.nodes[1]).includes("D 1") && said(r.nodes[1]).includes("G 2"));
  assert.ok(texts(r).includes("step 4")); // one row alone: the axis ends a step later
});

test("curves: the arrow keys read a value", () => {
  const { r } = shown("curves");
  r.draw();
  r.nodes[0].fire("keydown", { key: "ArrowLeft" });
  assert.match(said(r.nodes[0]), /Step \d+: D .*, G /);
});

test("images: a tile for each, of whole pixels", () => {
  const { r } = shown("images");
  r.nodes[0].clientWidth = 200;
  r.draw();
  const tiles = calls(r, "drawImage");
  assert.equal(tiles.length, frames.images.spec.n);
  assert.ok(tiles.every(t => Number.isInteger(t[8]) && t[8] === 6 * Math.floor((200 - 3) / 12)));
});

test("triples: the name of each column above it", () => {
  const { r } = shown("triples");
  r.draw();
  const { heads } = frames.triples.spec;
  assert.deepEqual(texts(r), [...heads, ...heads]); // four rows in two blocks, side by side
  const xs = calls(r, "drawImage").map(c => c[6]);
  assert.ok(new Set(xs).size === 6 && Math.max(...xs) > 3 * calls(r, "drawImage")[0][8]);
});

test("histograms: medians in the legend, a bin by the keys", () => {
  const { r } = shown("histograms");
  r.draw();
  assert.match(said(r.nodes[1]), /real median .*fake median/);
  r.nodes[0].fire("keydown", { key: "ArrowRight" });
  assert.match(said(r.nodes[0]), /real .* %, fake .* %/);
});

test("map: the value of a cell", () => {
  const { r, arrays } = shown("map");
  r.draw();
  r.canvas.fire("pointermove", { clientX: 47, clientY: 7 });
  assert.ok(said(r.nodes[1]).endsWith(String(+arrays.values[0].toPrecision(3))));
  r.canvas.fire("pointermove", { clientX: 47, clientY: 205 });
  assert.ok(said(r.nodes[1]).endsWith(String(+arrays.values[24].toPrecision(3)))); // the fifth row of six
});

test("patches: switched off, the pictures stand alone", () => {
  const { r } = shown("patches");
  r.draw();
  assert.equal(calls(r, "fillRect").length, 4 * 9);
  const { r: bare } = shown("patches", { patches: false });
  bare.draw();
  assert.equal(calls(bare, "fillRect").length, 0);
});

test("sweep: the best pair is told, a click opens the pair", () => {
  const { r, host } = shown("sweep");
  r.draw();
  assert.ok(said(r.nodes[0]).includes("the best so far: lr_D 0.001, lr_G 0.001"));
  r.canvas.fire("pointermove", { clientX: 60, clientY: 10 });
  r.canvas.fire("click");
  assert.deepEqual(host.clicks, [["open_member", 3]]);
});

test("shares: bars out of their band are filled, others pale; words for a bar by the keys", () => {
  const { r, arrays } = shown("shares");
  r.draw();
  const { attributes } = frames.shares.spec;
  for (const { name } of attributes) assert.ok(texts(r).includes(name.replaceAll("_", " ")), name);
  assert.equal(calls(r, "strokeRect").length, arrays.shares.length); // a bar for each value
  assert.equal(calls(r, "clearRect").length, 2); // the picture, and the break of the one bar that is too high
  assert.match(said(r.nodes[1]), /clean .* % \(real faces .*new .* % \(expected/);
  r.nodes[0].fire("keydown", { key: "ArrowUp" });
  r.nodes[0].fire("keydown", { key: "ArrowUp" });
  assert.match(said(r.nodes[0]), /^beard: .* %, in truth 10 %; off by .*, real samples by /);
  assert.equal(spread_of(0.1, 400).toFixed(3), "0.300");
});
