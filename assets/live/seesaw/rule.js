// The smallest game there is. The real point stands at 0, the fake at theta. D's score of a place x is psi * x.

export const SEAT = [1, 0]; // theta, psi at the start: the fake aside, the line level
const squashed = o => 1 / (1 + Math.exp(-o));

/**
 * Minus the slope of each player's own loss: where theta and psi are pushed.
 * `fair`: G pays -ln D, as in code; else ln(1-D), as on the blackboard.
 * @returns {[number, number]}
 */
export function push([theta, psi], { brake = 0, fair = false }) {
  const D = squashed(psi * theta);
  return [psi * (fair ? 1 - D : D), -theta * D - brake * psi];
}

/**
 * D tilts its line by one step.
 * @returns {[number, number]}
 */
export function tilt([theta, psi], rule) {
  return [theta, psi + rule.rate * push([theta, psi], rule)[1]];
}

/**
 * G shifts the fake by one step: along the slope, or as far to the side that was chosen, 1 or -1.
 * @returns {[number, number]}
 */
export function shift([theta, psi], rule, way = 0) {
  const by = rule.rate * push([theta, psi], rule)[0];
  return [theta + (way ? way * Math.abs(by) : by), psi];
}

/** One round by the rule: the places after it, of which there are two where the players move in turn. */
export function round_of(state, rule) {
  const [theta, psi] = push(state, rule);
  if (rule.together) return [[state[0] + rule.rate * theta, state[1] + rule.rate * psi]];
  const after = tilt(state, rule);
  return [after, shift(after, rule)];
}
