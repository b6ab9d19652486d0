// One finding of a policy, for a person to decide about.

import { announce, el } from "./dom.js";
import { get, post } from "./api.js";
import { button } from "./deciding.js";
import { scoreBar } from "./score.js";
import { captionsOf, visualOf } from "./visuals.js";

const CLAIM_LASTS = 30 * 60 * 1000; // then the server gives it to whoever asks
const SHOWN = { allowed: "Everybody sees it", review: "Everybody sees it until somebody decides", blurred: "Readers see it blurred", blocked: "Readers do not see it" };
const DONE = { allow: "Allowed", blur: "Blurred", block: "Blocked" };
const KEPT = "picturedesk-show-moderated";

/** Whether pictures stand unveiled; a choice of this tab. */
export const unveiled = () => sessionStorage.getItem(KEPT) === "yes";

export function unveil(yes) {
  sessionStorage.setItem(KEPT, yes ? "yes" : "no");
}

/** A list item for `entry`. `me` is who decides, `thresholds` are those of its category; `settled` is told of a decision. */
export function entryCard(entry, { me, thresholds, settled }) {
  const card = el("li", { class: "entry", tabindex: "-1" });
  const view = { entry, card, me, thresholds, settled, picture: veiled(entry), trouble: "", captions: el("div", { class: "said" }) };
  visualOf(entry.visual_id).then((found) => view.captions.append(captionsOf(found)));
  draw(view);
  return card;
}

function veiled(entry) {
  const picture = el("div", { class: "picture" }, el("img", { src: entry.thumbnail_url, alt: "", loading: "lazy", decoding: "async" }));
  const toggle = button("Show", "s", () => turn(!picture.classList.contains("veiled")), "show");
  const turn = (hide) => {
    picture.classList.toggle("veiled", hide);
    toggle.textContent = hide ? "Show" : "Hide";
    toggle.setAttribute("aria-label", hide ? "Show the picture" : "Hide the picture");
  };
  turn(!unveiled());
  picture.append(toggle, entry.place ? el("span", { class: "place" }, entry.place) : "");
  return picture;
}

const isOpen = (entry) => entry.state === "open";

function takenBy({ entry, me }) {
  const fresh = entry.claimed_at && Date.now() - Date.parse(entry.claimed_at) < CLAIM_LASTS;
  return isOpen(entry) && fresh && entry.claimed_by !== me ? entry.claimed_by : "";
}

function draw(view) {
  const { card, entry, picture, captions, thresholds, trouble } = view;
  const focused = card.contains(document.activeElement);
  const taken = takenBy(view);
  card.setAttribute("data-severity", entry.severity);
  card.setAttribute("aria-label", `${entry.category}, ${entry.severity}: ${entry.reason}`);
  card.toggleAttribute("data-waits", isOpen(entry) && !taken);
  card.classList.toggle("taken", Boolean(taken));
  card.removeAttribute("aria-busy");
  const shown = isOpen(entry) ? SHOWN[entry.shown] : "";
  card.replaceChildren(picture, el("div", { class: "words" },
    el("p", { class: "meta" }, el("strong", { class: "severity" }, entry.severity), ` · ${entry.category} · ${entry.library}`),
    el("p", { class: "text" }, entry.reason),
    scoreBar(entry.score, thresholds),
    captions,
    shown ? el("p", { class: "meta" }, `${shown}. Found ${new Date(entry.created_at).toLocaleDateString("en", { dateStyle: "medium" })} by ${entry.policy || "a person"}.`) : "",
    trouble ? el("p", { class: "wrong", role: "alert" }, trouble) : "",
    foot(view, taken)));
  if (focused && !card.contains(document.activeElement)) card.focus({ preventScroll: true });
}

function foot(view, taken) {
  const { entry, me } = view;
  if (!isOpen(entry)) return el("p", { class: "outcome" }, outcome(entry));
  if (taken) return el("p", { class: "outcome" }, `${taken} is looking at it.`);
  view.comment ??= el("input", { maxlength: 2000, autocomplete: "off" });
  return el("div", {},
    el("label", { class: "why" }, "Comment", view.comment),
    el("p", { class: "actions" }, decision(view, "allow", "Allow"), decision(view, "blur", "Blur"), decision(view, "block", "Block"),
      entry.claimed_by === me ? el("span", { class: "meta" }, "You are looking at it; nobody else decides it for half an hour.") : button("Take it", "c", () => step(view, "claim", {}))));
}

const decision = (view, what, words) => el("button", { type: "button", class: "solid", onclick: () => step(view, "decide", { decision: what, comment: view.comment.value.trim() }) }, words);

function outcome({ state, decision: decided, decided_by: by, comment }) {
  if (!decided) return state === "closed" ? "No longer found." : `It waits no longer: ${state}.`;
  return `${DONE[decided] ?? decided} by ${by}${comment ? `: ${comment}` : "."}`;
}

async function step(view, what, said) {
  if (view.busy) return;
  const path = `/v1/moderation/${view.entry.id}`;
  view.busy = true;
  view.card.setAttribute("aria-busy", "true");
  try {
    view.entry = await post(`${path}/${what}`, { ...said, version: view.entry.version });
    view.trouble = "";
    announce(isOpen(view.entry) ? "Yours for half an hour." : outcome(view.entry));
    draw(view);
    if (!isOpen(view.entry)) view.settled(view.card);
  } catch (error) {
    view.trouble = `${error.title}: ${error.message}`;
    if (error.status === 409) await overtaken(view, path);
    draw(view);
  } finally {
    view.busy = false;
  }
}

/** Somebody else was first: show how it stands, in words. */
async function overtaken(view, path) {
  const now = await get(path).catch(() => null);
  if (!now) return;
  view.entry = now;
  const taken = takenBy(view);
  if (taken) view.trouble = `Somebody was faster: ${taken} took it.`;
  else if (now.decision) view.trouble = `Somebody was faster: ${outcome(now)}`;
}
