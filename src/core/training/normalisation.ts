/**
 * Refuses trainings that would normalise a single value. Less its own mean it is 0, whatever the sample, so nothing of the
 * sample goes on; and the running variance moves towards 0.
 */
import type { TrainConfig } from "../config.js";
import type { Dataset } from "../data/dataset.js";
import { InputError } from "../input-error.js";
import type { Blueprint } from "../network/blueprint.js";
import { passSize } from "../network/network.js";
import { epochSizes } from "./pruning.js";
import { MAX_BATCH } from "../limits.js";
import { pixelsOf } from "../kernels/shape.js";
import { trainingCount } from "../data/splits.js";

/**
 * Checks all training passes of all epochs; evaluation normalises by running statistics, of however many samples.
 * @throws InputError where a batch normalisation gets one value a channel
 */
export function checkNormalisation(config: TrainConfig, dataset: Dataset, blueprint: Blueprint): void {
  const layer = layersOfOneValue(blueprint)[0];
  if (layer === undefined) return;
  /** The samples of an epoch that has a pass of one. */
  const epochWithOne = (cell: TrainConfig): number | undefined =>
    epochSizes(cell, trainingCount(cell, dataset)).find((samples) =>
      hasPassOfOne(samples, cell.batchSize, passSize(blueprint, cell)),
    );
  const samples = epochWithOne(config);
  if (samples === undefined) return;

  const { batchSize, shardSize, trainLimit, validation } = config;
  const count = trainingCount(config, dataset);
  const given = Object.entries({ trainLimit, validation, prune: samples < count || undefined }).filter(
    ([, value]) => value !== undefined,
  );
  const origin = given.length === 0 ? "" : ` (by ${given.map(([field]) => field).join(", ")})`;
  throw new InputError(
    `model: layer ${layer + 1} (batchNorm) got one value to normalise, expected at least 2: epochs of ${samples} ${samples === 1 ? "sample" : "samples"}${origin} in batches of ${batchSize}` +
      `${shardSize === undefined ? "" : ` and shards of ${shardSize}`} have a pass of 1 sample; ${remedy(config, dataset, (cell) => epochWithOne(cell) === undefined)}`,
  );
}

/** Places of the layers that normalise one value of each channel a sample: of a single sample there is nothing to normalise. */
export const layersOfOneValue = ({ layers }: Blueprint): number[] =>
  layers.flatMap(({ statistics, input }, i) => (statistics && pixelsOf(input) === 1 ? [i] : []));

/** Whether one of the passes over an epoch's samples, batch by batch, `pass` at a time, is of a single sample. */
function hasPassOfOne(samples: number, batchSize: number, pass: number): boolean {
  const full = Math.min(samples, batchSize);
  const last = samples % batchSize;
  return [full, last].some((n) => n > 0 && (pass === 1 || n % pass === 1));
}

/** What to change: the nearest value that works, for every field that has one. */
function remedy(config: TrainConfig, dataset: Dataset, works: (cell: TrainConfig) => boolean): string {
  const { batchSize, shardSize, validation } = config;
  const limit = trainingCount({ ...config, validation: 0 }, dataset);
  const change = (
    field: "batchSize" | "shardSize" | "trainLimit" | "validation",
    value: number | undefined,
    least: number,
    most: number,
  ): string[] => {
    const better = value && nearest(value, least, most, (candidate) => works({ ...config, [field]: candidate }));
    return better ? [`${field} to ${better}`] : [];
  };
  const changes = [
    ...change("batchSize", batchSize, 1, MAX_BATCH),
    ...change("shardSize", shardSize, 1, MAX_BATCH),
    // Within a batch: whoever wants this many images does not want half of them.
    ...change(
      "trainLimit",
      limit,
      Math.max((validation ?? 0) + 1, limit - batchSize),
      Math.min(dataset.train.count, limit + batchSize),
    ),
    ...change(
      "validation",
      validation,
      Math.max(1, (validation ?? 0) - batchSize),
      Math.min(limit - 1, (validation ?? 0) + batchSize),
    ),
  ];
  if (changes.length > 0) return `set ${changes.join(" or ")}`;
  const whole = nearest(batchSize, 1, MAX_BATCH, (candidate) =>
    works({ ...config, shardSize: undefined, batchSize: candidate }),
  );
  return whole === undefined ? "train on more images" : `take shardSize out and set batchSize to ${whole}`;
}

/** The number in [least, most] nearest to `value` that works; of two the lower. */
function nearest(
  value: number,
  least: number,
  most: number,
  works: (candidate: number) => boolean,
): number | undefined {
  for (let distance = 0; distance <= Math.max(value - least, most - value); distance++)
    for (const candidate of [value - distance, value + distance])
      if (candidate >= least && candidate <= most && works(candidate)) return candidate;
  return undefined;
}
