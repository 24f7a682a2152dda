/** Forward pass over a set of samples, chunk by chunk, and what it says. */
import type { Samples } from "../data/dataset.js";
import type { Network } from "../network/network.js";
import type { Mistake } from "./result.js";

/** Mistakes kept: the most confident. */
const MISTAKES = 32;

export interface Evaluation {
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Fraction classified rightly. */
  accuracy: number;
  /** confusion[label][predicted] */
  confusion: number[][];
  /** Most confident first; ties by index. */
  mistakes: Mistake[];
}

/** What a network says of a set of samples, taken in chunks of its micro-batch; any thread may write any chunk. */
export interface Predictions {
  /** Sum of the losses of each chunk. */
  losses: Float64Array;
  /** Of each sample. */
  predicted: Uint8Array;
  confidence: Float64Array;
}

/** @param buffer makes the memory, where threads are to share it */
export function createPredictions(
  count: number,
  chunk: number,
  buffer: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Predictions {
  return {
    losses: new Float64Array(buffer(8 * Math.ceil(count / chunk))),
    predicted: new Uint8Array(buffer(count)),
    confidence: new Float64Array(buffer(8 * count)),
  };
}

/** Evaluates the index-th chunk of samples. */
export function predictChunk(
  network: Network,
  { images, labels, count }: Samples,
  index: number,
  into: Predictions,
): void {
  const start = index * network.microBatch;
  const n = Math.min(network.microBatch, count - start);
  const order = Uint32Array.from({ length: n }, (_, j) => start + j);
  into.losses[index] = network.evaluate(images, labels, order, 0, n);
  for (let j = 0; j < n; j++) {
    into.predicted[start + j] = network.loss.predicted[j];
    into.confidence[start + j] = network.loss.confidence.get(j);
  }
}

/** The figures of all chunks, summed in their order. */
export function summarise(
  { labels, count }: Samples,
  classes: number,
  { losses, predicted, confidence }: Predictions,
): Evaluation {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const mistakes: Mistake[] = [];
  let loss = 0;
  for (const sum of losses) loss += sum;
  for (let i = 0; i < count; i++) {
    const label = labels[i];
    confusion[label][predicted[i]] += 1;
    if (predicted[i] !== label) mistakes.push({ index: i, label, predicted: predicted[i], confidence: confidence[i] });
  }
  const correct = confusion.reduce((sum, row, label) => sum + row[label], 0);
  // A diverged model's confidence is NaN, which no order holds: it counts as 0.
  mistakes.sort((a, b) => (b.confidence || 0) - (a.confidence || 0) || a.index - b.index);
  return { loss: loss / count, accuracy: correct / count, confusion, mistakes: mistakes.slice(0, MISTAKES) };
}

/** Evaluates all samples on this thread; undefined when cancelled, which is asked before every chunk. */
export function evaluate(network: Network, samples: Samples, cancelled?: () => boolean): Evaluation | undefined {
  const predictions = createPredictions(samples.count, network.microBatch);
  for (let index = 0; index < predictions.losses.length; index++) {
    if (cancelled?.()) return undefined;
    predictChunk(network, samples, index, predictions);
  }
  return summarise(samples, network.classes, predictions);
}
