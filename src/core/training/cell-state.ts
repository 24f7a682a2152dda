/** What training a cell changes, and how it is saved and restored. */
import type { TrainConfig } from "../config.js";
import { InputError } from "../input-error.js";
import { floatsOf, type Tensor } from "../kernels/tensor.js";
import type { Network } from "../network/network.js";
import { createOptimizer, type Optimizer } from "../optimizers/table.js";
import { heldOut } from "./held-out.js";
import type { Seen } from "./pruning.js";
import type { EpochMetrics, TrainState } from "./result.js";
import { stateMisfit } from "./state-fit.js";
import { WeightAverage } from "./weight-average.js";

export class CellState {
  /** Optimizer steps taken. */
  step = 0;
  readonly curve: EpochMetrics[] = [];
  readonly stepLosses: number[] = [];
  readonly optimizer: Optimizer;
  readonly average?: WeightAverage;
  /** Where the gradients of a batch's shards are summed. */
  readonly gradientSum?: Tensor;

  /**
   * Allocates in the network's arena; zeros until `begin` or `restore`.
   * @param seen what pruning goes by, of a cell that prunes
   */
  constructor(
    private readonly config: TrainConfig,
    private readonly network: Network,
    private readonly seen?: Seen,
  ) {
    const { parameters, kernels } = network;
    const { optimizer, weightAverage, shardSize } = config;
    if (shardSize !== undefined) this.gradientSum = parameters.allocate();
    const { values, gradients, layouts } = parameters;
    this.optimizer = createOptimizer(optimizer, kernels, { values, gradients: this.gradientSum ?? gradients, layouts });
    if (weightAverage !== undefined) this.average = new WeightAverage(network, parameters.allocate(), weightAverage);
  }

  /** Starts from the network's weights as they are. */
  begin(): void {
    this.average?.begin();
  }

  /** @param samples how many the cell trains on @throws InputError where the state is none of this cell */
  restore(saved: TrainState, samples: number): void {
    const { parameters } = this.network;
    const misfit = stateMisfit(saved, this.config, {
      parameters: parameters.count,
      statistics: this.network.statistics.size,
      samples,
    });
    if (misfit !== undefined) throw new InputError(`resume: ${misfit}; train from the start`);
    const { step, curve, stepLosses, weights, optimizer, statistics, average, seen } = saved;
    parameters.unpack(weights, parameters.values);
    this.optimizer.state.forEach((state, i) =>
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
      optimizer: concatenate(this.optimizer.state.map((flat) => parameters.pack(flat))),
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
