// One picture, large, with everything that is known of it and why it was found.

import { byId, el, percent } from "./dom.js";
import { altOf, isDocument, isFilm, originOf } from "./cards.js";
import { draftingPanel } from "./drafting.js";

const CHANNELS = { image: "What it shows", caption: "What its caption means", bm25: "Words of its caption and tags" };

/** Show `item` of `all`; the arrow keys lead to its neighbours, Esc closes. `moreLike` searches by the one shown. */
export function openDetails(all, item, event, moreLike = null) {
  const dialog = byId("details");
  const similar = (shown) => (moreLike && shown.visual_id
    ? el("button", { type: "button", class: "quiet similar", onclick: () => { dialog.close(); moreLike(shown); } }, "More like this") : "");
  const show = (shown) => {
    const title = el("header", {}, ...head(shown));
    const captioned = (draft) => {
      if (draft.text) shown.caption ??= { text: draft.text, origin: "generated", status: "approved", language: draft.language };
      title.replaceChildren(...head(shown));
      document.dispatchEvent(new CustomEvent("captioned"));
    };
    const at = all.indexOf(shown);
    dialog.replaceChildren(
      el("div", { class: "large" }, large(shown)),
      el("div", { class: "about" }, title, similar(shown), about(shown), draftingPanel(shown, captioned), why(shown), record(shown, event)),
      el("nav", { class: "turn", "aria-label": "Pictures" },
        turn("Previous", all[at - 1], show), el("span", {}, `${at + 1} of ${all.length}`), turn("Next", all[at + 1], show),
        el("button", { type: "button", class: "quiet close", autofocus: true, onclick: () => dialog.close() }, "Close")),
    );
    dialog.onkeydown = (press) => {
      if (press.target.closest("input, textarea, select")) return;
      const next = { ArrowLeft: all[at - 1], ArrowRight: all[at + 1] }[press.key];
      if (next) show(next);
    };
  };
  show(item);
  dialog.onclick = (press) => { if (press.target === dialog) dialog.close(); }; // a handler that returns false would keep links from opening
  dialog.showModal();
}

function turn(words, to, show) {
  return el("button", { type: "button", class: "quiet", disabled: !to, onclick: () => show(to) }, words);
}

function large(item) {
  const still = el("img", { src: item.thumbnail_url, alt: altOf(item), width: item.width, height: item.height });
  if (isFilm(item)) return film(item, still);
  if (isDocument(item)) return still;
  const original = new Image();
  original.onload = () => still.setAttribute("src", item.original_url);
  original.src = item.original_url;
  return still;
}

/** The film from the moment that was found; where the browser cannot play it, the moment itself. */
function film(item, still) {
  const player = el("video", { src: item.original_url, poster: item.thumbnail_url, controls: true, preload: "metadata", "aria-label": altOf(item) });
  player.addEventListener("error", () => player.replaceWith(still), { once: true });
  return player;
}

function head(item) {
  return [el("h2", {}, item.caption?.text ?? "Without a caption"), el("p", { class: "meta" }, originOf(item.caption))];
}

function about(item) {
  return list([
    ["File", item.name],
    ["Place", item.place],
    ["Size", item.width ? `${item.width} × ${item.height} ${isDocument(item) ? "points" : "pixels"}, ${kindOf(item)}` : ""],
    ["Taken", item.captured_at],
    ["Camera", item.camera],
    ["Source", item.source],
    ["Licence", item.licence],
    ["Tags", item.tags.join(", ")],
    ["Generated tags", (item.generated_tags ?? []).map((tag) => tag.name ?? tag).join(", ")],
    ["Library", item.library],
  ]);
}

const kindOf = (item) => item.media_type.split("/").pop().replace(/^x-/, "").toUpperCase();

function why(item) {
  if (item.relevance === undefined) return "";
  const rows = Object.entries(item.scores).map(([channel, score]) =>
    el("tr", {}, el("th", { scope: "row" }, CHANNELS[channel] ?? channel), el("td", {}, score.toFixed(3)), el("td", {}, item.ranks[channel] ?? "–")));
  return el(
    "section", {},
    el("h3", {}, `Why it was found: ${percent(item.relevance)} relevant`),
    el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Compared by"), el("th", { scope: "col" }, "Score"), el("th", { scope: "col" }, "Rank"))),
      el("tbody", {}, rows)),
    list([
      ["Closest", item.matched && item.matched.text !== item.caption?.text ? item.matched.text : ""],
      ["Unwanted", item.unlike >= 0.01 ? `${percent(item.unlike)} likely; lowers its relevance` : ""],
      ["Reranked", reranked(item.reranked)],
    ]),
    item.conditions?.length ? [el("h3", {}, "Filters"), el("ul", { class: "conditions" }, item.conditions.map(condition))] : "",
  );
}

const condition = (one) =>
  el("li", { "data-held": String(one.held) }, el("span", { class: "term" }, one.words), ` ${one.held ? "holds" : "fails"}`, one.found ? `: ${one.found}` : "");

const reranked = (change) =>
  (change ? `from ${change.old_rank} to ${change.new_rank}${change.reason ? `: ${change.reason}` : ""}` : "");

function record(item, event) {
  const original = el("a", { href: item.original_url, target: "_blank", rel: "noopener" }, item.place ? `Open the original at ${item.place}` : "Open the original");
  const entry = event === null ? "" : el("a", { href: `/v1/ledger/events/${event}`, target: "_blank", rel: "noopener" }, `Event ${event}`);
  return el("section", {}, el("h3", {}, "Record"), list([["Ledger", entry], ["Asset", item.asset_id ?? item.id], ["Visual", item.visual_id]], "ids"), el("p", {}, original));
}

function list(pairs, kind = "") {
  return el("dl", { class: kind }, pairs.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
