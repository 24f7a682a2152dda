/** What training a cell changes, and how it is saved and restored. */
import type { TrainConfig } from "../config.js";
import { heldOut } from "./held-out.js";
import { InputError } from "../input-error.js";
import type { Network } from "../network/network.js";
import { stateCount } from "../optimizers/optimizer.js";
import { countElements } from "../network/parameters.js";
import type { Seen } from "./pruning.js";
import type { EpochMetrics, TrainState } from "./result.js";
import { stateMisfit } from "./state-fit.js";
import { floatsOf, type Tensor } from "../kernels/tensor.js";
import { WeightAverage } from "./weight-average.js";

/** How many arrays as long as the parameters a cell keeps beside them: optimizer state, weight average, sum of shard gradients. */
export function arrayCount({ optimizer, weightAverage, shardSize }: TrainConfig): number {
  return stateCount(optimizer) + (weightAverage === undefined ? 0 : 1) + (shardSize === undefined ? 0 : 1);
}

export class CellState {
  /** Optimizer steps taken. */
  step = 0;
  readonly curve: EpochMetrics[] = [];
  readonly stepLosses: number[] = [];
  readonly optimizer: Tensor[];
  readonly average?: WeightAverage;
  /** Where the gradients of a batch's shards are summed. */
  readonly gradientSum?: Tensor;

  /**
   * @param network with initial weights, and `arrayCount` arrays beside them
   * @param seen what pruning goes by, of a cell that prunes
   */
  constructor(
    private readonly config: TrainConfig,
    private readonly network: Network,
    private readonly seen?: Seen,
  ) {
    const { optimizer, weightAverage, shardSize } = config;
    const arrays = [...network.parameters.state];
    this.optimizer = arrays.splice(0, stateCount(optimizer));
    if (weightAverage !== undefined) this.average = new WeightAverage(network, arrays.shift()!, weightAverage);
    if (shardSize !== undefined) this.gradientSum = arrays.shift();
  }

  /** @param samples how many the cell trains on @throws InputError where the state is none of this cell */
  restore(saved: TrainState, samples: number): void {
    const { parameters } = this.network;
    const misfit = stateMisfit(saved, this.config, {
      parameters: countElements(parameters.layouts),
      statistics: this.network.statistics.size,
      samples,
    });
    if (misfit !== undefined) throw new InputError(`resume: ${misfit}; train from the start`);
    const { step, curve, stepLosses, weights, optimizer, statistics, average, seen } = saved;
    parameters.unpack(weights, parameters.values);
    this.optimizer.forEach((state, i) =>
      parameters.unpack(optimizer.subarray(i * weights.length, (i + 1) * weights.length), state),
    );
    if (statistics) floatsOf(this.network.statistics).set(statistics);
    if (average) this.average?.unpack(average);
    if (seen) this.seen?.latest.set(seen);
    this.network.refresh();
    this.step = step;
    for (const epoch of curve) this.curve.push(epoch);
    for (const loss of stepLosses) this.stepLosses.push(loss);
  }

  save(): TrainState {
    const { parameters, statistics } = this.network;
    return {
      epoch: this.curve.length,
      step: this.step,
      curve: [...this.curve],
      stepLosses: [...this.stepLosses],
      weights: parameters.pack(parameters.values),
      optimizer: concatenate(this.optimizer.map((flat) => parameters.pack(flat))),
      ...(statistics.size > 0 ? { statistics: Float32Array.from(floatsOf(statistics)) } : {}),
      ...(this.average ? { average: this.average.pack() } : {}),
      ...(this.seen ? { seen: Float32Array.from(this.seen.latest) } : {}),
    };
  }

  /**
   * Whether the last epoch left a loss, weight, running statistic or average of these that is not finite. An infinite running
   * variance shows in no loss: evaluation divides by its root, so the layer's output is its bias, whatever the image.
   */
  isDiverged(): boolean {
    const { parameters, statistics } = this.network;
    const last = this.curve.at(-1);
    const losses = last ? [last.trainLoss, heldOut(last).loss] : [];
    const read = [losses, floatsOf(parameters.values), floatsOf(statistics), ...(this.average?.arrays ?? [])];
    return read.some((values: ArrayLike<number>) => !isFinite(values));
  }

  /** What evaluations read: weights and statistics, or their averages. */
  evaluated(): Float32Array {
    const { parameters, statistics } = this.network;
    return this.average?.pack() ?? concatenate([parameters.pack(parameters.values), floatsOf(statistics)]);
  }
}

function isFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function concatenate(arrays: ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
