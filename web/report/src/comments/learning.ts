/** What a model's learning curves show, in words computed from the records. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { count, plural } from "../../../../src/core/numeric/words.js";
import { heldOutWord, type CellView, type CurveRow } from "../data/cells.js";
import { changedFields, decidingFields } from "../data/config-fields.js";
import { list, percent, points, pointsWithin, spreadText } from "../data/format.js";
import { differenceOf, mayBeChance, onImages, verdictOf, type Difference } from "../data/uncertainty.js";
import { meanCurve, ranked, judgedDifference, type Variant } from "../data/variants.js";
import { setApart, testBeside } from "./judged.js";
import { collapseComment, divergenceComment, HIGH_ADAM, isSound, troubleNote, troubleOf } from "./endings.js";

const NAMED = 4;

/** What stands behind a difference that chance may explain. */
export const orChance = (d: Difference): string => (mayBeChance(d) ? ", which may be chance" : "");

/** Says, once, what the ± of a difference is: behind the first text that has one. */
export function withInterval(texts: readonly string[]): string[] {
  const first = texts.findIndex((text) => /± \S+ points/.test(text));
  return texts.map((text, i) => (i === first ? `${text} Differences are given with their 95 % interval.` : text));
}

/** " (mean ± standard deviation over 3 seeds)" where a mean of the variants is over several. */
export function overSeeds(variants: readonly Variant[]): string {
  const seeds = variants.map(({ judged }) => judged.n).filter((n) => n > 0);
  const [low, high] = [smallest(seeds), largest(seeds, 0)];
  return high > 1 ? ` (mean ± standard deviation over ${low === high ? high : `${low} to ${high}`} seeds)` : "";
}

/** Accuracy with what its mean is mixed of. */
function accuracy(v: Variant, distance = ""): string {
  if (!Number.isFinite(v.judged.mean)) return "no finite result";
  const notes = [distance, troubleOf(v)].filter(Boolean);
  return `${spreadText(v.judged)}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
}

/** Who is best after the last epoch, and by how much. */
export function rankingComment(variants: readonly Variant[]): string {
  const order = ranked(variants);
  if (order.length === 0) return "No cell of this model has ended yet.";
  const [best, ...rest] = order;
  const epochs = order.flatMap(({ cells }) => cells.map(({ metrics }) => metrics.epochs));
  const beside = testBeside([best], ({ recipe }) => recipe);
  const when =
    smallest(epochs) === largest(epochs) ? `After ${plural(epochs[0], "epoch")}` : "After the last epoch of each";
  if (!Number.isFinite(best.judged.mean)) return `${when}, no recipe has a finite ${best.judge.split} accuracy.`;
  const head = `${when}, ${best.recipe} ${rest.length > 0 ? "leads" : "ends"} with a ${best.judge.split} accuracy of ${accuracy(best)}${overSeeds(order)}`;
  if (rest.length === 0) return `${head}.${beside}`;
  const followers = rest.slice(0, NAMED).map((v) => {
    const behind = judgedDifference(best, v);
    return `${v.recipe} with ${accuracy(v, `${pointsWithin(behind)} behind${orChance(behind)}`)}`;
  });
  const more = rest.length > NAMED ? `; ${plural(rest.length - NAMED, "further variant")} rank below` : "";
  return `${head}; then ${list(followers)}${more}.${beside}`;
}

/** How fast the held-out accuracy still climbs over the last third of the mean curve, where that is more than a quarter point an epoch. */
function stillRising(v: Variant): string {
  const curve = meanCurve(v);
  const [from, to] = [curve[Math.floor((2 * (curve.length - 1)) / 3)], curve[curve.length - 1]];
  const epochs = to.epoch - from.epoch;
  const rate = (to.heldOutAccuracy - from.heldOutAccuracy) / epochs;
  if (!(rate > 0.0025)) return "";
  return `still rises by ${points(rate)} ${epochs === 1 ? "in its last epoch" : `an epoch over its last ${epochs} epochs`}`;
}

/** Why variants have not been trained long enough to say what they would come to; empty where nothing tells so. */
export function tooShort(variants: readonly Variant[]): string {
  const rising = variants.flatMap((v) => {
    const how = isSound(v) ? stillRising(v) : "";
    return how ? [`the ${heldOutWord(v.cells)} accuracy of the ${v.model} with ${v.recipe} ${how}`] : [];
  });
  const limits = variants.flatMap(({ cells }) => cells[0].record.config.trainLimit ?? []);
  return list([...(limits.length > 0 ? [`training was limited to ${count(smallest(limits))} images`] : []), ...rising]);
}

/** Whether momentum does what the textbook says: the same rate, faster. Only of two variants that differ in nothing else. */
function momentumComment(variants: readonly Variant[]): string[] {
  const [sgd, nesterov] = ["sgd", "nesterov"].map((kind) => variants.filter((v) => v.optimizerKind === kind));
  if (sgd.length !== 1 || nesterov.length !== 1) return [];
  const [a, b] = [sgd[0], nesterov[0]];
  const [plain, faster] = [a, b].map(({ cells }) => cells[0].fields);
  const momentum = Number(faster.get("optimizer.momentum"));
  const comparable =
    plain.get("optimizer.momentum") === 0 &&
    plain.get("optimizer.lr") === faster.get("optimizer.lr") &&
    decidingFields(changedFields(plain, faster)).join() === "optimizer.kind";
  const gain = judgedDifference(b, a);
  if (!comparable || !(momentum > 0 && momentum < 1) || !Number.isFinite(gain.value)) return [];
  const note = troubleNote([a, b]);
  const verdict = verdictOf(gain);
  if (verdict === "level" || verdict === "unclear")
    return [
      `Momentum does not clearly help here: ${b.recipe} ends ${pointsWithin(gain)} ${gain.value < 0 ? "behind" : "ahead of"} ${a.recipe}, which may be chance${verdict === "unclear" ? ` (too few ${gain.by} to tell)` : ""}${note}.`,
    ];
  if (verdict === "less")
    return [`Against the usual expectation, momentum costs ${pointsWithin(gain)} against ${a.recipe}${note}.`];
  return [
    `Momentum gains ${pointsWithin(gain)} over ${a.recipe}${note}. While gradients agree from step to step, momentum ${momentum} lengthens the steps up to ${Number((1 / (1 - momentum)).toPrecision(2))}-fold, at the same learning rate.${reaching(a, b)}`,
  ];
}

/** When the faster curve comes to where the slower one ends, and whether that one still rises. Of sound cells alone. */
function reaching(slower: Variant, faster: Variant): string {
  if (!isSound(slower) || !isSound(faster)) return "";
  const target = meanCurve(slower).at(-1)?.heldOutAccuracy ?? NaN;
  const epoch = meanCurve(faster).find((row) => row.heldOutAccuracy >= target)?.epoch;
  const split = heldOutWord(slower.cells);
  const when = epoch === undefined ? "" : ` It reaches ${slower.recipe}'s last ${split} accuracy in epoch ${epoch}.`;
  const how = stillRising(slower);
  return `${when}${how && ` The ${split} accuracy of ${slower.recipe} ${how}: the run is too short to tell where it would end.`}`;
}

/** Training minus held-out accuracy, and whether the held-out loss has turned. */
export function overfittingComment(variant: Variant): string {
  if (!isSound(variant)) return "";
  const { images, split } = variant.judge;
  const gap = differenceOf(onImages(variant.train.mean, images), onImages(variant.judged.mean, images));
  if (!Number.isFinite(gap.value)) return "";
  const curve = meanCurve(variant);
  const lowest = curve.reduce((best, row) => (row.heldOutLoss < best.heldOutLoss ? row : best), curve[0]);
  const last = curve[curve.length - 1];
  const rise = last.heldOutLoss / lowest.heldOutLoss - 1;
  const head = `The training accuracy of ${variant.recipe} ends ${pointsWithin(gap)} ${gap.value < 0 ? "below" : "above"} its ${split} accuracy`;
  if (rise > 0.02 && last.trainLoss < lowest.trainLoss)
    return `${head}${orChance(gap)}. Its ${split} loss was lowest in epoch ${lowest.epoch} and ends ${percent(rise)} higher, while the training loss fell further: it has begun to overfit.`;
  if (mayBeChance(gap)) return `${head}${orChance(gap)}: no sign of overfitting.`;
  return gap.value > 0
    ? `${head}: it fits the images that it trains on better than new ones.`
    : `${head}: no sign of overfitting. (A training figure is the mean over an epoch, each batch before its update, so it lags behind.)`;
}

/** A fall of the held-out accuracy from one epoch to the next, larger than this and than chance, is told. */
const FALL = 0.03;

/** The largest fall of a cell after its first two epochs, as "5.0 ± 1.3 points after epoch 2"; undefined where it is small. */
function largestFall(cell: CellView): { text: string; value: number } | undefined {
  const { images } = cell.judge;
  const at = ({ heldOutAccuracy }: CurveRow) => ({ bySeed: new Map([[cell.seed, heldOutAccuracy]]), images });
  const [worst] = cell.curve
    .slice(1, -1)
    .flatMap((row, i) => {
      const next = cell.curve[i + 2];
      const real = row.heldOutAccuracy - next.heldOutAccuracy > FALL;
      return real ? [{ epoch: row.epoch, fall: differenceOf(at(row), at(next)) }] : [];
    })
    .filter(({ fall }) => !mayBeChance(fall))
    .sort((a, b) => b.fall.value - a.fall.value);
  return worst && { text: `${pointsWithin(worst.fall)} after epoch ${worst.epoch}`, value: worst.fall.value };
}

/** Sound variants whose held-out accuracy falls back between epochs. */
function jumpComment(variants: readonly Variant[]): string[] {
  const hit = variants.filter(isSound).flatMap((v) => {
    const [fall] = v.cells.flatMap((cell) => largestFall(cell) ?? []).sort((a, b) => b.value - a.value);
    return fall ? [{ v, text: `${v.recipe} (by up to ${fall.text})` }] : [];
  });
  if (hit.length === 0) return [];
  const word = heldOutWord(hit.flatMap(({ v }) => v.cells));
  const more = hit.length > NAMED ? [`${hit.length - NAMED} more`] : [];
  return [
    `From one epoch to the next, the ${word} accuracy falls by more than 3 points with ${list([...hit.slice(0, NAMED).map(({ text }) => text), ...more])}: it jumps rather than settles.`,
  ];
}

/** Adam's default learning rate, by its authors. */
const USUAL_ADAM = 0.001;

/** Adam at a rate that should be too high, where all its seeds are sound. */
function adamComment(variants: readonly Variant[]): string[] {
  const order = ranked(variants);
  const [best] = order;
  return variants
    .filter((v) => order.includes(v))
    .flatMap((v) => {
      const lr = Number(v.cells[0].fields.get("optimizer.lr"));
      if (v.optimizerKind !== "adam" || !(lr >= HIGH_ADAM) || !isSound(v)) return [];
      const times = `${count(Math.round(lr / USUAL_ADAM))} times Adam's usual ${USUAL_ADAM}`;
      const behind = judgedDifference(best, v);
      const note = troubleNote([best]);
      if (v !== best && !mayBeChance(behind))
        return [
          `The learning rate of ${v.recipe}, ${lr}, is ${times}: in each early step every weight moves by about that much, whatever the size of its gradient. It ends ${pointsWithin(behind)} behind ${best.recipe}${note}.`,
        ];
      const place =
        v === best ? "leads" : `ends ${pointsWithin(behind)} behind ${best.recipe}, which may be chance${note}`;
      return [
        `The learning rate of ${v.recipe}, ${lr}, is ${times} and expected to do harm, which these records do not show: it ${place}.`,
      ];
    });
}

/** All comments on one model's curves, in reading order. */
export function learningComments(variants: readonly Variant[]): string[] {
  const [best] = ranked(variants);
  return withInterval(
    [
      rankingComment(variants),
      ...setApart(variants),
      ...momentumComment(variants),
      ...collapseComment(variants),
      ...adamComment(variants).slice(0, 2),
      ...divergenceComment(variants),
      ...jumpComment(variants),
      best ? overfittingComment(best) : "",
    ].filter(Boolean),
  );
}
