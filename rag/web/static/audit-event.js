// One event whole: question, evidence, what was dropped, prompt, answer, checks, what belongs to it, and whether it is intact.

import { announce, el, percent, plural } from "./dom.js";
import { get, post } from "./api.js";
import { doubts, when } from "./audit-words.js";
import { judging } from "./audit-review.js";
import { failure } from "./messages.js";

/** The nodes that show event `seq`; `again` shows it anew. */
export async function eventView(seq, { link, signal, again }) {
  const whole = await get(`/v1/audit/events/${encodeURIComponent(seq)}`, { signal });
  announce(`Event ${whole.event.seq}.`);
  const { entry, event, proof } = whole;
  const judged = ["answer", "retrieval"].includes(event.kind) ? judging(whole, again) : null;
  return [el("article", { class: "whole", "aria-label": `Event ${event.seq}` },
    el("header", {},
      el("p", { class: "meta" }, link(backTo(), "Back"), ` · event ${event.seq} · ${event.kind}`),
      el("h2", {}, question(whole) || entry.summary || `A ${event.kind}`),
      el("p", { class: proof.holds ? "intact" : "broken" }, proof.holds ? `As it was written: ${proof.said}.` : `NOT as it was written: ${proof.said}.`),
      el("p", {}, doubts(entry), entry.risks.map((rule) => el("span", { class: "doubt calm" }, rule)))),
    el("div", {}, answer(whole.answer), evidence(whole, judged), judged?.form ?? "", replay(whole)),
    el("aside", {}, facts(whole), belongs(whole, link), reviews(whole), dropped(whole.dropped), prompt(whole.retrieval), raw(event)))];
}

/** What was asked, also of its answer. */
function question({ retrieval, event }) {
  if (!["answer", "retrieval"].includes(event.kind)) return "";
  return retrieval?.body.rewriting?.question ?? retrieval?.body.query?.text ?? "";
}

function backTo() {
  const given = Object.fromEntries(new URLSearchParams(location.search));
  delete given.event;
  return given;
}

function answer(event) {
  if (!event || typeof event.body.text !== "string") return event ? el("p", { class: "none" }, "The answer was erased.") : "";
  const support = event.body.verdicts?.support;
  return el("section", { "aria-label": "Answer" },
    el("h3", {}, "Answer"),
    el("div", { class: "prose" }, event.body.text.split("\n").filter(Boolean).map((line) => el("p", {}, line))),
    Array.isArray(support) && support.length ? el("ul", { class: "sentences" }, support.map((one) => el("li", { class: one.supported ? "" : "doubtful" },
      el("span", {}, one.sentence ?? "(erased)"), el("span", {}, `${one.supported ? "supported" : "unsupported"} ${percent(one.score ?? 0)}`)))) : "");
}

function thumbnail(one) {
  const words = one.caption || one.name || "a picture without a caption";
  if (!one.thumbnail_url) return el("div", { class: "shown" }, "gone, or not for you");
  const image = el("img", { src: one.thumbnail_url, alt: words, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.replaceWith("no picture"), { once: true });
  return el("div", { class: "shown" }, image);
}

const scores = (one) => Object.entries(one.scores).map(([name, score]) => `${name} ${score.toFixed(3)}${one.ranks[name] ? ` (rank ${one.ranks[name]})` : ""}`).join(" · ");

function evidence(whole, judged) {
  if (!whole.evidence.length) return whole.retrieval ? el("p", { class: "nothing" }, "No evidence.") : "";
  const cited = new Set((Array.isArray(whole.answer?.body.citations) ? whole.answer.body.citations : []).map((one) => one.number));
  return el("section", { "aria-label": "Evidence" },
    el("h3", {}, plural(whole.evidence.length, "piece", "pieces"), " of evidence"),
    el("ol", { class: "looked" }, whole.evidence.map((one) => el("li", {},
      thumbnail(one),
      el("div", {},
        el("p", { class: "caption" }, `[${one.number}] `, one.caption || el("span", { class: "none" }, "no caption")),
        el("p", { class: "meta" }, `relevance ${one.relevance.toFixed(2)} · ${scores(one)}${cited.has(one.number) ? " · cited" : ""}`),
        el("p", { class: "meta" }, one.name),
        judged ? judged.grades(one) : "")))));
}

function facts({ event, entry, retrieval, cases }) {
  const timings = { ...(retrieval?.body.timings ?? {}), ...(event.body.timings ?? {}) };
  const rows = [
    ["Who", entry.actor || "(erased)"], ["When", `${when(event.at)} UTC`], ["Door", entry.door], ["Library", entry.library || "several"],
    ["Encoder", entry.encoder], ["Model", entry.model], ["Prompt", entry.prompt && `${entry.prompt} (${entry.prompt_hash.slice(0, 12)})`],
    ["Collection", retrieval?.body.collection], ["Cases", cases.join(", ")],
    ["Took", Object.entries(timings).map(([name, ms]) => `${name.replace("_ms", "")} ${Math.round(ms)} ms`).join(", ")],
    ["Hash", event.hash],
  ];
  return el("section", { "aria-label": "Facts" }, el("dl", {}, rows.filter(([, said]) => said).map(([name, said]) => [el("dt", {}, name), el("dd", {}, said)])));
}

function belongs({ event, linked, conversation }, link) {
  const line = (entry) => el("li", { class: entry.seq === event.seq ? "here" : "" }, link({ event: String(entry.seq) }, String(entry.seq)), ` ${entry.kind}: ${entry.summary}`);
  return [
    linked.length ? el("section", {}, el("h3", {}, "Belongs together"), el("ul", { class: "belongs" }, linked.map(line))) : "",
    conversation.length > 1 ? el("section", {}, el("h3", {}, "The conversation"), el("ol", { class: "belongs" }, conversation.map(line))) : "",
  ];
}

function reviews({ reviews: shown, hidden_reviews: hidden }) {
  if (!shown.length && !hidden) return "";
  return el("section", { "aria-label": "Reviews" }, el("h3", {}, "Reviews"),
    shown.map((one) => el("p", { class: "meta" }, `${one.reviewer || "(erased)"}: ${one.verdict}${one.flagged ? ", flagged" : ""}. ${one.comment}`)),
    hidden ? el("p", { class: "meta" }, `${plural(hidden, "review")} of others: shown once you have reviewed it yourself.`) : "");
}

function dropped(candidates) {
  if (!candidates.length) return "";
  const list = el("ol", { class: "looked small" });
  const fill = () => { if (!list.childElementCount) list.append(...candidates.map((one) => el("li", {}, thumbnail(one), el("div", {}, el("p", {}, one.name || one.visual.slice(0, 8)), el("p", { class: "meta" }, `${one.position ? `${one.position}. ` : ""}${one.reason} · ${one.relevance.toFixed(2)}`))))); };
  return el("details", { ontoggle: fill }, el("summary", {}, `${plural(candidates.length, "candidate")} dropped, and why`), list);
}

function prompt(retrieval) {
  const messages = retrieval?.body.prompt?.messages;
  if (!Array.isArray(messages)) return "";
  return el("details", {}, el("summary", {}, "What the model was sent"), messages.map((one) => [el("p", { class: "meta" }, one.role), el("pre", { tabindex: "0" }, one.text ?? "(erased)")]));
}

function raw(event) {
  const text = el("pre", { tabindex: "0" });
  return el("details", { ontoggle: () => { text.textContent ||= JSON.stringify(event.body, null, 1); } }, el("summary", {}, "The event as it is recorded"), text);
}

function replay(whole) {
  if (!whole.retrieval || !["answer", "retrieval"].includes(whole.event.kind)) return "";
  const out = el("div", { class: "moves", "aria-live": "polite" });
  const against = el("select", { "aria-label": "Of which index" }, el("option", { value: "" }, "today's index"));
  get("/v1/audit/pins").then(({ pins }) => against.append(...pins.map((pin) => el("option", { value: pin.name }, `pin ${pin.name}, ${when(pin.at)}`)))).catch(() => {});
  const run = async (press) => {
    press.target.disabled = true;
    out.replaceChildren(el("p", { class: "meta" }, "Asking again…"));
    try {
      out.replaceChildren(...moves(await post(`/v1/audit/events/${whole.event.seq}/replay`, { pin: against.value })));
    } catch (error) { out.replaceChildren(failure(error, () => run(press))); }
    press.target.disabled = false;
  };
  return el("section", { "aria-label": "Replay" }, el("h3", {}, "Ask it again"),
    el("p", { class: "again" }, el("button", { type: "button", class: "solid", onclick: run }, "Ask again"), "of", against), out);
}

function moves(done) {
  const place = (at) => (at === null ? "–" : String(at));
  const line = (move) => el("li", {}, thumbnail(move), el("div", {},
    el("p", {}, el("span", { class: move.change === "same" ? "doubt calm" : "doubt" }, move.change), `${place(move.was)} → ${place(move.now)}  ${move.caption || move.name || move.visual.slice(0, 8)}`),
    el("p", { class: "meta" }, move.why)));
  return [
    el("p", {}, done.same ? "The same pictures in the same order." : `${percent(done.overlap)} of the hits are the same.`),
    [...done.causes, ...done.notices].map((said) => el("p", { class: "meta" }, said)),
    el("ol", { class: "looked small" }, done.moves.map(line)),
  ].flat();
}
