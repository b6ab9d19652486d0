// Pictures that a search found: likely ones first, the rest apart, and further pages below.

import { announce, el, plural } from "./dom.js";
import { post } from "./api.js";
import { grid } from "./cards.js";
import { failure, foundLine } from "./messages.js";

/** Likely matches first; what is below `threshold` stands apart, so that nobody takes it for a find. */
export function searchView(result, { threshold, moreLike, showAgain }) {
  if (!result.evidence.length) return el("div", { class: "message" }, el("h2", {}, "Nothing found"), foundLine(result));
  const likely = result.evidence.filter((item) => item.relevance >= threshold);
  const others = result.evidence.filter((item) => item.relevance < threshold);
  const shown = { event: result.event, all: result.evidence, moreLike };
  return el(
    "div", {},
    foundLine({ ...result, evidence: likely }),
    result.notices.map((notice) => el("p", { class: "notice" }, notice)),
    likely.length ? grid(likely, shown) : el("p", { class: "nothing" }, "Nothing here is a likely match."),
    others.length ? [el("h2", { class: "further" }, "Less likely"), grid(others, shown)] : "",
    result.next_page ? more(result, showAgain) : "",
  );
}

/** A further page goes on in the order that the ledger has of the first one. */
function more(result, showAgain) {
  const button = el("button", { type: "button", class: "solid" }, "Show more");
  const place = el("p", { class: "more" }, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const next = await post("/v1/search", { page: result.next_page });
      const before = result.evidence.length;
      result.evidence.push(...next.evidence);
      result.next_page = next.next_page;
      showAgain();
      announce(`${plural(next.evidence.length, "more picture")} shown.`);
      const first = result.evidence[before];
      if (first) document.getElementById(`evidence-${first.number}`)?.focus({ preventScroll: true });
    } catch (error) {
      place.replaceWith(failure(error, () => button.click()));
    }
  });
  return place;
}
