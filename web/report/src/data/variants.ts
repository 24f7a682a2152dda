/** A variant is one config over all its seeds: what the homework's sections compare. */
import { smallest } from "../../../../src/core/numeric/extremes.js";
import { groupBy, type CellView, type CurveRow } from "./cells.js";
import { spread, type Spread } from "./statistics.js";
import { judgedAlike, sameJudge, type Judge } from "./judge.js";
import { differenceOf, measuredByJudge, type Difference } from "./uncertainty.js";

export interface Variant {
  model: string;
  modelKind: string;
  optimizerKind: string;
  /** Optimizer and whatever else varies. */
  recipe: string;
  recipeKey: string;
  permutation: number;
  cells: CellView[];
  judge: Judge;
  /** Of the accuracies that it is ranked by. */
  judged: Spread;
  test: Spread;
  train: Spread;
  parameters: number;
}

/** The variants of the cells, in order of first appearance. Left out are failed cells, which carry no figures, and those stopped before their last epoch. */
export function variantsOf(cells: readonly CellView[]): Variant[] {
  const ended = cells.filter(
    (cell) => !["failed", "stopped"].includes(cell.record.status) && cell.record.curve.length > 0,
  );
  return [...groupBy(ended, (cell) => cell.variantKey).values()].map((group) => ({
    model: group[0].model,
    modelKind: group[0].modelKind,
    optimizerKind: group[0].optimizerKind,
    recipe: group[0].recipe,
    recipeKey: group[0].recipeKey,
    permutation: group[0].permutation,
    cells: group,
    judge: group[0].judge,
    judged: spread(group.map((cell) => cell.judged)),
    test: spread(group.map((cell) => cell.metrics.testAccuracy)),
    train: spread(group.map((cell) => cell.metrics.trainAccuracy)),
    parameters: group[0].metrics.parameters,
  }));
}

/** Those judged alike, best first by the mean accuracy that they are ranked by; without a finite one, last. */
export function ranked(variants: readonly Variant[]): Variant[] {
  const value = ({ judged }: Variant) => (Number.isFinite(judged.mean) ? judged.mean : -1);
  const known = variants.filter(({ judged }) => judged.n > 0);
  const [first] = judgedAlike(known.length > 0 ? known : variants);
  return variants.filter((v) => sameJudge(v, first)).sort((a, b) => value(b) - value(a));
}

/** The accuracy that the first is ranked by minus that of the second. @param b judged alike */
export function judgedDifference(a: Variant, b: Variant): Difference {
  return differenceOf(measuredByJudge(a.cells), measuredByJudge(b.cells));
}

/** The mean learning curve over the seeds, for as many epochs as all of them have. */
export function meanCurve({ cells }: Variant): CurveRow[] {
  const epochs = smallest(cells.map(({ curve }) => curve.length));
  return cells[0].curve.slice(0, epochs).map(({ epoch }, i) => {
    const mean = (name: keyof CurveRow) => cells.reduce((sum, { curve }) => sum + curve[i][name], 0) / cells.length;
    return {
      epoch,
      trainLoss: mean("trainLoss"),
      trainAccuracy: mean("trainAccuracy"),
      heldOutLoss: mean("heldOutLoss"),
      heldOutAccuracy: mean("heldOutAccuracy"),
    };
  });
}
