// How sure a policy is, as a small bar with the thresholds on it.

import { el, percent } from "./dom.js";

const ACTIONS = { allow: "noted", review: "people look", blur: "blurred", block: "blocked" };

/** The thresholds of each category, by action; of captions that do not fit, from where on people are asked. */
export function thresholdsOf(policy) {
  const found = Object.fromEntries(policy.categories.map(({ name, thresholds }) => [name, thresholds]));
  if (policy.mismatch_below !== null) found.mismatch = { review: 1 - policy.mismatch_below };
  return found;
}

export function scoreBar(score, thresholds = {}) {
  const marks = Object.entries(thresholds).sort(([, a], [, b]) => a - b);
  const words = [score.toFixed(2), ...marks.map(([action, from]) => `${ACTIONS[action] ?? action} from ${from.toFixed(2)}`)];
  return el("p", { class: "score" },
    el("span", { class: "scale", "aria-hidden": "true" }, placed(el("span", { class: "fill" }), score), marks.map(([action, from]) => placed(el("span", { class: "tick", "data-action": action }), from))),
    el("span", {}, el("span", { class: "visually-hidden" }, "Score "), el("strong", {}, words[0]), words.slice(1).map((one) => ` · ${one}`)));
}

function placed(element, share) {
  element.style.setProperty("--share", percent(Math.min(1, Math.max(0, share))));
  return element;
}
