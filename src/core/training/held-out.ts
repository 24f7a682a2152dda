/** What a cell's curve says of images that it was not trained on: the held-out training samples' figures where it has them, else the test set's. */
import type { EpochMetrics } from "./result.js";
import type { EvaluatedSplit } from "../data/splits.js";

/** The split whose figures the curve of a cell with this config holds. */
export function heldOutSplit({ validation }: { validation?: number }): EvaluatedSplit {
  return validation === undefined ? "test" : "validation";
}

/** Mean loss in nats and accuracy in [0, 1] on the held-out images after an epoch. */
export function heldOut({ testLoss, testAccuracy, validationLoss, validationAccuracy }: EpochMetrics): {
  loss: number;
  accuracy: number;
} {
  return { loss: validationLoss ?? testLoss ?? NaN, accuracy: validationAccuracy ?? testAccuracy ?? NaN };
}
