/** A cell trained to its end in this thread. */
import type { TrainConfig } from "../../src/core/config.js";
import type { Dataset } from "../../src/core/data/dataset.js";
import type { TrainResult, TrainState } from "../../src/core/training/result.js";
import { train } from "../../src/core/training/train.js";

/** The result, and copies of the states that its epochs ended with. */
export function trained(
  cell: TrainConfig,
  data: Dataset,
  resume?: TrainState,
): { result: TrainResult; states: TrainState[] } {
  const training = train(cell, data, { resume });
  const states: TrainState[] = [];
  for (;;) {
    const next = training.next();
    if (next.done) return { result: next.value!, states };
    if (next.value.kind === "epoch") states.push(structuredClone(next.value.state()));
  }
}
