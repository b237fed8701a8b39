// What Python's joiner (gancourse.frontend) relies on: it takes out "import" and "export", and all names share one room.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const live = new URL("../../assets/live/", import.meta.url);
const files = readdirSync(live, { recursive: true, encoding: "utf8" }).filter(name => name.endsWith(".js"));
const text = name => readFileSync(new URL(name, live), "utf8");
const WIDGETS = ["lab/view.js", "pad/pad.js", "quiz/quiz.js", "seesaw/seesaw.js"];

/** A file and all that it imports. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, path] of text(name).matchAll(/^import [^;"]*"([^"]+)";$/gm))
    closure(decodeURI(new URL(path, new URL(name, live)).href.slice(live.href.length)), found);
  return found;
}

test("every file belongs to a widget", () => {
  const used = new Set(WIDGETS.flatMap(name => [...closure(name)]));
  assert.deepEqual([...files].sort(), [...used].sort());
});

for (const widget of WIDGETS)
  test(`${widget}: no name is given twice`, () => {
    const seen = new Map();
    for (const name of closure(widget))
      for (const [, word] of text(name).matchAll(
        /^(?:export )?(?:async )?(?:function|class|const|let) (\w+)/gm,
      )) {
        assert.ok(!seen.has(word), `${word}: in ${seen.get(word)} and in ${name}`);
        seen.set(word, name);
      }
    assert.ok(seen.has("render"));
  });

test("imports have their own names, exports stand before what they export", () => {
  for (const name of files) {
    assert.doesNotMatch(text(name), /^import .* as /m, name);
    assert.doesNotMatch(text(name), /^export [{*]/m, name);
    assert.equal(/^export default/m.test(text(name)), WIDGETS.includes(name), name);
  }
});

test("no file above 250 lines, and what draws knows nothing of the game", () => {
  for (const name of files) {
    assert.ok(text(name).split("\n").length <= 251, name);
    const imports = [...closure(name)].filter(other => other.startsWith("lab/"));
    if (!name.startsWith("lab/")) assert.deepEqual(imports, [], name);
  }
});
