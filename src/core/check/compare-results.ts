/** Compares two results of one cell and names the first place where their numbers part. */
import { canonicalJson, stringify } from "../json-text.js";
import { EPOCH_FIGURES, type EpochMetrics, type TrainResult, type TrainStatus } from "../training/result.js";

/** What must not differ between two trainings of a cell: its record, but for how training went. */
export interface CellResult extends Omit<TrainResult, "status" | "weights"> {
  status: TrainStatus | "failed";
  engineVersion: number;
  /** sha256 of the final weights (weight-bytes.ts). */
  weightsDigest: string;
  run?: unknown;
}

/** The epoch after which a cell was stopped, up to which another training is to be compared with it; undefined of others. */
export function stoppedAt({ status, curve }: Pick<CellResult, "status" | "curve">): number | undefined {
  return status === "stopped" ? curve.length : undefined;
}

/** All that must not differ, as text to compare. */
export function comparableResult(result: CellResult): string {
  const numbers = { ...result };
  delete numbers.run;
  return canonicalJson(numbers);
}

/** As in a file: NaN equals itself, and -0, which JSON does not have, equals 0. */
const same = (a: unknown, b: unknown): boolean => stringify(a) === stringify(b);

/** The first figure in which rows of the same place differ, in words; rows that one curve lacks are no difference. */
export function firstCurveDifference(
  stored: readonly EpochMetrics[],
  rerun: readonly EpochMetrics[],
): string | undefined {
  for (let i = 0; i < Math.min(stored.length, rerun.length); i++)
    for (const quantity of EPOCH_FIGURES)
      if (!same(stored[i][quantity], rerun[i][quantity]))
        return `epoch ${stored[i].epoch}, ${quantity}: stored ${stringify(stored[i][quantity])}, now ${stringify(rerun[i][quantity])}`;
  return undefined;
}

/** The first difference in words; undefined where all numbers have the same bits. */
export function firstDifference(stored: CellResult, rerun: CellResult): string | undefined {
  if (stored.engineVersion !== rerun.engineVersion)
    return `engine version: stored ${stored.engineVersion}, now ${rerun.engineVersion}; other versions give other numbers`;
  const figure = firstCurveDifference(stored.curve, rerun.curve);
  if (figure !== undefined) return figure;
  if (stored.curve.length !== rerun.curve.length)
    return `epochs: stored ${stored.curve.length}, now ${rerun.curve.length}`;
  const step = stored.steps.loss.findIndex((loss, i) => !same(loss, rerun.steps.loss[i]));
  if (step >= 0)
    return `step ${step * stored.steps.every}, loss: stored ${stringify(stored.steps.loss[step])}, now ${stringify(rerun.steps.loss[step])}`;
  if (stored.steps.every !== rerun.steps.every || stored.steps.loss.length !== rerun.steps.loss.length)
    return `step losses: stored ${stored.steps.loss.length}, one in ${stored.steps.every}; now ${rerun.steps.loss.length}, one in ${rerun.steps.every}`;
  if (!same(stored.test, rerun.test)) return `test: stored ${stringify(stored.test)}, now ${stringify(rerun.test)}`;
  if (canonicalJson(stored.confusion) !== canonicalJson(rerun.confusion))
    return "confusion matrix: differs, though all losses and accuracies agree";
  if (stored.weightsDigest !== rerun.weightsDigest)
    return `final weights: stored digest ${stored.weightsDigest}, now ${rerun.weightsDigest}`;
  if (comparableResult(stored) !== comparableResult(rerun))
    return "status, parameter count or listed mistakes: differ, though curve and weights agree";
  return undefined;
}
