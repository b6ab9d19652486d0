// What lint says of a draft, in words.

import { el, plural } from "./dom.js";
import { post } from "./api.js";

const SEVERITIES = { error: "Error", warning: "Warning", note: "Note" };
const known = new Map();
let before = Promise.resolve();

/** The findings of a draft as it stands. One check at a time, each once: it is a search, and the ledger has it. */
export function findingsOf(draft) {
  const key = `${draft.id} ${draft.revision}`;
  if (!known.has(key)) {
    const asked = before.then(() => checked(draft));
    before = asked.catch(() => known.delete(key));
    known.set(key, asked);
  }
  return known.get(key);
}

async function checked({ visual, text, form, facts, language, decorative }) {
  return (await post("/v1/captions/lint", { visual, text, form, facts, language, decorative })).findings;
}

/** Remember what came with a new draft. */
export function remember(draft, findings) {
  known.set(`${draft.id} ${draft.revision}`, Promise.resolve(findings));
}

export function findingList(findings) {
  if (!findings.length) return el("p", { class: "findings none-found" }, "Lint finds nothing wrong.");
  return el("ul", { class: "findings", "aria-label": plural(findings.length, "finding") }, findings.map(finding));
}

function finding({ severity, message, words, code }) {
  const about = words && !WHOLE.has(code) ? el("span", { class: "about-words" }, `“${words}”`) : "";
  return el("li", { "data-severity": severity }, el("strong", {}, SEVERITIES[severity] ?? severity), " ", about, about ? ": " : "", message);
}

const WHOLE = new Set(["near-example", "hard-to-read", "too-long", "not-empty"]);

/** The text with the words marked that lint is about. Places count characters, not UTF-16 units. */
export function marked(text, findings) {
  const letters = [...text];
  const parts = [];
  let at = 0;
  for (const { start, end, severity, message, code } of findings.filter((one) => one.end > one.start).sort((a, b) => a.start - b.start)) {
    if (start < at || (WHOLE.has(code) && code !== "too-long")) continue;
    parts.push(letters.slice(at, start).join(""), el("mark", { "data-severity": severity, title: message }, letters.slice(start, end).join("")));
    at = end;
  }
  return [...parts, letters.slice(at).join("")];
}
