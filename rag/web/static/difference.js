// What an edit changed, word by word.

const MOST_CELLS = 1_000_000;

/** Words of `before` and `after` in order, each with `kind`: "same", "gone" or "new" (longest common subsequence). */
export function difference(before, after) {
  const [old, now] = [before, after].map((text) => text.split(/\s+/).filter(Boolean));
  if (old.length * now.length > MOST_CELLS) return [...old.map(as("gone")), ...now.map(as("new"))];
  const longest = lengths(old, now);
  const steps = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) { steps.push({ kind: "same", word: old[i] }); i += 1; j += 1; }
    else if (j === now.length || (i < old.length && longest[i + 1][j] >= longest[i][j + 1])) { steps.push({ kind: "gone", word: old[i] }); i += 1; }
    else { steps.push({ kind: "new", word: now[j] }); j += 1; }
  }
  return steps;
}

const as = (kind) => (word) => ({ kind, word });

/** How many words `old` from i and `now` from j have in common, in order. */
function lengths(old, now) {
  const table = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      table[i][j] = old[i] === now[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}
