/** Early stopping: a cell ends when its held-out accuracy has not improved for a number of epochs. */
import type { TrainConfig } from "../config.js";
import { InputError } from "../input-error.js";
import type { EpochMetrics } from "./result.js";

/** @throws InputError where a cell is to stop by figures that it does not have */
export function checkPatience({ stop, validation }: Pick<TrainConfig, "stop" | "validation">): void {
  if (stop !== undefined && validation === undefined)
    throw new InputError(
      `stop: got a patience of ${stop.patience} without held-out images to judge by, expected "validation" beside it`,
    );
}

/** Whether the best validation accuracy, of equals the first, lies `patience` or more epochs back: a function of the curve, so that a resumed cell ends where it would have. */
export function isOutOfPatience({ stop }: Pick<TrainConfig, "stop">, curve: readonly EpochMetrics[]): boolean {
  if (stop === undefined) return false;
  let best = 0;
  curve.forEach(({ validationAccuracy = 0 }, i) => {
    if (validationAccuracy > (curve[best].validationAccuracy ?? 0)) best = i;
  });
  return curve.length - 1 - best >= stop.patience;
}
