// Single keys on the desk: j and k lead through the cards, the others press the button of the card that names them.

const CARDS = "li.draft, li.entry";

const cards = (stage) => [...stage.querySelectorAll(CARDS)];

const current = () => document.activeElement?.closest(CARDS) ?? null;

export function answerToKeys(stage) {
  document.addEventListener("keydown", (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey || press.target.closest("input, textarea, select, dialog")) return;
    if (press.key === "j" || press.key === "k") move(stage, press.key === "j" ? 1 : -1);
    else if (!pressed(press.key)) return;
    press.preventDefault();
  });
}

function pressed(key) {
  const found = /^[a-z]$/.test(key) && current()?.querySelector(`button[data-key="${key}"]`);
  if (found) found.click();
  return Boolean(found);
}

function move(stage, by) {
  const all = cards(stage);
  const at = all.indexOf(current());
  reach(at < 0 ? all[0] : all[at + by]);
}

function reach(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

/** On to the next card that still waits, once one is settled. */
export function onwards(card) {
  const next = card.nextElementSibling;
  if (next?.matches(CARDS)) reach(next.hasAttribute("data-waits") ? next : card);
}
