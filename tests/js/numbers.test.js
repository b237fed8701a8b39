// What is reckoned in the browser, without any canvas.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake.js";

const { clamp, short, ticks } = await import("../../assets/live/draw/numbers.js");
const series = await import("../../assets/live/renderers/series.js");
const { decades } = await import("../../assets/live/renderers/sweep.js");
const { aspect_of, plan_of, scale_of } = await import("../../assets/live/renderers/images.js");
const { neighbour } = await import("../../assets/live/renderers/points/look.js");
const { decode } = await import("../../assets/live/lab/frames.js");
const { beside, height_of, heroes, share_of } = await import("../../assets/live/lab/panels.js");
const { area_around, means } = await import("../../assets/live/pad/page.js");
const { judge_number, number_in } = await import("../../assets/live/quiz/entry.js");
const { judge_choice } = await import("../../assets/live/quiz/choice.js");
const { judge_order } = await import("../../assets/live/quiz/sorter.js");

test("about four round numbers", () => {
  assert.deepEqual(ticks(0, 1), [0, 0.5, 1]);
  assert.deepEqual(ticks(-3, 3), [-2, 0, 2]);
  assert.deepEqual([0, 0.0012, 12345, 1 / 3, Number.NaN].map(short), ["0", "1.2e-3", "1.2e+4", "0.333", "–"]);
  assert.deepEqual(
    [-1, 0.5, 2].map(v => clamp(v, 0, 1)),
    [0, 0.5, 1],
  );
});

test("rows are halved while there are too many, and a gap is no value", () => {
  const rows = Array.from({ length: 9 }, (_, i) => [i, i % 2 ? Number.NaN : i]);
  const thinned = series.thin(rows, 5);
  assert.deepEqual(thinned.at(-1), [8, 8]);
  assert.deepEqual(thinned[0], [0.5, 0]);
  assert.equal(thinned.length, 5);
  assert.equal(series.newest(rows, 0, 7), 6);
  assert.equal(series.nearest_row(rows, 3.4), 3);
});

test("one spike does not flatten a curve; a logarithmic axis has powers of ten", () => {
  const rows = Array.from({ length: 2000 }, (_, i) => [i, i === 7 ? 1e9 : 1 + (i % 2)]);
  assert.ok(series.value_range(rows, [], false)[1] < 10);
  assert.deepEqual(series.value_range([], [], false), [0, 1]);
  const texts = series.axis_marks(-3, 1, true).map(([, text]) => text);
  assert.deepEqual(texts, ["1.0e-3", "0.01", "0.1", "1", "10"]);
});

test("columns keep mean, least and most; names are moved apart", () => {
  const rows = [
    [0, 1],
    [1, 3],
    [10, 5],
  ];
  assert.deepEqual(
    series.in_columns(rows, 0, x => x),
    [
      [0.5, 2, 1, 3],
      [10, 5, 5, 5],
    ],
  );
  const ys = series.apart([{ y: 50 }, { y: 50 }, { y: 51 }], 0, 100).map(n => n.y);
  assert.deepEqual(ys, [50, 62, 74]);
});

test("powers of ten among even rates, the rates themselves where they are not even", () => {
  assert.deepEqual(
    decades([1e-3, 1e-2, 1e-1]).map(([k]) => Math.round(k)),
    [0, 1, 2],
  );
  assert.deepEqual(
    decades([0.3, 0.4, 2]).map(([, r]) => r),
    [0.3, 0.4, 2],
  );
});

test("an image keeps whole pixels where there is room", () => {
  assert.equal(scale_of({ pixels: [28, 28], scale: null }, 500, 600, 8, 8), 2);
  assert.ok(scale_of({ pixels: [28, 28], scale: null }, 420, 600, 8, 8) > 1.7); // whole pixels would leave half empty
  assert.ok(scale_of({ pixels: [256, 256], scale: null }, 300, 600, 2, 2) < 1);
  assert.equal(scale_of({ pixels: [8, 8], scale: 4 }, 500, 600, 2, 2), 4);
});

test("few columns with many rows stand in blocks side by side", () => {
  const rows = { pixels: [64, 64], n: 6, columns: 3, heads: ["a", "b", "c"], sheets: { a: 3, b: 3, c: 3 } };
  assert.deepEqual(plan_of(rows), [3, 3, 2]);
  assert.equal(aspect_of(rows), 2);
  assert.deepEqual(plan_of({ ...rows, n: 64, columns: 8, heads: [], sheets: { a: 1 } }), [8, 8, 1]);
});

test("what stands beside the hero: as many as have room, all in one column where it is narrow", () => {
  const hero = [{ kind: "points" }];
  const rest = Array.from({ length: 6 }, () => ({ kind: "curves", size: "small" }));
  const there = width => beside(hero, rest, { width, tall: 540, sliders: 3 }).filter(Boolean).length;
  assert.ok(there(1000) >= 4 && there(1000) < 6);
  assert.equal(there(390), 6);
  assert.deepEqual([share_of(hero), share_of([]), share_of([...hero, ...hero])], [0.53, 1, 1]);
});

test("the next point to the right, not the nearest one above", () => {
  const places = new Map([
    [0, [0, 0]],
    [1, [2, -9]],
    [2, [20, 3]],
    [3, [40, 0]],
  ]);
  assert.equal(neighbour(places, 0, [1, 0], 0.5), 2);
  assert.equal(neighbour(places, 0, [1, 0], 30), 3);
  assert.equal(neighbour(places, 3, [1, 0], 0.5), 3);
});

test("a frame's arrays lie one behind the other", () => {
  const bytes = new Uint8Array([9, 7, 0, 0, 128, 63, 8]); // a byte, then 1.0 as float32 at an odd place
  const view = new DataView(bytes.buffer, 1);
  const [a, b, c] = decode(
    [
      [0, "a", "|u1", [1]],
      [0, "b", "<f4", [1]],
      [0, "c", "|u1", [1]],
    ],
    view,
  );
  assert.deepEqual([a[0], b[0], c[0]], [7, 1, 8]);
});

test("the hero is the first large panel, or else the first picture, with all strips beside it", () => {
  const of = (...kinds) =>
    heroes(kinds.map(kind => (kind === "LARGE" ? { kind: "curves", size: "large" } : { kind })));
  assert.deepEqual(of("curves", "images"), [1]);
  assert.deepEqual(of("points", "LARGE"), [1]);
  assert.deepEqual(of("triples", "triples", "curves"), [0, 1]);
  assert.deepEqual(of("curves"), []);
  assert.ok(height_of(true, 900) > height_of(true, 768) && height_of(true, 300) >= 280);
});

test("the pad: means of the page, and the area around a point", () => {
  const white = new Uint8ClampedArray(4 * 16).fill(255);
  white.fill(0, 0, 4); // one of four black
  assert.deepEqual([...means(white, 2, 2).slice(0, 4)], [191, 191, 191, 255]);
  const wall = [0, 0, 1, 0, 0, 1, 1, 1, 1]; // 3 x 3
  assert.deepEqual([...area_around(0, 3, i => !wall[i])], [1, 1, 2, 1, 1, 2, 2, 2, 0]);
});

test("the quiz judges numbers, choices and orders", () => {
  assert.deepEqual(
    ["0,5", "1/2", "5e-1", "0.5 nats", "−.5", "x", "1/0"].map(t => number_in(t, "nats")),
    [0.5, 0.5, 0.5, 0.5, -0.5, Number.NaN, Number.NaN],
  );
  const q = { answer: 0.5, tolerance: 0.01, slips: [{ value: 2, why: "upside down" }], plain_unit: "" };
  assert.equal(judge_number(q, "0.505").right, true);
  assert.equal(judge_number(q, "2").hint, "upside down");
  assert.match(judge_number(q, "-1/2").hint, /That is -0.5. The size is right, the sign is not./);
  assert.ok(judge_number(q, "?").unclear && judge_number(q, " ").unclear);
  assert.deepEqual(judge_choice({ kind: "multiple" }, [0, 2], [0, 1]).tried, [1]);
  assert.match(
    judge_choice({ kind: "multiple" }, [0, 2], [0]).hint,
    /So far so good. A right one is still missing./,
  );
  assert.equal(judge_choice({ kind: "single" }, [1], [1]).right, true);
  assert.match(judge_order([0, 1, 2], [0, 2, 1]).hint, /^1 of 3 stands/);
});
