// An answer beside its evidence. Each [n] in the text leads to evidence n; what nothing bears out is marked.

import { el, percent, plural } from "./dom.js";
import { grid, highlight, picture } from "./cards.js";
import { openDetails } from "./details.js";
import { foundLine } from "./messages.js";

const CITATION = /\[(\d+)\]/g;

/** The newest turn: complete, or with `stop` while it is written. */
export function answerView(result, { searchInstead, moreLike, askOn, stop = null }) {
  if (result.abstained) return abstention(result, searchInstead, askOn);
  const [retrieval] = result.events;
  return el(
    "div", { class: "asked" },
    el("article", { class: "answer", "aria-label": "Answer", "aria-busy": result.running ? "true" : undefined },
      prose(result, highlight),
      result.running
        ? el("p", { class: "meta" }, "Writing… ", el("button", { type: "button", class: "quiet", onclick: stop }, "Stop"))
        : [support(result.support), notes(result), provenance(result), further(askOn)]),
    el("section", { class: "evidence", "aria-label": "Evidence" },
      result.coverage ? foundLine(result, "Evidence") : "",
      grid(result.evidence, { event: retrieval ?? null, moreLike })),
  );
}

/** A turn that others followed: its text, and its evidence small. */
export function earlierView(result, { moreLike }) {
  const [event] = result.events;
  const open = (item) => openDetails(result.evidence, item, event ?? null, moreLike);
  const opened = (number) => { const item = result.evidence.find((one) => one.number === number); if (item) open(item); };
  const thumb = (item) => el("li", {}, el("button", { type: "button", class: "picture", "aria-label": `Evidence ${item.number}`, onclick: () => open(item) }, picture(item)));
  return el("section", { class: "earlier-turn" },
    el("h2", {}, result.question),
    prose(result, opened),
    result.evidence.length ? el("ol", { class: "strip" }, result.evidence.map(thumb)) : "");
}

function abstention(result, searchInstead, askOn) {
  return el(
    "div", { class: "message" },
    el("h2", {}, "No answer in this library"),
    el("p", {}, result.answer),
    el("p", {}, "Rather than guess, the desk says so. You can still look at the closest pictures."),
    el("button", { type: "button", class: "solid", onclick: searchInstead }, "Show the closest pictures"),
    provenance(result),
    further(askOn),
  );
}

/** Paragraphs and lists, by line; text stays text. */
function prose(result, follow) {
  const blocks = [];
  const doubtful = result.support.filter((one) => !one.supported);
  for (const line of result.answer.split("\n").map((raw) => raw.trim()).filter(Boolean)) {
    const item = line.match(/^[-*•]\s+(.*)$/);
    if (!item) blocks.push(el("p", {}, marked(line, result, doubtful, follow)));
    else {
      if (blocks.at(-1)?.tagName !== "UL") blocks.push(el("ul", {}));
      blocks.at(-1).append(el("li", {}, marked(item[1], result, doubtful, follow)));
    }
  }
  return el("div", { class: "prose" }, blocks);
}

/** A line, with the sentences in it that the evidence does not bear out set apart. */
function marked(line, result, doubtful, follow) {
  for (const { sentence, score } of doubtful) {
    const text = sentence.replace(/^[-*•]\s+/, "");
    const at = line.indexOf(text);
    if (at < 0) continue;
    const why = `The evidence does not bear this out (support ${percent(score)})`;
    return [
      marked(line.slice(0, at), result, doubtful, follow),
      el("span", { class: "doubtful", title: why }, cited(text, result, follow), el("span", { class: "visually-hidden" }, ` (${why})`)),
      marked(line.slice(at + text.length), result, doubtful, follow),
    ];
  }
  return cited(line, result, follow);
}

function cited(line, result, follow) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(CITATION)) {
    const number = Number(match[1]);
    if (!result.citations.includes(number)) continue;
    parts.push(line.slice(end, match.index).replace(/\s+$/, "\u00a0"), citation(number, follow));
    end = match.index + match[0].length;
  }
  return [...parts, line.slice(end)];
}

function citation(number, follow) {
  const lead = (event) => {
    event.preventDefault();
    follow(number);
  };
  return el("a", { href: `#evidence-${number}`, class: "citation", "aria-label": `Evidence ${number}`, onclick: lead }, number);
}

/** How far the evidence bears out each sentence; open where one has none. */
function support(sentences) {
  if (!sentences.length) return "";
  const borne = sentences.filter((one) => one.supported).length;
  const row = ({ sentence, score, supported }) =>
    el("li", { class: supported ? "" : "doubtful" }, el("span", {}, sentence.replace(/^[-*•]\s+/, "")), el("span", { class: "score" }, percent(score)));
  return el("details", { class: "support", open: borne < sentences.length },
    el("summary", {}, borne === sentences.length
      ? `Every sentence is borne out by the evidence (${sentences.length})`
      : `${borne} of ${plural(sentences.length, "sentence")} borne out by the evidence`),
    el("ul", {}, sentences.map(row)));
}

function notes(result) {
  const said = [...(result.standalone ? [`Searched as: ${result.standalone}`] : []), ...result.notices];
  return said.length ? el("ul", { class: "notes" }, said.map((notice) => el("li", {}, notice))) : "";
}

function provenance(result) {
  const written = result.composer && !["extractive", "none"].includes(result.composer) ? `Written by ${result.composer}. ` : "";
  return el("p", { class: "meta" }, `${written}In the ledger: events ${result.events.join(" and ")}.`);
}

/** A question that goes on from this answer. */
function further(askOn) {
  const field = el("input", { type: "text", name: "further", placeholder: "Ask further…", "aria-label": "Ask further", autocomplete: "off", enterkeyhint: "search" });
  const submit = (event) => {
    event.preventDefault();
    if (field.value.trim()) askOn(field.value.trim());
  };
  return el("form", { class: "further-question", onsubmit: submit }, field, el("button", { type: "submit", class: "quiet" }, "Ask"));
}
