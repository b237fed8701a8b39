// The page that is drawn on: strokes and their twins, areas, means, and the throws that Undo brings back.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake.js";

const { Page, area_around, means } = await import("../../assets/live/pad/page.js");
const { Tools } = await import("../../assets/live/pad/tools.js");

function new_page() {
  const told = { changed: 0, marked: 0 };
  const page = new Page(64, "your sketch", {
    changed: () => void told.changed++,
    marked: () => void told.marked++,
  });
  const drawn = name => page.g.calls.filter(c => c[0] === name).map(c => c.slice(1));
  return { page, told, drawn };
}

test("a stroke alone, and with its twin on the other side", () => {
  const { page, drawn } = new_page();
  page.begin(40, 10, "#000", 4, false);
  page.line(50, 20);
  assert.deepEqual(drawn("lineTo"), [
    [40.01, 10],
    [50, 20],
  ]);
  page.begin(40, 10, "#000", 4, true);
  page.line(50, 20);
  assert.deepEqual(drawn("moveTo").slice(-2), [
    [40, 10],
    [page.side - 40, 10],
  ]);
  assert.deepEqual(drawn("lineTo").slice(-2), [
    [50, 20],
    [page.side - 50, 20],
  ]);
  assert.equal(page.side, 320);
});

test("Undo takes a throw back, and the next one is a new one", () => {
  const { page, told } = new_page();
  page.wipe();
  page.again();
  page.again();
  assert.deepEqual([page.chance, page.blank], [2, true]); // the page is still empty
  page.begin(1, 1, "#000", 4, false);
  assert.equal(page.chance, 2);
  page.undo();
  assert.equal(page.chance, 2);
  page.undo();
  assert.equal(page.chance, 1);
  page.again();
  assert.equal(page.chance, 3);
  assert.equal(told.changed, 6);
});

test("an area ends at its rim", () => {
  const picture = ["....", ".##.", ".##.", "...."].join("");
  const found = area_around(5, 4, i => picture[i] === "#");
  assert.deepEqual(
    [...found].map((v, i) => (v === 1 ? i : -1)).filter(i => i >= 0),
    [5, 6, 9, 10],
  );
  assert.equal([...found].filter(v => v === 2).length, 8);
});

test("the network gets the mean of K x K points", () => {
  const data = Uint8ClampedArray.from([0, 0, 0, 255, 255, 0, 30, 255, 255, 0, 30, 255, 255, 0, 60, 255]);
  assert.deepEqual([...means(data, 1, 2)], [191, 0, 30]);
});

test("the mirror is a switch beside the tools", () => {
  let changes = 0;
  const tools = new Tools(
    () => 10,
    () => void changes++,
  );
  tools.take("fine");
  assert.deepEqual(tools.stroke(false), ["#000", 4, false]);
  tools.reflect();
  assert.deepEqual(tools.stroke(true), ["#fff", 20, true]); // a pen's other end rubs, on both sides
  assert.equal(tools.mirroring.attributes["aria-pressed"], "true");
  assert.equal(tools.now, "fine");
  tools.reflect();
  assert.deepEqual([tools.mirror, changes], [false, 2]);
});
