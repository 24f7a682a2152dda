/** What a model's learning curves show, in words computed from the records. */
import type { CellView } from "../data/cells.js";
import { list, percent, points, spreadText } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { ranked, type Variant } from "../data/variants.js";
import { spread } from "../data/statistics.js";

/** Differences below this are called level: half a point is what seeds alone do on 10,000 test images. */
export const LEVEL = 0.005;

/** Who is best after the last epoch, and by how much. */
export function rankingComment(variants: readonly Variant[]): string {
  const order = ranked(variants);
  if (order.length === 0) return "No cell of this model has ended yet.";
  const [best, ...rest] = order;
  const epochs = spread(best.cells.map((cell) => cell.metrics.epochs));
  const seeds = spread(order.map((v) => v.cells.length));
  const over =
    seeds.max > 1
      ? `, mean ± standard deviation over ${seeds.min === seeds.max ? seeds.max : `${seeds.min} to ${seeds.max}`} seeds`
      : "";
  const head = `After ${plural(epochs.max, "epoch")}, ${best.recipe} ${rest.length > 0 ? "leads with" : "reaches"} ${spreadText(best.test)} test accuracy${over}`;
  if (rest.length === 0) return `${head}.`;
  const followers = rest.slice(0, 4).map((v) => {
    if (!Number.isFinite(v.test.mean)) return `${v.recipe} (no finite result)`;
    const behind = best.test.mean - v.test.mean;
    return `${v.recipe} with ${spreadText(v.test)} (${behind < LEVEL ? "level" : `${points(behind)} behind`})`;
  });
  const more = rest.length > 4 ? `; ${plural(rest.length - 4, "further variant")} lie below` : "";
  return `${head}; then ${list(followers)}${more}.`;
}

/** First epoch at which a curve is at least as good as the target, or undefined. */
function epochReaching(cell: CellView, target: number): number | undefined {
  return cell.curve.find((row) => row.heldOutAccuracy >= target)?.epoch;
}

/** Whether momentum does what the textbook says: the same rate, faster. */
function momentumComment(variants: readonly Variant[]): string[] {
  const sgd = variants.filter((v) => v.optimizerKind === "sgd");
  const nesterov = variants.filter((v) => v.optimizerKind === "nesterov");
  if (sgd.length !== 1 || nesterov.length !== 1) return [];
  const gain = nesterov[0].test.mean - sgd[0].test.mean;
  if (!Number.isFinite(gain)) return [];
  if (gain < LEVEL) {
    const relation =
      gain > -LEVEL ? `is level with plain SGD (${points(gain)} apart)` : `is ${points(gain)} worse than plain SGD`;
    return [`Against the usual expectation, momentum does not help here: ${nesterov[0].recipe} ${relation}.`];
  }
  const overtaken = epochReaching(nesterov[0].cells[0], sgd[0].cells[0].curve.at(-1)?.heldOutAccuracy ?? NaN);
  const when = overtaken === undefined ? "" : ` It passes SGD's final accuracy in epoch ${overtaken}.`;
  const slow =
    sgd[0].cells[0].curve.length > 2 && stillImproving(sgd[0].cells[0])
      ? " SGD's curve is still rising at the end: it is slow, not stuck, and more epochs would narrow the gap."
      : "";
  return [
    `Momentum gains ${points(gain)} over SGD. A gradient that keeps its direction adds up to steps 1/(1 − 0.9) = 10 times as long, at the same learning rate.${when}${slow}`,
  ];
}

/** True while the held-out accuracy of the last third still climbs by more than a quarter point an epoch. */
function stillImproving(cell: CellView): boolean {
  const { curve } = cell;
  const from = curve[Math.floor((2 * (curve.length - 1)) / 3)];
  const to = curve[curve.length - 1];
  return to.epoch > from.epoch && (to.heldOutAccuracy - from.heldOutAccuracy) / (to.epoch - from.epoch) > 0.0025;
}

/** Train minus test, and whether the held-out loss has turned. */
export function overfittingComment(variant: Variant): string {
  const gap = variant.train.mean - variant.test.mean;
  if (!Number.isFinite(gap)) return "";
  const cell = variant.cells[0];
  const { curve } = cell;
  const lowest = curve.reduce((best, row) => (row.heldOutLoss < best.heldOutLoss ? row : best), curve[0]);
  const last = curve[curve.length - 1];
  const turned =
    lowest.epoch < last.epoch && last.heldOutLoss > 1.02 * lowest.heldOutLoss && last.trainLoss < lowest.trainLoss;
  const head = `${variant.recipe} ends with train minus test accuracy at ${gap < 0 ? "−" : "+"}${points(gap)}`;
  if (turned)
    return `${head}, and its ${cell.heldOut} loss has risen since epoch ${lowest.epoch} while the training loss kept falling: it has begun to overfit.`;
  if (gap > 0.03)
    return `${head}: it fits the training images visibly better than new ones, though its ${cell.heldOut} loss has not turned yet.`;
  if (gap < 0)
    return `${head}: no overfitting (training figures are means over the epoch, taken before each update, so they lag behind).`;
  return `${head}: little overfitting so far.`;
}

/** Cells whose held-out accuracy falls back between epochs. */
function jumpComment(variants: readonly Variant[]): string[] {
  return variants.flatMap((v) => {
    let largest = 0;
    for (const cell of v.cells)
      for (let i = 2; i < cell.curve.length; i++)
        largest = Math.max(largest, cell.curve[i - 1].heldOutAccuracy - cell.curve[i].heldOutAccuracy);
    return largest > 0.03
      ? [
          `The ${v.cells[0].heldOut} accuracy of ${v.recipe} falls by up to ${points(largest)} from one epoch to the next: its steps are too long for it to settle.`,
        ]
      : [];
  });
}

/** Collapse to chance, by what the model answers. */
function collapseComment(variants: readonly Variant[], classes: number): string[] {
  return variants.flatMap((v) => {
    const cells = v.cells.filter((cell) => cell.outcome === "collapsed");
    if (cells.length === 0) return [];
    const exact = cells.every((cell) => Math.abs(cell.metrics.testAccuracy - 1 / classes) < 1e-9);
    const share = v.cells.length > 1 ? ` on ${cells.length} of ${v.cells.length} seeds` : "";
    const level = exact ? `exactly ${percent(1 / classes, 2)}` : percent(cells[0].metrics.testAccuracy, 2);
    const answer = " It gives every image the same class.";
    return [
      `${v.recipe} ends at ${level}${share}, which is chance with ${classes} classes.${answer} ${collapseReason(v)}`,
    ];
  });
}

function collapseReason(v: Variant): string {
  const lr = v.cells[0].fields.get("optimizer.lr");
  if (v.optimizerKind !== "adam" || typeof lr !== "number" || lr < 0.01)
    return "The loss is finite, but no gradient leads away from there: typically every ReLU of a layer is dead.";
  return `Adam divides by the gradient's own size, so each weight moves by about the learning rate, here ${lr}, in each of the first steps, many times the size of the initial weights. ReLUs are pushed below zero for every image; from then on they pass no gradient and only the output biases learn.`;
}

function divergenceComment(variants: readonly Variant[]): string[] {
  return variants.flatMap((v) => {
    const cells = v.cells.filter((cell) => cell.record.status === "diverged");
    if (cells.length === 0) return [];
    const epochs = [...new Set(cells.map((cell) => cell.metrics.epochs))].sort((a, b) => a - b);
    const share = v.cells.length > 1 ? ` on ${cells.length} of ${v.cells.length} seeds` : "";
    return [
      `${v.recipe} diverged${share} in epoch ${list(epochs.map(String))}: a loss, a weight or a running statistic stopped being finite, which ends the cell and counts as its result.`,
    ];
  });
}

/** Adam at a rate that should be too high, but is not. */
function adamComment(variants: readonly Variant[]): string[] {
  return variants.flatMap((v) => {
    const lr = v.cells[0].fields.get("optimizer.lr");
    if (v.optimizerKind !== "adam" || typeof lr !== "number" || lr < 0.05) return [];
    if (v.cells.some((cell) => cell.outcome === "collapsed" || cell.record.status === "diverged")) return [];
    const best = ranked(variants)[0];
    const behind = best.test.mean - v.test.mean;
    if (behind < 0.02)
      return [
        `A learning rate of ${lr} is a hundred times Adam's usual one and is expected to do harm; here ${v.recipe} ends ${v === best ? "in front" : `only ${points(behind)} behind`}, which contradicts that.`,
      ];
    return [
      `${v.recipe} uses a learning rate of ${lr}, a hundred times Adam's usual 0.001: every weight moves by about that much in each early step, whatever the size of its gradient, and a fraction of the units die. It ends ${points(behind)} behind.`,
    ];
  });
}

/** Each of a few remarks in full, or what they have in common when there are many. */
function few(remarks: readonly string[], common: (n: number) => string): string[] {
  return remarks.length > 2
    ? [`${remarks[0]} The same is true of ${plural(remarks.length - 1, "further variant")}: ${common(remarks.length)}.`]
    : [...remarks];
}

/** All comments on one model's curves, in reading order. */
export function learningComments(variants: readonly Variant[], classes: number): string[] {
  const best = ranked(variants)[0];
  const sound = variants.filter(
    (v) => !v.cells.some((cell) => cell.outcome === "collapsed" || cell.record.status === "diverged"),
  );
  return [
    rankingComment(variants),
    ...momentumComment(variants),
    ...few(
      collapseComment(variants, classes),
      (n) => `${n} of ${variants.length} ended at chance on at least one seed`,
    ),
    ...adamComment(variants).slice(0, 2),
    ...few(divergenceComment(variants), (n) => `${n} of ${variants.length} diverged on at least one seed`),
    ...few(jumpComment(sound), (n) => `${n} of ${variants.length} fall back by more than three points somewhere`),
    best ? overfittingComment(best) : "",
  ].filter((text) => text !== "");
}
