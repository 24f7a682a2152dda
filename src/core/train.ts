/** Trains one cell. Pure and synchronous: the caller owns threads, clocks and files. */
import { createNetwork } from "./backend.js";
import { modelLayers, type TrainConfig } from "./config.js";
import type { Dataset, Samples } from "./dataset.js";
import { evaluate, type Evaluation } from "./evaluate.js";
import { InputError } from "./input-error.js";
import type { Network } from "./network.js";
import { optimizerStep, stateCount } from "./optimizers/optimizer.js";
import { pixelPermutation } from "./permutation.js";
import { RandomStream } from "./random.js";
import type { EpochMetrics, TrainEvent, TrainResult, TrainState } from "./result.js";
import type { Tensor } from "./tensor.js";

/** Steps between two progress events. */
const PROGRESS_STEPS = 50;
/** At most this many step losses are kept for plotting. */
const STEP_LOSSES = 400;

export interface TrainOptions {
  /** Go on from this state instead of from the start. */
  resume?: TrainState;
  /** Asked before every batch; true ends the training without a result. */
  cancelled?: () => boolean;
}

/** The network of a config for a data set, with initial weights. @throws InputError where model and data do not fit. */
export function buildNetwork(config: TrainConfig, dataset: Dataset): Network {
  const classes = dataset.classNames.length;
  const pixels = dataset.height * dataset.width;
  const network = createNetwork(config.kernels, {
    layers: modelLayers(config.model, classes),
    height: dataset.height,
    width: dataset.width,
    batchSize: config.batchSize,
    stateCount: stateCount(config.optimizer),
    permutation: config.permutation === 0 ? undefined : pixelPermutation(config.permutation, pixels),
    augment: config.augment,
    labelSmoothing: config.labelSmoothing,
  });
  if (network.classes !== classes)
    throw new InputError(`model: the last layer gives ${network.classes} logits, expected ${classes}, one a class of ${dataset.name}`);
  network.initialise(config.seed);
  return network;
}

/** A non-finite loss or weight. */
function isDiverged({ trainLoss, testLoss }: EpochMetrics, weights: Tensor): boolean {
  if (!Number.isFinite(trainLoss) || !Number.isFinite(testLoss)) return true;
  for (let i = 0; i < weights.size; i++) if (!Number.isFinite(weights.get(i))) return true;
  return false;
}

/** The first `limit` samples. */
function limited(samples: Samples, limit?: number): Samples {
  return limit === undefined ? samples : { ...samples, count: Math.min(limit, samples.count) };
}

/**
 * Trains a cell; yields progress within and at the end of each epoch, and returns the result, or undefined
 * when cancelled. Same config and data give the same bits, resumed or not.
 * @throws InputError where model and data do not fit
 */
export function* train(config: TrainConfig, dataset: Dataset, { resume, cancelled }: TrainOptions = {}): Generator<TrainEvent, TrainResult | undefined> {
  const network = buildNetwork(config, dataset);
  const { parameters } = network;
  const trainSet = limited(dataset.train, config.trainLimit);
  const testSet = limited(dataset.test, config.testLimit);
  const stepsPerEpoch = Math.ceil(trainSet.count / config.batchSize);
  const every = Math.ceil((stepsPerEpoch * config.epochs) / STEP_LOSSES);

  const curve: EpochMetrics[] = [];
  const stepLosses: number[] = [];
  let step = 0;
  if (resume) {
    parameters.unpack(resume.weights, parameters.values);
    const size = resume.weights.length;
    parameters.state.forEach((state, i) => parameters.unpack(resume.optimizer.subarray(i * size, (i + 1) * size), state));
    network.refresh();
    curve.push(...resume.curve);
    stepLosses.push(...resume.stepLosses);
    step = resume.step;
  }
  const state = (): TrainState => {
    const arrays = parameters.state.map((flat) => parameters.pack(flat));
    const optimizer = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    arrays.forEach((array, i) => optimizer.set(array, i * array.length));
    return { epoch: curve.length, step, curve: [...curve], stepLosses: [...stepLosses], weights: parameters.pack(parameters.values), optimizer };
  };

  let evaluation: Evaluation | undefined;
  let diverged = curve.length > 0 && isDiverged(curve[curve.length - 1], parameters.values);
  while (curve.length < config.epochs && !diverged) {
    const epoch = curve.length + 1;
    const order = Uint32Array.from({ length: trainSet.count }, (_, i) => i);
    new RandomStream("shuffle", config.seed, epoch).shuffle(order);
    let lossSum = 0;
    let correct = 0;
    for (let start = 0; start < trainSet.count; start += config.batchSize) {
      if (cancelled?.()) return undefined;
      const n = Math.min(config.batchSize, trainSet.count - start);
      let batchLoss = 0;
      for (let done = 0; done < n; done += network.microBatch) {
        const m = Math.min(network.microBatch, n - done);
        batchLoss += network.forward(trainSet.images, trainSet.labels, order, start + done, m, 1 / n);
        correct += network.correct(m);
        network.backward(m, done === 0);
      }
      step += 1;
      optimizerStep(config.optimizer, network.kernels.optimizer, parameters.values, parameters.gradients, parameters.state, step);
      network.refresh();
      lossSum += batchLoss;
      if ((step - 1) % every === 0) stepLosses.push(batchLoss / n);
      if (step % PROGRESS_STEPS === 0)
        yield { kind: "progress", epoch, epochs: config.epochs, samples: start + n, samplesPerEpoch: trainSet.count, loss: batchLoss / n };
    }
    yield { kind: "progress", epoch, epochs: config.epochs, samples: trainSet.count, samplesPerEpoch: trainSet.count, loss: lossSum / trainSet.count };
    evaluation = evaluate(network, testSet, cancelled);
    if (!evaluation) return undefined;
    const metrics: EpochMetrics = {
      epoch,
      trainLoss: lossSum / trainSet.count,
      trainAccuracy: correct / trainSet.count,
      testLoss: evaluation.loss,
      testAccuracy: evaluation.accuracy,
    };
    curve.push(metrics);
    diverged = isDiverged(metrics, parameters.values);
    yield { kind: "epoch", metrics, state };
  }
  // A state of the last epoch resumes here with the curve complete: only the test set is read again.
  evaluation ??= evaluate(network, testSet, cancelled);
  if (!evaluation) return undefined;
  return {
    status: diverged ? "diverged" : "done",
    curve,
    steps: { every, loss: stepLosses },
    parameters: parameters.pack(parameters.values).length,
    confusion: evaluation.confusion,
    mistakes: evaluation.mistakes,
    weights: parameters.pack(parameters.values),
  };
}
