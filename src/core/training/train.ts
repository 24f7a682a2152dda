/** Trains one cell. Pure and synchronous: the caller owns threads, clocks and files. */
import type { TrainConfig } from "../config.js";
import type { Dataset } from "../data/dataset.js";
import { splitSamples, type EvaluatedSplit, type Splits } from "../data/splits.js";
import { statisticsMomenta } from "../network/blueprint.js";
import type { Network } from "../network/network.js";
import { clipGradient } from "../optimizers/clip.js";
import { BatchSum } from "./batch-sum.js";
import { buildCell, cellBlueprint } from "./build.js";
import type { CellState } from "./cell-state.js";
import type { Evaluation } from "./evaluate.js";
import { checkNormalisation } from "./normalisation.js";
import { checkPatience, isOutOfPatience } from "./patience.js";
import { CellPasses } from "./passes.js";
import { createSeen, epochSamples } from "./pruning.js";
import type { EpochMetrics, TrainEvent, TrainResult, TrainState } from "./result.js";
import { learningRate } from "./schedule.js";
import { soloRunner, type ShardRunner } from "./shard-runner.js";
import { lossInterval, trainingSteps } from "./steps.js";

/** Steps between two progress events. */
const PROGRESS_STEPS = 50;

export interface TrainOptions {
  /** Go on from this state instead of from the start. */
  resume?: TrainState;
  /** End after this epoch, as `stopped` where the training has more; after the training's last by default. */
  until?: number;
  /** Asked before every batch; true ends the training without a result. */
  cancelled?: () => boolean;
  /** Who carries out the passes; this thread alone by default. */
  runner?: (passes: CellPasses) => ShardRunner;
  /** Makes the memory that threads of one cell are to share. */
  buffer?: (bytes: number) => ArrayBufferLike;
}

/**
 * Trains a cell; yields progress within and at the end of each epoch, and returns the result, or undefined
 * when cancelled. Same config and data give the same bits, resumed or not, whoever runs the shards.
 * @throws InputError where model and data do not fit, patience has nothing to judge by, a pass would normalise a single value, or `resume` is no state of the cell
 */
export function* train(
  config: TrainConfig,
  dataset: Dataset,
  options: TrainOptions = {},
): Generator<TrainEvent, TrainResult | undefined> {
  checkPatience(config);
  checkNormalisation(config, dataset, cellBlueprint(config, dataset));
  const splits = splitSamples(config, dataset);
  const training = new Training(config, dataset, splits, options);
  const { state } = training;
  const watched = splits.validation ? "validation" : "test";

  const last = Math.min(options.until ?? config.epochs, config.epochs);
  const isEarly = (): boolean => isOutOfPatience(config, state.curve);
  let evaluation: Evaluation | undefined;
  while (state.curve.length < last && !state.isDiverged() && !isEarly()) {
    const epoch = state.curve.length + 1;
    const trained = yield* training.epoch(epoch);
    if (!trained) return undefined;
    evaluation = training.evaluateAverage(watched, epoch);
    if (!evaluation) return undefined;
    const metrics = epochMetrics(epoch, trained, watched, evaluation);
    state.curve.push(metrics);
    yield { kind: "epoch", metrics, state: () => state.save() };
  }
  // With held-out samples the test set is read here and nowhere else. A state of the last epoch resumes here, too, with the curve complete.
  const over = isEarly() ? config.epochs : state.curve.length;
  if (splits.validation || !evaluation) evaluation = training.evaluateAverage("test", over);
  return evaluation && training.result(evaluation, over < config.epochs);
}

/** What training says of an epoch's samples. */
interface TrainFigures {
  loss: number;
  accuracy: number;
}

/** The parts of a training, put together: its epochs and evaluations. */
class Training {
  readonly state: CellState;
  private readonly network: Network;
  private readonly passes: CellPasses;
  private readonly runner: ShardRunner;
  private readonly sum: BatchSum;
  private readonly momenta: Float64Array;
  private readonly cancelled: () => boolean;
  /** Of the whole training. */
  private readonly steps: number;
  /** Steps from one loss that is kept to the next. */
  private readonly every: number;

  constructor(
    private readonly config: TrainConfig,
    dataset: Dataset,
    private readonly splits: Splits,
    { resume, cancelled = () => false, runner = soloRunner, buffer }: TrainOptions,
  ) {
    const { count } = splits.train;
    const seen = config.prune && createSeen(count, buffer);
    const { network, state } = buildCell(config, dataset, seen);
    this.network = network;
    this.state = state;
    this.passes = new CellPasses(config, network, splits, seen);
    this.runner = runner(this.passes);
    if (resume) state.restore(resume, count);
    this.sum = new BatchSum(network, state.gradientSum);
    this.momenta = statisticsMomenta(network.blueprint);
    this.cancelled = cancelled;
    this.steps = trainingSteps(config, count);
    this.every = lossInterval(config, count);
  }

  /** Trains on all batches of an epoch; undefined when cancelled. */
  *epoch(epoch: number): Generator<TrainEvent, TrainFigures | undefined> {
    const { config, state, sum, every } = this;
    const samplesPerEpoch = epochSamples(config, this.splits.train.count, epoch);
    const progress = (samples: number, loss: number): TrainEvent => ({
      kind: "progress",
      epoch,
      epochs: config.epochs,
      samples,
      samplesPerEpoch,
      loss,
    });
    let [loss, correct] = [0, 0];
    this.passes.pruning?.settle();
    for (let start = 0; start < samplesPerEpoch; start += config.batchSize) {
      if (this.cancelled()) return undefined;
      const n = Math.min(config.batchSize, samplesPerEpoch - start);
      sum.begin();
      this.runner.batch({ epoch, start, n }, sum);
      this.update();
      loss += sum.loss;
      correct += sum.correct;
      if ((state.step - 1) % every === 0) state.stepLosses.push(sum.loss / n);
      if (state.step % PROGRESS_STEPS === 0) yield progress(start + n, sum.loss / n);
    }
    yield progress(samplesPerEpoch, loss / samplesPerEpoch);
    // The weights of an epoch that leaves samples out are rounded to Float32: their sum may exceed the count.
    return { loss: loss / samplesPerEpoch, accuracy: Math.min(1, correct / samplesPerEpoch) };
  }

  /** The optimizer's step along the batch's gradient, and all that follows the weights. */
  private update(): void {
    const { config, network, state, sum } = this;
    const lr = learningRate(config.schedule, config.optimizer.lr, state.step, this.steps);
    state.step += 1;
    if (config.clipNorm !== undefined) clipGradient(network.kernels.optimizer, sum.gradient, config.clipNorm);
    state.optimizer.step(state.step, lr);
    sum.moveStatistics(this.momenta);
    state.average?.update(state.step);
    network.refresh();
  }

  /** Evaluates a split after an epoch, by the averages where the cell averages its weights; undefined when cancelled. */
  evaluateAverage(split: EvaluatedSplit, epoch: number): Evaluation | undefined {
    const { average } = this.state;
    average?.swap();
    const evaluation = this.runner.evaluate(split, epoch, this.cancelled);
    average?.swap();
    return evaluation;
  }

  /** @param evaluation of the test set, after the last epoch @param goesOn unless it diverged: whether the training has more epochs */
  result({ loss, accuracy, confusion, mistakes }: Evaluation, goesOn: boolean): TrainResult {
    const { state, every, network } = this;
    return {
      status: state.isDiverged() || !(goesOn || Number.isFinite(loss)) ? "diverged" : goesOn ? "stopped" : "done",
      curve: state.curve,
      steps: { every, loss: state.stepLosses },
      parameters: network.parameters.count,
      confusion,
      mistakes,
      ...(this.splits.validation ? { test: { loss, accuracy } } : {}),
      weights: state.evaluated(),
    };
  }
}

function epochMetrics(
  epoch: number,
  trained: TrainFigures,
  watched: EvaluatedSplit,
  { loss, accuracy }: Evaluation,
): EpochMetrics {
  return {
    epoch,
    trainLoss: trained.loss,
    trainAccuracy: trained.accuracy,
    ...(watched === "validation"
      ? { validationLoss: loss, validationAccuracy: accuracy }
      : { testLoss: loss, testAccuracy: accuracy }),
  };
}
