/** The known word that another one was meant for: "did you mean". */

/** Names that users of PyTorch and Keras bring, without case and separators, where spelling alone does not lead to ours. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  activation: ["relu"],
  alpha: ["slope"],
  avgpool2d: ["globalAveragePool2d"],
  conv: ["conv2d"],
  decay: ["weightDecay"],
  ema: ["weightAverage"],
  fc: ["dense"],
  features: ["units"],
  filters: ["channels"],
  gradclip: ["clipNorm"],
  l2: ["weightDecay"],
  learningrate: ["lr"],
  linear: ["dense"],
  mnist: ["fashion-mnist"],
  neurons: ["units", "hidden"],
  none: ["null"],
  outfeatures: ["units"],
  p: ["rate"],
  randomstate: ["seed"],
  swish: ["silu"],
  type: ["kind"],
  units: ["hidden"],
};

/** Below this many characters, a shared beginning or end says nothing. */
const LEAST_SHARED = 3;

/**
 * The one of `known` that `word` was most likely meant for: the same but for case and separators; what other libraries
 * call so; one or two letters off (one, where both have at most four); or the one that begins or ends as the other does.
 */
export function closest<T extends string>(word: string, known: readonly T[]): T | undefined {
  const asked = plain(word);
  if (asked === "") return undefined;
  const same = known.find((name) => plain(name) === asked);
  if (same !== undefined) return same;
  const elsewhere = Object.hasOwn(ELSEWHERE, asked) ? ELSEWHERE[asked] : [];
  const theirs = known.find((name) => elsewhere.includes(name));
  if (theirs !== undefined) return theirs;
  const near = known
    .map((name) => ({ name, distance: editDistance(asked, plain(name)), length: Math.max(asked.length, name.length) }))
    .filter(({ distance, length }) => distance <= (length <= 4 ? 1 : 2) && distance < length)
    .sort((a, b) => a.distance - b.distance);
  if (near.length > 0) return near[0].name;
  const shares = (a: string, b: string): boolean =>
    Math.min(a.length, b.length) >= LEAST_SHARED && [a.startsWith(b), b.startsWith(a), a.endsWith(b)].includes(true);
  return known.find((name) => shares(asked, plain(name)));
}

/** What follows an error's expectation where a word is close to a known one; else nothing. */
export function didYouMean(word: unknown, known: readonly string[]): string {
  const guess = typeof word === "string" ? closest(word, known) : undefined;
  return guess === undefined ? "" : `; did you mean "${guess}"?`;
}

/** Case and separators tell no words apart. Longer ones than any of ours need not be compared to their end. */
const plain = (word: string): string =>
  word
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");

/** How many letters to put in, take out, change, or swap with the next, for a word to become the other (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: to.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = last[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, changed, swapped ? before[j - 2] + 1 : Infinity);
    }
    [before, last] = [last, row];
  }
  return last[to.length];
}
