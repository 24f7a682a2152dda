/** A cell trained to its end in this thread, and images small enough for the reference kernels. */
import type { TrainConfig } from "../../src/core/config.js";
import type { Dataset, Samples } from "../../src/core/data/dataset.js";
import type { TrainResult, TrainState } from "../../src/core/training/result.js";
import { train } from "../../src/core/training/train.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";

/** Pixels along a side of the small images. */
export const SMALL = 14;

/** Drawn garments: every other pixel of every other row. */
export function smallDataset(train: number, test: number): Dataset {
  const whole = drawSyntheticDataset(train, test);
  const halved = ({ images, ...rest }: Samples): Samples => ({
    ...rest,
    images: images.filter((_, at) => at % 2 === 0 && Math.floor(at / whole.width) % 2 === 0),
  });
  return { ...whole, height: SMALL, width: SMALL, train: halved(whole.train), test: halved(whole.test) };
}

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
