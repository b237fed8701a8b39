// The rule of the seesaw, by hand, and what it says.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake.js";

const { push, round_of, SEAT, shift, tilt } = await import("../../assets/live/seesaw/rule.js");
const { after_guess, after_rounds } = await import("../../assets/live/seesaw/words.js");
const RULE = { rate: 1, brake: 0, together: false, fair: false };
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test("the first round by hand", () => {
  const tilted = tilt(SEAT, RULE);
  assert.deepEqual(tilted, [1, -0.5]);
  const D = 1 / (1 + Math.exp(0.5));
  near(shift(tilted, RULE)[0], 1 - 0.5 * D);
  near(shift(tilted, { ...RULE, fair: true })[0], 1 - 0.5 * (1 - D));
  near(push(tilted, { brake: 0.3 })[1], -D + 0.3 * 0.5);
});

test("a guess goes as far as the slope, to the side that was chosen", () => {
  const tilted = [1.5, -0.75];
  const [by] = push(tilted, RULE);
  near(shift(tilted, RULE, 1)[0], 1.5 - by);
  near(shift(tilted, RULE, -1)[0], 1.5 + by);
});

test("in turn it goes round, at the same time outwards, with a brake inwards", () => {
  const far = (rule, rounds) => {
    let state = SEAT;
    for (let k = 0; k < rounds; k++) state = round_of(state, rule).at(-1);
    return Math.hypot(...state);
  };
  assert.equal(round_of(SEAT, RULE).length, 2);
  assert.equal(round_of(SEAT, { ...RULE, together: true }).length, 1);
  assert.ok(far(RULE, 200) > 0.8 && far(RULE, 200) < 1.3);
  assert.ok(far({ ...RULE, together: true }, 12) > 2);
  assert.ok(far({ ...RULE, brake: 0.3 }, 200) < 0.01);
});

test("it tells uphill from downhill", () => {
  const tilted = [1.5, -0.75];
  assert.match(after_guess(tilted, shift(tilted, RULE, -1), [1, 1]), /^Left: .*gradient takes/);
  assert.match(after_guess(tilted, shift(tilted, RULE, 1), [0, 1]), /^Right: .*downhill/);
  assert.match(after_rounds(SEAT, [0.001, 0.001], { ...RULE, brake: 0.3 }), /at rest|to rest/);
  assert.match(after_rounds(SEAT, [9, 9], { ...RULE, together: true }), /outwards/);
  assert.match(after_rounds(SEAT, [0.7, 0], { ...RULE, fair: true }), /inwards/);
  assert.match(after_rounds(SEAT, [1.5, 1], RULE), /^Round and round\. /);
});

test("it praises only whom praise is due, and says when nothing moves", () => {
  const best = guesses => after_guess([1.5, -0.75], [1.2, -0.75], guesses);
  assert.match(best([7, 7]), /Now D answers/);
  assert.match(best([8, 8]), /best move every time.*Play on/);
  assert.match(best([7, 8]), /−0\.9\. Look at the trace/);
  let state = SEAT;
  const together = { ...RULE, together: true };
  for (let k = 0; k < 300; k++) state = round_of(state, together).at(-1);
  assert.match(after_rounds(state, state, together), /hardly move/);
});
