// The moderation queue: what a policy found, the most urgent first.

import { announce, el, plural } from "./dom.js";
import { get } from "./api.js";
import { keyLine, pages } from "./deskpaging.js";
import { onwards } from "./deskkeys.js";
import { entryCard, unveil, unveiled } from "./entries.js";
import { thresholdsOf } from "./score.js";

const A_PAGE = 20;
const KEYS = [["j", "next"], ["k", "back"], ["s", "show"], ["c", "take it"]];

export async function waitingEntries({ library, status, go }) {
  const thresholds = status.moderated ? await get("/v1/moderation/policy").then(thresholdsOf, () => ({})) : {};
  const load = loader(library, (entry) => entryCard(entry, { me: status.actor, thresholds: thresholds[entry.category], settled: onwards }));
  const first = await load();
  announce(first.cards.length ? `${plural(first.cards.length, "picture")} shown, the most urgent first.` : "Nothing waits.");
  return first.cards.length ? [bar(go), pages("desk-entries", first, load)] : [nothing(status)];
}

/** What is decided leaves the queue, so a further page begins behind what still waits, and shows nothing twice. */
function loader(library, card) {
  const shown = new Map();
  return async () => {
    const offset = [...shown.values()].filter((one) => !one.querySelector(".outcome") || one.classList.contains("taken")).length;
    const scope = new URLSearchParams({ limit: A_PAGE, offset, ...(library ? { library } : {}) });
    const { entries, next } = await get(`/v1/moderation/queue?${scope}`);
    const added = entries.filter(({ id }) => !shown.has(id));
    added.forEach((entry) => shown.set(entry.id, card(entry)));
    return { cards: added.map(({ id }) => shown.get(id)), next };
  };
}

function bar(go) {
  const tick = el("input", { type: "checkbox", checked: unveiled(), onchange: () => { unveil(tick.checked); go({}); } });
  return el("div", { class: "bar" }, el("label", { class: "tick" }, tick, "Show every picture at once"), keyLine(KEYS));
}

function nothing({ moderated }) {
  const tip = moderated
    ? ["Nothing that the policy found waits for a person. To check what was in the libraries before the policy, run:", "picturedesk moderation check --all"]
    : ["No policy is set, so nothing is looked for. Start the desk with one, the example or a file of your own:", "PICTUREDESK_POLICY=sample-library picturedesk serve"];
  return el("div", { class: "message" }, el("h2", {}, "Nothing waits"), el("p", {}, tip[0]), el("pre", {}, el("code", {}, tip[1])));
}
