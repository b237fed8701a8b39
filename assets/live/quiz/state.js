// The state of a question, as it is kept in `given`: what is in it says nbs/toolbox/quiz.ipynb.

/** tried: wrong options that were chosen in a check; verdict: "", unclear, wrong, right or shown. */
export const UNTOUCHED = { tried: [], tries: 0, verdict: "" };
export const VERDICTS = {
  right: ["✓", "Right."],
  wrong: ["✗", "Not yet."],
  shown: ["→", "The answer."],
  unclear: ["!", ""],
};

export const over = state => state.verdict === "right" || state.verdict === "shown";
export const plural = (n, one, many) => (n === 1 ? one : many.replace("#", n));

/** The state after a press on Check. */
export function judged(part, state) {
  const found = part.judge(state.value);
  if (found.unclear) return { verdict: "unclear" };
  const tried = [...new Set([...state.tried, ...(found.tried || [])])];
  return { verdict: found.right ? "right" : "wrong", tries: state.tries + 1, tried };
}
