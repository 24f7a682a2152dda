/** What training a cell yields. Losses are means in nats, accuracies fractions in [0, 1]. */

/**
 * One row of the learning curve. Train figures are sample-weighted means over the epoch's batches, each before its
 * update; where the epoch leaves samples out (pruning.ts), they are estimates for all. Test figures come after the epoch. A cell with held-out training samples has their figures in place of the test set's.
 */
export interface EpochMetrics {
  epoch: number;
  trainLoss: number;
  trainAccuracy: number;
  testLoss?: number;
  testAccuracy?: number;
  validationLoss?: number;
  validationAccuracy?: number;
}

/** What a row of the learning curve may hold beside its epoch. */
export const EPOCH_FIGURES = [
  "trainLoss",
  "trainAccuracy",
  "testLoss",
  "testAccuracy",
  "validationLoss",
  "validationAccuracy",
] as const satisfies (keyof EpochMetrics)[];

/** What a cell with held-out training samples reaches on the test set, read once, after the last epoch. */
export interface TestMetrics {
  loss: number;
  accuracy: number;
}

/** Training loss of every `every`-th step (one step is one batch), starting with step 0. */
export interface StepLosses {
  every: number;
  loss: number[];
}

/** A test image the model got wrong, with the softmax probability it gave its wrong answer. */
export interface Mistake {
  index: number;
  label: number;
  predicted: number;
  confidence: number;
}

/**
 * `done`: trained to its last epoch, or to where its patience ended.
 * `diverged`: a loss, weight, running statistic or average of these became non-finite; its epoch is recorded and is the last.
 * `stopped`: at the end of an epoch before its last, from which it can go on.
 */
export type TrainStatus = "done" | "diverged" | "stopped";

export interface TrainResult {
  status: TrainStatus;
  curve: EpochMetrics[];
  steps: StepLosses;
  /** Trainable parameters, padding excluded. */
  parameters: number;
  /** confusion[label][predicted], counted on the test set after the last epoch. */
  confusion: number[][];
  /** The most confidently wrong test images, most confident first; ties by index. */
  mistakes: Mistake[];
  /** Present where training samples were held out. */
  test?: TestMetrics;
  /**
   * All parameters in model order, each in its logical row-major order, then the running statistics if the model has any:
   * what the last evaluation read, so averages where the cell averages its weights.
   */
  weights: Float32Array;
}

/** All that the next epoch depends on, taken at an epoch's end: training resumed from it goes on bit for bit. */
export interface TrainState {
  /** Epochs completed. */
  epoch: number;
  /** Optimizer steps taken. */
  step: number;
  curve: EpochMetrics[];
  stepLosses: number[];
  /** Parameters, padding excluded, in the order of `TrainResult.weights`. */
  weights: Float32Array;
  /** The optimizer's buffers one after another (velocity; or Adam's m and v), each laid out like `weights`. */
  optimizer: Float32Array;
  /** The running statistics, of a model that has any. */
  statistics?: Float32Array;
  /** Averages of the weights, laid out like `weights`, then of the statistics, of a cell that averages its weights. */
  average?: Float32Array;
  /** What pruning goes by, of a cell that prunes: `Seen.latest`, one a training sample. */
  seen?: Float32Array;
}

/** What `train` yields while it runs: now and then within an epoch, and once at each epoch's end. */
export type TrainEvent =
  | { kind: "progress"; epoch: number; epochs: number; samples: number; samplesPerEpoch: number; loss: number }
  | { kind: "epoch"; metrics: EpochMetrics; state: () => TrainState };
