// The auditor's page. Its state is its address: ?words=…&kind=…&event=42, or ?view=queue; everything shown follows from it.

import { announce, byId, el, plural } from "./dom.js";
import { get } from "./api.js";
import { eventView } from "./audit-event.js";
import { doubts, when } from "./audit-words.js";
import { failure } from "./messages.js";

const stage = byId("stage");
const form = byId("filters");
const FIELDS = ["words", "kind", "look", "person", "library", "since", "until", "visual", "model", "prompt", "door", "case"];
const LOOKS = {
  risky: { risky: "true" }, abstained: { abstained: "true" }, flagged: { flagged: "true" }, below: { below: "0.3" },
  unsupported: { verdict: "unsupported" }, removed: { verdict: "removed" }, withheld: { verdict: "withheld" }, stopped: { verdict: "stopped" },
};
let underway = null;

const address = () => Object.fromEntries(new URLSearchParams(location.search));

function pathOf(wanted) {
  const given = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  return given.size ? `/audit?${given}` : "/audit";
}

function go(wanted) {
  const path = pathOf(wanted);
  if (path !== location.pathname + location.search) history.pushState(null, "", path);
  fillIn();
  return show();
}

/** A link that the page follows by itself; in a new tab it works as well. */
function link(wanted, ...words) {
  const follow = (press) => {
    if (press.metaKey || press.ctrlKey || press.shiftKey || press.button) return;
    press.preventDefault();
    go(wanted);
  };
  return el("a", { href: pathOf(wanted), onclick: follow }, ...words);
}

function fillIn() {
  const given = address();
  for (const name of FIELDS) form.elements[name].value = given[name] ?? "";
  form.hidden = Boolean(given.event) || given.view === "queue";
  const current = given.view === "queue" ? "queue" : "find";
  document.querySelectorAll("[data-view]").forEach((one) => {
    if (one.dataset.view === current) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  });
}

async function show() {
  const given = address();
  underway?.abort();
  underway = new AbortController();
  const { signal } = underway;
  stage.setAttribute("aria-busy", "true");
  try {
    const shown = given.event ? await eventView(given.event, { link, signal, again: show }) : given.view === "queue" ? await queue(signal) : await found(given, signal);
    if (!signal.aborted) {
      stage.replaceChildren(...shown);
      document.title = `${given.event ? `Event ${given.event}` : given.view === "queue" ? "Review" : "Audit"} · Picture Desk`;
      if (given.event) { window.scrollTo(0, 0); stage.focus({ preventScroll: true }); }
    }
  } catch (error) {
    if (error.name !== "AbortError") stage.replaceChildren(failure(error, show));
  } finally {
    if (!signal.aborted) stage.removeAttribute("aria-busy");
  }
}

function query({ look, since, until, event, view, ...rest }, before) {
  const day = (text) => (text ? `${text}T00:00:00Z` : "");
  const given = { ...rest, ...(LOOKS[look] ?? {}), since: day(since), until: day(until), before: before ?? "" };
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
}

async function found(given, signal) {
  const page = await get(`/v1/audit/events?${query(given)}`, { signal });
  announce(`${plural(page.events.length, "event")} shown.`);
  if (!page.events.length) return [el("p", { class: "nothing" }, "Nothing in the ledger matches.")];
  const rows = el("tbody", {}, page.events.map(row));
  return [table(rows), older(given, page.next_before, rows)];
}

function table(rows) {
  const heads = ["Event", "When", "Who", "Kind", "What", "Relevance", "Checks"];
  return el("table", { class: "events" }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), rows);
}

function older(given, before, rows) {
  if (before === null) return "";
  const more = el("button", { type: "button", class: "quiet", onclick: async () => {
    more.disabled = true;
    try {
      const page = await get(`/v1/audit/events?${query(given, before)}`);
      rows.append(...page.events.map(row));
      before = page.next_before;
      more.disabled = false;
      more.hidden = before === null;
      announce(`${plural(page.events.length, "more event")} shown.`);
    } catch (error) { more.replaceWith(failure(error, show)); }
  } }, "Older events");
  return el("p", { class: "older" }, more);
}

function row(entry) {
  const open = { ...address(), view: "", event: String(entry.seq) };
  return el("tr", {},
    el("td", { class: "figure" }, link(open, String(entry.seq))),
    el("td", { class: "figure" }, when(entry.at)),
    el("td", {}, entry.actor || "(erased)"),
    el("td", {}, entry.kind),
    el("td", { class: "words" }, el("p", {}, entry.summary || "–")),
    el("td", { class: "figure" }, entry.relevance === null ? "" : entry.relevance.toFixed(2)),
    el("td", { class: "checks" }, doubts(entry)));
}

async function queue(signal) {
  const { waiting } = await get("/v1/audit/queue?limit=50", { signal });
  announce(`${plural(waiting.length, "event")} to review.`);
  if (!waiting.length) return [el("p", { class: "nothing" }, "Nothing waits for your review.")];
  const rows = waiting.map(({ entry, standing, reviews }) => el("tr", {},
    el("td", { class: "figure" }, link({ view: "queue", event: String(entry.seq) }, String(entry.seq))),
    el("td", { class: "figure" }, entry.risk.toFixed(2)),
    el("td", {}, entry.kind),
    el("td", { class: "words" }, el("p", {}, entry.summary || "–")),
    el("td", { class: "checks" }, entry.risks.map((rule) => el("span", { class: "doubt" }, rule))),
    el("td", {}, reviews ? `${plural(reviews, "review")}: ${standing}` : "")));
  const heads = ["Event", "Risk", "Kind", "What", "Why", "Others"];
  return [el("table", { class: "events" }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows))];
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  stage.focus({ preventScroll: true });
  go(Object.fromEntries(new FormData(form)));
});
form.addEventListener("reset", (event) => { event.preventDefault(); go({}); });
document.querySelectorAll("[data-view]").forEach((one) => one.addEventListener("click", (press) => {
  if (press.metaKey || press.ctrlKey || press.shiftKey) return;
  press.preventDefault();
  go(one.dataset.view === "queue" ? { view: "queue" } : {});
}));
window.addEventListener("popstate", () => { fillIn(); show(); });
fillIn();
show();
