// The small forms in which an editor changes a draft, or turns it down.

import { el } from "./dom.js";

const LONGEST = { news: 400, alt: 125, product: 600, social: 280, long: 1500 };

/** A button that a page may press by a single key. */
export function button(words, key, act, kind = "quiet") {
  return el("button", { type: "button", class: kind, "data-key": key, "aria-keyshortcuts": key, onclick: act }, words);
}

/** `typed` to change; `type` is told of every letter. */
export function editor(draft, typed, { type, save, approve, cancel }) {
  const longest = LONGEST[draft.form];
  const area = el("textarea", { rows: typed.length > 200 ? 8 : 3, maxlength: 5000, autofocus: true, "aria-label": "Text", lang: draft.language || null });
  const count = el("span", { class: "meta count" });
  const told = () => {
    const letters = [...area.value].length;
    type(area.value);
    count.textContent = `${letters} of ${longest.toLocaleString("en")} characters`;
    count.classList.toggle("over", letters > longest);
  };
  area.value = typed;
  area.addEventListener("input", told);
  told();
  const form = el("form", { onsubmit: (event) => { event.preventDefault(); save(); } }, area,
    el("p", { class: "actions" }, el("button", { type: "submit", class: "solid" }, "Save"), plain("Save and approve", approve), plain("Cancel", cancel), count));
  return leaving(form, cancel);
}

/** Asks why; nobody is turned down without a reason. */
export function rejection({ reject, cancel }) {
  const why = el("input", { required: true, maxlength: 1000, autofocus: true, autocomplete: "off" });
  const form = el("form", { class: "why", onsubmit: (event) => { event.preventDefault(); reject(why.value); } },
    el("label", {}, "Why? For whoever drafts the next one", why),
    el("p", { class: "actions" }, el("button", { type: "submit", class: "solid" }, "Reject"), plain("Cancel", cancel)));
  return leaving(form, cancel);
}

const plain = (words, act) => el("button", { type: "button", class: "quiet", onclick: act }, words);

/** Esc leaves what is being typed, and not the dialog around it. */
function leaving(form, cancel) {
  form.addEventListener("keydown", (press) => {
    if (press.key !== "Escape") return;
    press.preventDefault();
    press.stopPropagation();
    cancel();
  });
  return form;
}
