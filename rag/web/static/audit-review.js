// A person's review of an event: a grade for each piece of evidence, a verdict, a comment.

import { announce, el } from "./dom.js";
import { post } from "./api.js";
import { failure } from "./messages.js";

const GRADES = [["2", "answers"], ["1", "in part"], ["0", "does not"]];
const VERDICTS = [["sound", "Sound"], ["doubtful", "Doubtful"], ["wrong", "Wrong"]];

/** The form for one event, and the grades that stand beside each piece of its evidence. `done` is called once it is recorded. */
export function judging(whole, done) {
  const given = new Map();
  const grades = (one) => el("div", { class: "grades", role: "radiogroup", "aria-label": `Evidence ${one.number}` },
    GRADES.map(([grade, words]) => el("label", {}, el("input", { type: "radio", name: `grade-${one.visual}`, value: grade, onchange: () => given.set(one.visual, Number(grade)) }), words)));
  return { grades, form: form(whole, given, done) };
}

function form(whole, given, done) {
  const trouble = el("div", {});
  const send = async (event) => {
    event.preventDefault();
    const said = new FormData(event.target);
    const labels = [...given].map(([visual, grade]) => ({ visual, grade }));
    const body = { verdict: said.get("verdict"), comment: said.get("comment"), flagged: said.has("flagged"), labels };
    try {
      const { standing } = await post(`/v1/audit/events/${whole.event.seq}/reviews`, body);
      announce(`Recorded: ${standing}.`);
      await done();
    } catch (error) { trouble.replaceChildren(failure(error, () => event.target.requestSubmit())); }
  };
  return el("form", { class: "judging", onsubmit: send, "aria-label": "Your review" },
    el("fieldset", {}, el("legend", {}, whole.answer ? "Your verdict on the answer" : "Your verdict on what was found"),
      el("div", { class: "grades" }, VERDICTS.map(([value, words]) => el("label", {}, el("input", { type: "radio", name: "verdict", value, required: true }), words)))),
    el("label", { class: "meta" }, "Comment", el("textarea", { name: "comment", rows: "2", maxlength: "4000" })),
    el("p", { class: "again" }, el("button", { type: "submit", class: "solid" }, "Record the review"), el("label", { class: "meta" }, el("input", { type: "checkbox", name: "flagged" }), " others should see it")),
    trouble);
}
