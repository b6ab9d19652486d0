// What the short form found in the words: one chip a filter, each of which can be taken away.

import { byId, el } from "./dom.js";

/** Show `terms` of the words `q`; `change` gets the words without the one that was taken away. */
export function showTerms(terms, q, change) {
  const list = byId("terms");
  list.hidden = !terms.length;
  list.replaceChildren(...terms.map((term) =>
    el("li", { class: /^-/.test(term) ? "term without" : "term" }, inWords(term),
      el("button", { type: "button", "aria-label": `Remove ${term}`, onclick: () => change(without(q, term)) }, "×"))));
}

function inWords(term) {
  const plain = term.replace(/^-/, "");
  const [, field, value] = plain.match(/^([A-Za-z_]+):(.*)$/) ?? [null, "", plain];
  const not = term.startsWith("-") ? el("span", { class: "field-name" }, field ? "not " : "unlike ") : "";
  return [not, field ? el("span", { class: "field-name" }, `${field} `) : "", el("span", {}, field ? value.replaceAll('"', "") : value)];
}

/** The words without a term, as a whole word of them. */
function without(q, term) {
  const at = ` ${q} `.indexOf(` ${term} `);
  return at < 0 ? q : `${q.slice(0, at)}${q.slice(at + term.length)}`.replace(/\s+/g, " ").trim();
}
