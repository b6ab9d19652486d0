// What both views of the auditor's page say in the same words.

import { el } from "./dom.js";

export const when = (at) => new Date(at).toISOString().slice(0, 16).replace("T", " ");

/** What a reader should know of an event, in a few words. */
export function doubts(entry) {
  const counted = [[entry.removed, "citations removed"], [entry.unsupported, "unsupported"], [entry.withheld, "withheld"]];
  const said = counted.filter(([count]) => count).map(([count, what]) => `${count} ${what}`);
  if (entry.abstained) said.push("abstained");
  if (entry.stopped) said.push("stopped");
  return said.map((what) => el("span", { class: "doubt" }, what));
}
