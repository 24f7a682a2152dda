/** Compares two records of one cell and names the first place where their numbers part. */
import { comparableRecord, type CellRecord } from "./record.js";
import { canonicalJson, stringify } from "./json.js";

/** The first difference in words; undefined where all numbers have the same bits. */
export function firstDifference(stored: CellRecord, rerun: CellRecord): string | undefined {
  if (stored.engineVersion !== rerun.engineVersion)
    return `engine version: stored ${stored.engineVersion}, now ${rerun.engineVersion}; other versions give other numbers`;
  const epochs = Math.max(stored.curve.length, rerun.curve.length);
  for (let i = 0; i < epochs; i++) {
    const a = stored.curve[i];
    const b = rerun.curve[i];
    if (!a || !b) return `epochs: stored ${stored.curve.length}, now ${rerun.curve.length}`;
    for (const quantity of ["trainLoss", "trainAccuracy", "testLoss", "testAccuracy"] as const)
      if (!Object.is(a[quantity], b[quantity])) return `epoch ${a.epoch}, ${quantity}: stored ${stringify(a[quantity])}, now ${stringify(b[quantity])}`;
  }
  const step = stored.steps.loss.findIndex((loss, i) => !Object.is(loss, rerun.steps.loss[i]));
  if (step >= 0) return `step ${step * stored.steps.every}, loss: stored ${stringify(stored.steps.loss[step])}, now ${stringify(rerun.steps.loss[step])}`;
  if (canonicalJson(stored.confusion) !== canonicalJson(rerun.confusion)) return "confusion matrix: differs, though all losses and accuracies agree";
  if (stored.weightsDigest !== rerun.weightsDigest) return `final weights: stored digest ${stored.weightsDigest}, now ${rerun.weightsDigest}`;
  if (comparableRecord(stored) !== comparableRecord(rerun)) return "status, parameter count or listed mistakes: differ, though curve and weights agree";
  return undefined;
}
