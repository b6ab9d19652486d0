// A list that goes on at a button, and a line that tells the keys.

import { announce, el, plural } from "./dom.js";
import { failure } from "./messages.js";

/** `first` and what `load(next)` brings: `{cards, next}`, where `next` is null on the last page. */
export function pages(kind, first, load) {
  const list = el("ol", { class: kind }, first.cards);
  const place = el("p", { class: "more" });
  let { next } = first;
  const draw = () => place.replaceChildren(next === null ? "" : el("button", { type: "button", class: "solid", onclick: further }, "Show more"));
  async function further() {
    place.setAttribute("aria-busy", "true");
    try {
      const page = await load(next);
      next = page.next;
      list.append(...page.cards);
      announce(`${plural(page.cards.length, "more card")} shown.`);
      page.cards[0]?.focus({ preventScroll: true });
      draw();
    } catch (error) {
      place.replaceChildren(failure(error, further));
    } finally {
      place.removeAttribute("aria-busy");
    }
  }
  draw();
  return el("div", {}, list, place);
}

export function keyLine(keys) {
  return el("p", { class: "keys meta" }, keys.map(([key, does]) => el("span", {}, el("kbd", {}, key), ` ${does}`)));
}
