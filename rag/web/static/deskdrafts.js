// Drafts that wait for an editor: the picture beside the text, a page at a time.

import { announce, el, plural } from "./dom.js";
import { get } from "./api.js";
import { keyLine, pages } from "./deskpaging.js";
import { onwards } from "./deskkeys.js";
import { FORMS, draftCard, isOpen } from "./drafts.js";
import { thumbnailOf, visualOf } from "./visuals.js";

const A_PAGE = 12;
const KEYS = [["j", "next"], ["k", "back"], ["a", "approve"], ["e", "edit"], ["r", "reject"]];

export async function waitingDrafts({ library, form, go }) {
  const load = async (after) => {
    const scope = new URLSearchParams([["state", "draft"], ["state", "edited"], ["limit", A_PAGE], ...(library ? [["library", library]] : []), ...(form ? [["form", form]] : []), ...(after ? [["after", after]] : [])]);
    const { drafts, next } = await get(`/v1/captions/drafts?${scope}`);
    return { cards: drafts.map(card), next };
  };
  const first = await load("");
  announce(first.cards.length ? `${plural(first.cards.length, "draft")} shown.` : "No draft waits.");
  if (!first.cards.length && !form) return [nothing(library)];
  return [bar(form, go), first.cards.length ? pages("desk-drafts", first, load) : el("p", { class: "nothing" }, `No ${FORMS[form].toLowerCase()} waits.`)];
}

function card(draft) {
  return draftCard(draft, { picture: picture(draft), settled: (now, own) => { if (!isOpen(now)) onwards(own); } });
}

/** Opens the original. What it shows is for the editor to see: the draft under review is no alt text yet. */
function picture(draft) {
  const link = el("a", { class: "picture", target: "_blank", rel: "noopener", "aria-label": "Open the picture that this is about" },
    el("img", { src: thumbnailOf(draft), alt: "", loading: "lazy", decoding: "async" }));
  link.append(el("span", { class: "place", hidden: true }));
  visualOf(draft.visual).then((found) => {
    if (!found) return;
    link.setAttribute("href", found.asset.original_url);
    link.setAttribute("title", found.asset.name);
    link.lastChild.textContent = found.place;
    link.lastChild.hidden = !found.place;
  });
  return link;
}

function bar(form, go) {
  const choice = el("select", { onchange: () => go({ form: choice.value }) }, el("option", { value: "" }, "Every form"), Object.entries(FORMS).map(([value, words]) => el("option", { value }, words)));
  choice.value = form in FORMS ? form : "";
  return el("div", { class: "bar" }, el("label", {}, el("span", { class: "visually-hidden" }, "Form"), choice), keyLine(KEYS));
}

function nothing(library) {
  return el("div", { class: "message" },
    el("h2", {}, "No draft waits"),
    el("p", {}, "Open a picture and choose “Draft a caption”. For every picture without an alt text, run:"),
    el("pre", {}, el("code", {}, `picturedesk captions batch --form alt${library ? ` --library ${library}` : ""}`)));
}
