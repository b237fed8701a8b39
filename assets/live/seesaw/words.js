// What the seesaw says after a move, and asks before the next.
import { short } from "../draw/numbers.js";
import { push } from "./rule.js";

const signed = v => short(v).replace("-", "−");
export const score = ([theta, psi]) => signed(Number((theta * psi).toFixed(2)));

export const OPENING =
  "The line is level: D sees no difference. Press “D answers”: it tilts its line so that the fake scores less.";
const LOOK = " Look at the trace on the right: where is it going? “Play on” goes on by the rule.";

export function after_D(state, rounds) {
  const ask = rounds > 1 ? "Your move." : "Your move: on which side would the fake score more?";
  return `D has tilted its line: the fake scores ${score(state)} now. ${ask}`;
}

/**
 * What a move of the learner's has done.
 * @param {number[]} guesses how many went uphill, and how many there were
 */
export function after_guess(before, after, guesses) {
  const [uphill, rounds] = guesses;
  const [was, is] = [before, after].map(([theta, psi]) => theta * psi);
  const moved = `${after[0] > before[0] ? "Right" : "Left"}: the fake's score went from ${score(before)} to ${score(after)}.`;
  if (is < was) return `${moved} That was downhill. D's line says where uphill is; Undo, or let D answer.`;
  const why = rounds === 1 ? " That is the step which G's gradient takes." : "";
  if (rounds !== 8) return `${moved}${why} Now D answers.`;
  return moved + (uphill === rounds ? " You made the best move every time, and so did D." : "") + LOOK;
}

export function after_rounds(start, state, rule) {
  const [from, to] = [start, state].map(([theta, psi]) => Math.hypot(theta, psi));
  if (rule.brake)
    return to < 0.05
      ? "The brake has brought both to rest: the fake stands on the real point."
      : "With a brake on its tilt, D overshoots less: the trace winds inwards.";
  if (to > 1 && Math.hypot(...push(state, rule)) < 0.1)
    return "Both hardly move any more. What does D say of the fake?";
  if (rule.together && to > 1.2 * from)
    return "Both move at the same time, each by what it saw before the other moved: the trace winds outwards.";
  if (rule.fair && to < 0.8 * from)
    return "With −ln D the trace winds inwards, ever more slowly: close to the middle this loss brakes less and less.";
  return "Round and round. The fake passes the real point at full speed, for D's line is still tilted when it gets there.";
}
