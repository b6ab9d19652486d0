// An answer beside its evidence. Each [n] in the text leads to evidence n.

import { el } from "./dom.js";
import { grid, highlight } from "./cards.js";
import { foundLine } from "./messages.js";

const CITATION = /\[(\d+)\]/g;

export function answerView(result, { searchInstead, moreLike }) {
  if (result.abstained) return abstention(result, searchInstead);
  const [retrieval] = result.events;
  return el(
    "div", { class: "asked" },
    el("article", { class: "answer", "aria-label": "Answer" },
      prose(result.answer, result.citations),
      el("ul", { class: "notes" }, result.notices.map((notice) => el("li", {}, notice))),
      el("p", { class: "meta" }, provenance(result))),
    el("section", { class: "evidence", "aria-label": "Evidence" },
      foundLine(result, "Evidence"),
      grid(result.evidence, { event: retrieval ?? null, moreLike })),
  );
}

function abstention(result, searchInstead) {
  return el(
    "div", { class: "message" },
    el("h2", {}, "No answer in this library"),
    el("p", {}, result.answer),
    el("p", {}, "Rather than guess, the desk says so. You can still look at the closest pictures."),
    el("button", { type: "button", class: "solid", onclick: searchInstead }, "Show the closest pictures"),
    el("p", { class: "meta" }, provenance(result)),
  );
}

/** Paragraphs and lists, by line; text stays text. */
function prose(text, citations) {
  const blocks = [];
  for (const line of text.split("\n").map((raw) => raw.trim()).filter(Boolean)) {
    const item = line.match(/^[-*•]\s+(.*)$/);
    if (!item) blocks.push(el("p", {}, cited(line, citations)));
    else {
      if (blocks.at(-1)?.tagName !== "UL") blocks.push(el("ul", {}));
      blocks.at(-1).append(el("li", {}, cited(item[1], citations)));
    }
  }
  return el("div", { class: "prose" }, blocks);
}

function cited(line, citations) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(CITATION)) {
    const number = Number(match[1]);
    if (!citations.includes(number)) continue;
    parts.push(line.slice(end, match.index).replace(/\s+$/, "\u00a0"), citation(number));
    end = match.index + match[0].length;
  }
  return [...parts, line.slice(end)];
}

function citation(number) {
  const follow = (event) => {
    event.preventDefault();
    highlight(number);
  };
  return el("a", { href: `#evidence-${number}`, class: "citation", "aria-label": `Evidence ${number}`, onclick: follow }, number);
}

function provenance(result) {
  const who = ["extractive", "none"].includes(result.composer) ? "" : `Written by ${result.composer}. `;
  return `${who}In the ledger: events ${result.events.join(" and ")}.`;
}
