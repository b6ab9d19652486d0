// In the details of a picture, for editors: its drafts, and a form for new ones.

import { announce, el, plural } from "./dom.js";
import { get, post } from "./api.js";
import { FORMS, draftCard, isOpen } from "./drafts.js";
import { remember } from "./lint.js";
import { failure } from "./messages.js";
import { idOf } from "./visuals.js";

const LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt", "pl"];
const FACTS = { who: "Who", where: "Where", when: "When", purpose: "Purpose", name: "Name", material: "Material", size: "Size" };
const OF_FORM = { alt: ["purpose"], product: ["name", "material", "size"] };
const MANY = 100;
let allowed = false;

/** Whether this reader may draft; until then the details say nothing of drafts. */
export function allowDrafting(may) {
  allowed = may;
}

/** `captioned` is told of every caption that is approved. */
export function draftingPanel(item, captioned) {
  if (!allowed) return "";
  const lists = el("div", {});
  const panel = el("section", { class: "drafting" }, el("h3", {}, "Drafts"), lists);
  fill(panel, lists, item, captioned).catch((error) => lists.replaceChildren(failure(error, () => panel.replaceWith(draftingPanel(item, captioned)))));
  return panel;
}

async function fill(panel, lists, item, captioned) {
  const visual = await idOf(item);
  if (!visual) {
    lists.replaceChildren(el("p", { class: "meta" }, "Once it is indexed, captions can be drafted."));
    return;
  }
  const settled = (draft) => { if (draft.state === "approved") captioned(draft); };
  const drafts = await draftsOf(visual);
  const open = el("ol", { class: "drafts" }, drafts.filter((one) => one.state === "approved" || isOpen(one)).map((one) => draftCard(one, { settled })));
  const past = drafts.filter((one) => one.state === "rejected" || one.state === "replaced");
  const notices = el("div", {});
  const added = (made) => {
    notices.replaceChildren(...made.notices.map((notice) => el("p", { class: "notice" }, notice)));
    made.drafts.forEach((one) => remember(one, one.findings));
    open.prepend(...made.drafts.map((one) => draftCard(one, { settled })));
    open.firstElementChild?.focus({ preventScroll: true });
    notices.scrollIntoView({ block: "nearest" });
  };
  lists.replaceChildren(notices, open, past.length ? el("details", { class: "past" }, el("summary", {}, `${past.length} turned down or replaced`), el("ol", { class: "drafts" }, past.map((one) => draftCard(one)))) : "");
  panel.append(wishForm(visual, added));
}

/** Newest first. */
async function draftsOf(visual) {
  const found = await get(`/v1/captions/drafts?${new URLSearchParams({ visual, limit: MANY })}`);
  return found.drafts.sort((a, b) => String(b.created_at).localeCompare(String(a.created_at)));
}

function wishForm(visual, added) {
  const said = el("div", { role: "status" });
  const facts = el("div", { class: "facts-known" });
  const decorative = el("label", { class: "tick" }, el("input", { type: "checkbox", name: "decorative" }), "Decorative: it says nothing that the text beside it does not");
  const form = el("select", { name: "form", onchange: () => fit(form.value, facts, decorative) }, Object.entries(FORMS).map(([value, words]) => el("option", { value }, words)));
  form.value = "alt";
  fit(form.value, facts, decorative);
  const wish = el("form", { class: "wish", onsubmit: (event) => { event.preventDefault(); ask(visual, event.target, said, added); } },
    el("div", { class: "row" },
      el("label", {}, "Form", form),
      el("label", {}, "Language", el("input", { name: "language", list: "languages", placeholder: "of its captions", maxlength: 40, autocomplete: "off", autocapitalize: "off" })),
      el("label", { class: "number-of" }, "How many", el("input", { name: "count", type: "number", min: 1, max: 10, value: 3, required: true })),
      el("datalist", { id: "languages" }, LANGUAGES.map((value) => el("option", { value })))),
    el("p", { class: "meta" }, "What you know. What nobody says stays a marked gap, such as [who?]."),
    facts, decorative,
    el("p", { class: "actions" }, el("button", { type: "submit", class: "solid" }, "Draft")));
  return el("details", { class: "wishing" }, el("summary", {}, "Draft a caption"), wish, said);
}

/** The facts that a form makes use of; what was typed stays. */
function fit(form, facts, decorative) {
  const typed = Object.fromEntries([...facts.querySelectorAll("input")].map((one) => [one.name, one.value]));
  const names = [...(OF_FORM[form] ?? []), "who", "where", "when"];
  facts.replaceChildren(...names.map((name) => el("label", {}, FACTS[name], el("input", { name, value: typed[name] || null, maxlength: 300, autocomplete: "off" }))));
  decorative.hidden = form !== "alt";
}

function wishOf(visual, form) {
  const { form: kind, language, count, decorative, ...facts } = Object.fromEntries(new FormData(form));
  const known = Object.entries(facts).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
  return { visual, form: kind, language: language.trim(), count: Number(count), decorative: kind === "alt" && decorative === "on", facts: Object.fromEntries(known) };
}

async function ask(visual, form, said, added) {
  const go = form.querySelector("[type=submit]");
  if (go.getAttribute("aria-disabled")) return;
  go.setAttribute("aria-disabled", "true");
  said.replaceChildren(el("p", { class: "meta", "aria-busy": "true" }, "Drafting…"));
  try {
    const made = await post("/v1/captions/drafts", wishOf(visual, form));
    said.replaceChildren();
    form.closest("details").open = false;
    added(made);
    announce(`${plural(made.drafts.length, "draft")}, best first.`);
  } catch (error) {
    said.replaceChildren(failure(error, () => form.requestSubmit()));
  } finally {
    go.removeAttribute("aria-disabled");
  }
}
