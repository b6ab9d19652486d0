// One drafted text under review: what lint says, what it was made after, and what an editor does with it.

import { announce, el, plural } from "./dom.js";
import { get, patch, post } from "./api.js";
import { button, editor, rejection } from "./deciding.js";
import { difference } from "./difference.js";
import { findingList, findingsOf, marked } from "./lint.js";
import { exampleList } from "./visuals.js";

export const FORMS = { news: "News caption", alt: "Alt text", product: "Product description", social: "Social post", long: "Long description" };
const DONE = { draft: "drafted", edited: "edited", approved: "approved", rejected: "rejected", replaced: "approved, and replaced by a newer one" };

export const isOpen = (draft) => draft.state === "draft" || draft.state === "edited";

/**
 * A list item for `draft`. `picture` stands beside the text; `settled` is told of each step; `lint` checks it when seen.
 * Buttons carry `data-key`, for pages that answer to single keys.
 */
export function draftCard(draft, { picture = null, settled = () => {} } = {}) {
  const card = el("li", { class: "draft", tabindex: "-1" });
  const view = { draft, card, picture, settled, mode: "shown", typed: null, trouble: "" };
  draw(view);
  if (isOpen(draft)) whenSeen(card, () => lint(view));
  return card;
}

function whenSeen(card, act) {
  const watch = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) { watch.disconnect(); act(); }
  });
  watch.observe(card);
}

/** Check the text as it stands, and show what was found. */
async function lint(view) {
  const { draft } = view;
  const found = await findingsOf(draft).catch((error) => error);
  if (view.draft.revision !== draft.revision) return;
  view.findings = found instanceof Error ? null : found;
  view.unchecked = found instanceof Error ? found.message : "";
  if (view.mode === "shown") draw(view);
}

function draw(view) {
  const { card, draft, picture, trouble } = view;
  const focused = card.contains(document.activeElement);
  card.setAttribute("data-state", draft.state);
  card.toggleAttribute("data-waits", isOpen(draft));
  card.setAttribute("aria-label", `${FORMS[draft.form]}: ${draft.text || "empty"}`);
  card.removeAttribute("aria-busy");
  card.replaceChildren(...[
    picture,
    el("div", { class: "words" },
      el("p", { class: "meta" }, [FORMS[draft.form], draft.language, madeBy(draft)].filter(Boolean).join(" · ")),
      view.mode === "edit" ? editing(view) : text(view),
      view.mode === "shown" ? changes(draft) : "",
      view.mode === "shown" && isOpen(draft) ? lintLine(view) : "",
      draft.examples.length && isOpen(draft) ? madeAfter(view) : "",
      trouble ? el("p", { class: "wrong", role: "alert" }, trouble) : "",
      foot(view)),
  ].filter(Boolean));
  if (focused && !card.contains(document.activeElement)) (card.querySelector("[autofocus]") ?? card).focus({ preventScroll: true });
}

function madeBy({ composer, created_by: by }) {
  return `${composer === "composed" ? "composed without a language model" : `drafted by ${composer}`}, asked for by ${by}`;
}

function text({ draft, findings }) {
  if (!draft.text) return el("p", { class: "text none" }, draft.decorative ? "Empty, because the picture is decorative" : "Empty");
  return el("p", { class: "text", lang: draft.language || null }, marked(draft.text, isOpen(draft) ? findings ?? [] : []));
}

function changes(draft) {
  if (draft.text === draft.drafted) return "";
  const tags = { same: "span", gone: "del", new: "ins" };
  const words = difference(draft.drafted, draft.text).flatMap(({ kind, word }) => [el(tags[kind], {}, word), " "]);
  return el("p", { class: "changes" }, el("span", { class: "meta" }, "Changed: "), words);
}

function lintLine({ findings, unchecked }) {
  if (unchecked) return el("p", { class: "findings" }, `Not checked: ${unchecked}`);
  return findings ? findingList(findings) : el("p", { class: "findings", "aria-busy": "true" }, "Checking…");
}

function madeAfter(view) {
  const { examples } = view.draft;
  return el("details", { class: "made-after", open: view.wide, ontoggle: (event) => { view.wide = event.target.open; } },
    el("summary", {}, `Made after ${plural(examples.length, "caption")} of similar pictures`), exampleList(examples));
}

function foot(view) {
  const { draft, mode } = view;
  if (!isOpen(draft)) {
    return el("p", { class: "outcome" }, `${sentenceOf(draft)}${draft.reason ? `: ${draft.reason}` : ""}.`);
  }
  if (mode === "edit") return "";
  if (mode === "reject") return rejection({ reject: (reason) => step(view, post, "/reject", { reason }), cancel: () => turn(view, "shown") });
  return el("p", { class: "actions" },
    button("Approve", "a", () => approve(view), "solid"),
    button("Edit", "e", () => turn(view, "edit")),
    button("Reject", "r", () => turn(view, "reject")));
}

const sentenceOf = (draft) => `${DONE[draft.state].replace(/^./, (letter) => letter.toUpperCase())}${draft.changed_by ? ` by ${draft.changed_by}` : ""}`;

function editing(view) {
  const { draft, typed } = view;
  return editor(draft, typed ?? draft.text, {
    type: (words) => { view.typed = words; }, save: () => save(view), approve: () => approve(view), cancel: () => turn(view, "shown"),
  });
}

function turn(view, mode) {
  Object.assign(view, { mode, typed: null, trouble: "" });
  draw(view);
  (view.card.querySelector("[autofocus]") ?? view.card).focus({ preventScroll: true });
}

const isChanged = ({ typed, draft }) => typed !== null && typed.split(/\s+/).filter(Boolean).join(" ") !== draft.text;

const save = (view) => (isChanged(view) ? step(view, patch, "", { text: view.typed }) : turn(view, "shown"));

const approve = (view) => step(view, post, "/approve", isChanged(view) ? { text: view.typed } : {});

async function step(view, send, what, said) {
  if (view.busy) return;
  const path = `/v1/captions/drafts/${view.draft.id}`;
  view.busy = true;
  view.card.setAttribute("aria-busy", "true");
  try {
    const draft = await send(`${path}${what}`, { ...said, revision: view.draft.revision });
    Object.assign(view, { draft, mode: "shown", typed: null, trouble: "", findings: null });
    announce(`${sentenceOf(draft)}.`);
    draw(view);
    if (isOpen(draft)) lint(view);
    view.settled(draft, view.card);
  } catch (error) {
    view.trouble = `${error.title}: ${error.message}`;
    if (error.status === 409) await overtaken(view, path);
    if (error.worthRetrying) view.draft = await get(path).catch(() => view.draft);
    draw(view);
  } finally {
    view.busy = false;
  }
}

/** Somebody else took a step: show it, and keep what is being typed. */
async function overtaken(view, path) {
  const now = await get(path).catch(() => null);
  if (!now) return;
  Object.assign(view, { draft: now, findings: null });
  if (isOpen(now)) view.trouble = `Somebody was faster: ${now.changed_by} changed it to “${now.text}”. Look at it again.`;
  else Object.assign(view, { mode: "shown", typed: null, trouble: `Somebody was faster: ${now.changed_by} ${DONE[now.state]} it.` });
  if (isOpen(now)) lint(view);
}
