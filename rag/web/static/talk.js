// Questions that follow one another: asked, shown as they are answered, kept and found again.

import { announce, el } from "./dom.js";
import { get, remove, streamed } from "./api.js";
import { answerView, earlierView } from "./answer.js";
import { skeleton } from "./cards.js";
import { failure } from "./messages.js";

const NEW = "new";
const kept = new Map();
const asking = new Map();

/**
 * The answer to `q` after what was asked before in `talk`; without `q`, all of it.
 * `say` puts nodes on the page, `settled` is told the conversation once there is one.
 */
export async function showTalk({ q, library, talk }, { say, settled, askOn, searchInstead, moreLike, signal }) {
  const before = await turnsOf(talk);
  const there = q ? before.findLastIndex((turn) => turn.question === q) : before.length - 1;
  const turns = there >= 0 ? before.slice(0, there + 1) : before;
  const options = { askOn, searchInstead, moreLike };
  if (there >= 0) return say(...drawn(turns, options));
  if (!q) return say(el("div", { class: "message" }, el("h2", {}, "This conversation is gone")));
  const known = before.length ? talk : "";
  const turn = await answered({ q, library, talk: known }, signal, (part, stop) => say(...drawn([...turns, part], { ...options, stop })));
  if (turn.conversation) kept.set(turn.conversation, [...turns, turn]);
  say(...drawn([...turns, turn], options));
  announce(turn.abstained ? turn.answer : `Answered. ${turn.answer}`);
  if (turn.conversation) settled(turn.conversation);
}

function drawn(turns, options) {
  const last = turns.at(-1);
  const earlier = turns.slice(0, -1).map((turn) => earlierView(turn, options));
  const heading = earlier.length ? el("h2", { class: "asked-now" }, last.question) : "";
  return [...earlier, heading, last.evidence ? answerView(last, options) : skeleton()].filter(Boolean);
}

/** One question, shown part by part; asked once, whoever comes back to it meanwhile or later. */
async function answered({ q, library, talk }, signal, show) {
  const key = JSON.stringify([q, library, talk]);
  if (asking.has(key)) return asking.get(key);
  const hangUp = new AbortController();
  signal.addEventListener("abort", () => hangUp.abort());
  const wanted = { question: q, conversation: talk || NEW, ...(library ? { library } : {}) };
  const part = { question: q, answer: "", citations: [], notices: [], support: [], events: [], running: true };
  const stop = () => { part.stopped = true; hangUp.abort(); };
  show(part, stop);
  document.querySelector(".asked-now")?.scrollIntoView({ block: "start" });
  announce("Looking…");
  try {
    for await (const { event, data } of streamed("/v1/ask", wanted, { signal: hangUp.signal })) {
      if (event === "answer") {
        asking.set(key, data);
        return data;
      }
      take(part, event, data);
      show(part, stop);
    }
  } catch (error) {
    if (error.name !== "AbortError" || !part.stopped) throw error;
  }
  return { ...part, running: false, notices: ["Stopped before its end. The ledger says how far it was."] };
}

function take(part, event, data) {
  if (event === "evidence") Object.assign(part, { evidence: data.evidence, coverage: data.coverage, events: data.event === null ? [] : [data.event] });
  if (event === "piece") part.answer += data.text;
  if (event === "restarted") part.answer = "";
  part.citations = (part.evidence ?? []).map((item) => item.number);
}

async function turnsOf(talk) {
  if (!talk) return [];
  if (!kept.has(talk)) {
    try {
      const { turns } = await get(`/v1/conversations/${encodeURIComponent(talk)}`);
      kept.set(talk, turns.map((turn) => ({ ...turn, citations: turn.evidence.map((item) => item.number), notices: [], support: [], conversation: talk })));
    } catch (error) {
      if (error.status !== 404) throw error;
      return [];
    }
  }
  return kept.get(talk);
}

/** What was asked before, newest first; each can be taken up or deleted. */
export async function earlierTalks(open, signal) {
  const { conversations } = await get("/v1/conversations?limit=8", { signal });
  if (!conversations.length) return "";
  const list = el("ul", { class: "talks" }, conversations.map((one) => talkItem(one, open)));
  return el("section", { class: "earlier" }, el("h2", { class: "found" }, el("strong", {}, "Asked before")), list);
}

function talkItem(one, open) {
  const item = el("li", {});
  const forget = async () => {
    try {
      await remove(`/v1/conversations/${encodeURIComponent(one.id)}`);
      kept.delete(one.id);
      item.remove();
      announce("Deleted.");
    } catch (error) {
      item.replaceChildren(failure(error, forget));
    }
  };
  const asked = one.turns === 1 ? "" : ` and ${one.turns - 1} more`;
  item.append(
    el("button", { type: "button", class: "talk", onclick: () => open(one.id) }, one.title, el("span", { class: "meta" }, `${asked} · ${new Date(one.changed_at).toLocaleDateString()}`)),
    el("button", { type: "button", class: "quiet", "aria-label": `Delete: ${one.title}`, onclick: forget }, "Delete"),
  );
  return item;
}
