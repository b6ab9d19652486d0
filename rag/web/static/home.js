// Before the first question: what to try, some of the collection, or how to begin.

import { el } from "./dom.js";
import { altOf, badge, picture } from "./cards.js";
import { openDetails } from "./details.js";

const SHOWN = 12;
const WORDS_OF_A_CHIP = 9;

/** Some indexed assets, as the details and cards want them. */
export function asItem(asset) {
  const caption = asset.captions.find((one) => one.status !== "rejected") ?? null;
  return { ...asset, asset_id: asset.id, caption, captured_at: asset.captured_at?.slice(0, 10) ?? "", scores: {}, ranks: {} };
}

export function collection(items) {
  const shown = items.slice(0, SHOWN);
  const card = (item) =>
    el("li", { class: "card plain" },
      el("button", { type: "button", class: "picture", "aria-label": `Details: ${altOf(item)}`, onclick: () => openDetails(shown, item, null) }, picture(item), badge(item)));
  return el("div", { class: "collection" }, el("h2", { class: "found" }, el("strong", {}, "From the collection")), el("ol", { class: "grid" }, shown.map(card)));
}

/** Things to try, in the words of the library's own captions and tags. */
export function chips(items, use) {
  const captions = [...new Set(items.map((item) => item.caption?.text ?? ""))].filter((text) => text && text.split(/\s+/).length <= WORDS_OF_A_CHIP);
  const tags = [...new Set(items.flatMap((item) => item.tags))].filter((tag) => /^[\p{L} -]{3,20}$/u.test(tag));
  const [shortest, ...others] = captions.sort((a, b) => a.length - b.length);
  const wanted = [
    ...others.slice(0, 2).map((text) => ({ q: lowered(text), mode: "search" })),
    ...tags.slice(0, 1).map((tag) => ({ q: tag, mode: "search" })),
    ...(shortest ? [{ q: `Which pictures show ${lowered(shortest)}?`, mode: "ask" }] : []),
  ];
  if (!wanted.length) return [];
  const chip = (one) => el("li", {}, el("button", { type: "button", class: "chip", onclick: () => use(one) }, one.q));
  return [el("p", { class: "try", id: "try" }, "Try"), el("ul", { class: "chips", "aria-labelledby": "try" }, wanted.map(chip))];
}

const lowered = (text) => (/^[A-Z]\p{Ll}|^[A-Z]\s/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text).replace(/\.$/, "");

export function emptyLibrary(status, choose) {
  const upload = status.may_upload
    ? [el("p", {}, "Drop pictures, films, PDFs or folders anywhere on this page, or choose them. For a large library, run:"), el("pre", {}, el("code", {}, "picturedesk ingest FOLDER")),
       el("button", { type: "button", class: "solid", onclick: choose }, "Add files")]
    : [el("p", {}, "Nobody has added pictures that you may see yet.")];
  return el("div", { class: "message empty" }, el("h2", {}, "The library is empty"), ...upload);
}
