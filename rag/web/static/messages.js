// Lines that say what happened: coverage, notices, failures.

import { announce, byId, el, plural } from "./dom.js";

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

/** "8 pictures. Searched 240 visuals." */
export function foundLine(result, title = "") {
  const count = plural(result.evidence.length, "picture");
  announce(`${count} found. ${sentence(result.coverage.text)}`);
  return el("p", { class: "found" }, el("strong", {}, `${title ? `${title}: ` : ""}${count}.`), ` ${sentence(result.coverage.text)}`);
}

export function failure(error, retry) {
  announce(`${error.title}. ${error.message}`);
  return el(
    "div", { class: "message failure", role: "alert" },
    el("h2", {}, error.title ?? "Something went wrong"),
    el("p", {}, sentence(error.message)),
    error.worthRetrying ? el("button", { type: "button", class: "solid", onclick: retry }, "Try again") : "",
  );
}

/** What a reader of this desk must know about it, above everything found. */
export function showNotices(status) {
  const notices = [];
  if (!status.ready) notices.push(status.trouble ? sentence(`Not ready: ${status.trouble}`) : "The encoder is still loading; the first search waits for it.");
  if (status.encoder?.demo) notices.push("Demo encoder: it knows only drawn scenes. For photographs, set PICTUREDESK_ENCODER.");
  byId("notices").replaceChildren(...notices.map((notice) => el("p", { class: "notice" }, notice)));
}

export function showCoverage(coverage) {
  const { searched, pending, skipped, quarantined } = coverage;
  const parts = [`${plural(searched, "picture")} to search`];
  if (pending) parts.push(`${pending.toLocaleString("en")} not indexed yet`);
  if (skipped) parts.push(`${skipped.toLocaleString("en")} skipped`);
  if (quarantined) parts.push(`${quarantined.toLocaleString("en")} quarantined`);
  byId("coverage").textContent = parts.join(" · ");
}
