/** Which samples a cell trains on, which it watches after every epoch, and which it is tested on. */
import type { TrainConfig } from "../config.js";
import { type Dataset, type Samples } from "./dataset.js";
import { bytesOf } from "../kernels/shape.js";
import { InputError } from "../input-error.js";

export interface Splits {
  train: Samples;
  /** Held out of the training samples; absent: the test set is watched. */
  validation?: Samples;
  test: Samples;
}

export type EvaluatedSplit = "validation" | "test";

/** The first `limit` samples. */
function limited(samples: Samples, limit?: number): Samples {
  return limit === undefined ? samples : { ...samples, count: Math.min(limit, samples.count) };
}

/** How many samples a cell trains on; below 1 where it holds out all there are. */
export function trainingCount(
  { trainLimit = Infinity, validation = 0 }: Pick<TrainConfig, "trainLimit" | "validation">,
  dataset: { train: Pick<Samples, "count"> },
): number {
  return Math.min(trainLimit, dataset.train.count) - validation;
}

/** The last `validation` of the first `trainLimit` training samples are held out. @throws InputError where none is left to train on */
export function splitSamples(config: TrainConfig, dataset: Dataset): Splits {
  const { trainLimit, testLimit, validation } = config;
  const train = limited(dataset.train, trainLimit);
  const test = limited(dataset.test, testLimit);
  if (validation === undefined) return { train, test };
  const count = trainingCount(config, dataset);
  if (count < 1)
    throw new InputError(
      `validation: got ${validation}, expected fewer than the ${train.count} training images; hold out fewer, or raise trainLimit`,
    );
  const bytes = bytesOf(dataset);
  const images = train.images.subarray(count * bytes, train.count * bytes);
  return {
    train: { ...train, count },
    validation: { count: validation, images, labels: train.labels.subarray(count, train.count) },
    test,
  };
}
