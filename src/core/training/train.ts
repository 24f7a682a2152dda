/** Trains one cell. Pure and synchronous: the caller owns threads, clocks and files. */
import { createNetwork } from "../network/backend.js";
import { BatchSum } from "./batch-sum.js";
import { CellState, arrayCount } from "./cell-state.js";
import type { TrainConfig } from "../config.js";
import { modelLayers } from "../network/models.js";
import type { Dataset } from "../data/dataset.js";
import type { Evaluation } from "./evaluate.js";
import { InputError } from "../input-error.js";
import type { Network, NetworkOptions } from "../network/network.js";
import { clipGradient } from "../optimizers/clip.js";
import { optimizerStep } from "../optimizers/optimizer.js";
import { CellPasses } from "./passes.js";
import { epochSamples } from "./pruning.js";
import { checkNormalisation } from "./normalisation.js";
import { pixelPermutation } from "../data/permutation.js";
import type { EpochMetrics, TrainEvent, TrainResult, TrainState } from "./result.js";
import { statisticsMomenta } from "../network/running-statistics.js";
import { learningRate } from "./schedule.js";
import { soloRunner, type ShardRunner } from "./shard-runner.js";
import { splitSamples, type EvaluatedSplit } from "../data/splits.js";
import { lossInterval, trainingSteps } from "./steps.js";
import { evaluationViews } from "../network/views.js";

/** Steps between two progress events. */
const PROGRESS_STEPS = 50;

export interface TrainOptions {
  /** Go on from this state instead of from the start. */
  resume?: TrainState;
  /** Asked before every batch; true ends the training without a result. */
  cancelled?: () => boolean;
  /** Who carries out the passes; this thread alone by default. */
  runner?: (passes: CellPasses) => ShardRunner;
}

/** What a network of a config for a data set is built from. */
export function networkOptions(config: TrainConfig, { classNames, height, width }: Dataset): NetworkOptions {
  return {
    layers: modelLayers(config.model, classNames.length),
    height,
    width,
    batchSize: config.batchSize,
    shardSize: config.shardSize,
    stateCount: arrayCount(config),
    orthogonal: config.optimizer.kind === "muon",
    permutation: config.permutation === 0 ? undefined : pixelPermutation(config.permutation, height * width),
    augment: config.augment,
    labelSmoothing: config.labelSmoothing,
    views: evaluationViews(config),
  };
}

/** The network of a config for a data set, with initial weights. @throws InputError where model and data do not fit. */
export function buildNetwork(config: TrainConfig, dataset: Dataset): Network {
  const classes = dataset.classNames.length;
  const network = createNetwork(config.kernels, networkOptions(config, dataset));
  if (network.classes !== classes)
    throw new InputError(
      `model: the last layer gives ${network.classes} logits, expected ${classes}, one a class of ${dataset.name}`,
    );
  network.initialise(config.seed);
  return network;
}

/**
 * Trains a cell; yields progress within and at the end of each epoch, and returns the result, or undefined
 * when cancelled. Same config and data give the same bits, resumed or not, whoever runs the shards.
 * @throws InputError where model and data do not fit, a pass would normalise a single value, or `resume` is no state of the cell
 */
export function* train(
  config: TrainConfig,
  dataset: Dataset,
  { resume, cancelled, runner: runnerFor = soloRunner }: TrainOptions = {},
): Generator<TrainEvent, TrainResult | undefined> {
  checkNormalisation(config, dataset);
  const network = buildNetwork(config, dataset);
  const splits = splitSamples(config, dataset);
  const passes = new CellPasses(config, network, splits);
  const runner = runnerFor(passes);
  const state = new CellState(config, network, passes.pruning?.seen);
  if (resume) state.restore(resume, splits.train.count);
  const { values } = network.parameters;
  const { optimizer: kernels } = network.kernels;
  const { curve, stepLosses, average } = state;
  const momenta = statisticsMomenta(modelLayers(config.model, network.classes), dataset.height, dataset.width);
  const sum = new BatchSum(network, state.gradientSum);
  const samplesOf = (epoch: number): number => epochSamples(config, splits.train.count, epoch);
  const steps = trainingSteps(config, splits.train.count);
  const every = lossInterval(config, splits.train.count);

  /** The optimizer's step, and all that follows the weights. */
  const update = (): void => {
    const lr = learningRate(config.schedule, config.optimizer.lr, state.step, steps);
    state.step += 1;
    if (config.clipNorm !== undefined) clipGradient(kernels, sum.gradient, config.clipNorm);
    optimizerStep(config.optimizer, kernels, values, sum.gradient, state.optimizer, state.step, lr, network.muonParts);
    sum.moveStatistics(momenta);
    average?.update(state.step);
    network.refresh();
  };
  const evaluate = (split: EvaluatedSplit, epoch: number): Evaluation | undefined => {
    average?.swap();
    const evaluation = runner.evaluate(split, epoch, cancelled);
    average?.swap();
    return evaluation;
  };

  let evaluation: Evaluation | undefined;
  let diverged = state.isDiverged();
  while (curve.length < config.epochs && !diverged) {
    const epoch = curve.length + 1;
    const samplesPerEpoch = samplesOf(epoch);
    let lossSum = 0;
    let correct = 0;
    const progress = (samples: number, loss: number): TrainEvent => ({
      kind: "progress",
      epoch,
      epochs: config.epochs,
      samples,
      samplesPerEpoch,
      loss,
    });
    passes.pruning?.settle();
    for (let start = 0; start < samplesPerEpoch; start += config.batchSize) {
      if (cancelled?.()) return undefined;
      const n = Math.min(config.batchSize, samplesPerEpoch - start);
      sum.begin();
      runner.batch({ epoch, start, n }, sum);
      update();
      lossSum += sum.loss;
      correct += sum.correct;
      if ((state.step - 1) % every === 0) stepLosses.push(sum.loss / n);
      if (state.step % PROGRESS_STEPS === 0) yield progress(start + n, sum.loss / n);
    }
    yield progress(samplesPerEpoch, lossSum / samplesPerEpoch);
    evaluation = evaluate(splits.validation ? "validation" : "test", epoch);
    if (!evaluation) return undefined;
    const { loss, accuracy } = evaluation;
    const metrics: EpochMetrics = {
      epoch,
      trainLoss: lossSum / samplesPerEpoch,
      // The weights of an epoch that leaves samples out are rounded to Float32: their sum may exceed the count.
      trainAccuracy: Math.min(1, correct / samplesPerEpoch),
      ...(splits.validation
        ? { validationLoss: loss, validationAccuracy: accuracy }
        : { testLoss: loss, testAccuracy: accuracy }),
    };
    curve.push(metrics);
    diverged = state.isDiverged();
    yield { kind: "epoch", metrics, state: () => state.save() };
  }
  // With held-out samples the test set is read here and nowhere else. A state of the last epoch resumes here, too, with the curve complete.
  if (splits.validation || !evaluation) evaluation = evaluate("test", curve.length);
  if (!evaluation) return undefined;
  const { loss, accuracy, confusion, mistakes } = evaluation;
  return {
    status: diverged || !Number.isFinite(loss) ? "diverged" : "done",
    curve,
    steps: { every, loss: stepLosses },
    parameters: network.parameters.pack(values).length,
    confusion,
    mistakes,
    ...(splits.validation ? { test: { loss, accuracy } } : {}),
    weights: state.evaluated(),
  };
}
