// Pictures with their captions, in the order given.

import { el, percent } from "./dom.js";
import { openDetails } from "./details.js";

const ORIGINS = {
  human: "Captioned by a person",
  embedded: "Caption from the file",
  generated: "Generated caption",
  ocr: "Text read from the picture",
};

export const originOf = (caption) => (caption ? ORIGINS[caption.origin] ?? caption.origin : "");

export const altOf = (item) => item.caption?.text ?? `Picture without a caption: ${item.name}`;

/** A grid of evidence. The details lead through `all`, and name `event`, the ledger's number; `moreLike` searches by one. */
export function grid(evidence, { event = null, all = evidence, moreLike = null } = {}) {
  return el("ol", { class: "grid" }, evidence.map((item) => card(item, all, event, moreLike)));
}

function card(item, all, event, moreLike) {
  const open = () => openDetails(all, item, event, moreLike);
  return el(
    "li",
    { class: "card", id: `evidence-${item.number}`, tabindex: "-1" },
    el("button", { type: "button", class: "picture", onclick: open, "aria-label": `Details: ${altOf(item)}${item.place ? `, ${item.place}` : ""}` }, picture(item), badge(item)),
    el("div", { class: "legend" }, el("span", { class: "number" }, item.number), el("p", { class: "caption" }, captionOf(item))),
    relevance(item.relevance),
    item.caption ? el("p", { class: "meta" }, originOf(item.caption)) : "",
    el("p", { class: "meta facts" }, [item.source, item.licence].filter(Boolean).map((fact) => el("span", {}, fact))),
    moreLike ? el("button", { type: "button", class: "quiet similar", "aria-label": `More like this: ${altOf(item)}`, onclick: () => moreLike(item) }, "More like this") : "",
  );
}

/** Which page of a document or moment of a film it is; else what kind of file. */
export function badge(item) {
  const kind = isFilm(item) ? "Film" : isDocument(item) ? "PDF" : "";
  return kind ? el("span", { class: "place" }, item.place || kind) : "";
}

export const isFilm = (item) => item.media_type.startsWith("video/");
export const isDocument = (item) => item.media_type === "application/pdf";

export function picture(item, { eager = false } = {}) {
  const image = el("img", {
    src: item.thumbnail_url, alt: altOf(item), width: item.width, height: item.height,
    loading: eager ? "eager" : "lazy", decoding: "async",
  });
  image.addEventListener("error", () => image.closest(".picture")?.classList.add("gone"), { once: true });
  return image;
}

export function relevance(share) {
  const fill = el("span", { class: "fill" });
  fill.style.setProperty("--share", percent(share));
  return el(
    "p",
    { class: "relevance", title: "How likely it is that this is what you asked for" },
    el("span", { class: "meter", "aria-hidden": "true" }, fill),
    el("span", { class: "visually-hidden" }, "Relevance "),
    percent(share),
  );
}

const captionOf = (item) => item.caption?.text ?? el("span", { class: "none" }, "Without a caption");

/** Grey shapes where pictures will be. */
export function skeleton(count = 8) {
  const shape = () => el("li", { class: "card" }, el("div", { class: "picture shimmer" }), el("div", { class: "line shimmer" }), el("div", { class: "line short shimmer" }));
  return el("ol", { class: "grid", "aria-hidden": "true" }, Array.from({ length: count }, shape));
}

/** Bring a piece of evidence to the reader's eye. */
export function highlight(number) {
  document.querySelectorAll(".card.lit").forEach((lit) => lit.classList.remove("lit"));
  const found = document.getElementById(`evidence-${number}`);
  if (!found) return;
  found.classList.add("lit");
  found.focus({ preventScroll: true });
  found.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
