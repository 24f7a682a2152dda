import type { Samples } from "./dataset.js";
import type { Network } from "./network.js";
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

/** Forward pass over all samples in their order; undefined when cancelled. */
export function evaluate(network: Network, samples: Samples, cancelled?: () => boolean): Evaluation | undefined {
  const { images, labels, count } = samples;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const confusion = Array.from({ length: network.classes }, () => new Array<number>(network.classes).fill(0));
  const mistakes: Mistake[] = [];
  let loss = 0;
  let correct = 0;
  for (let start = 0; start < count; start += network.microBatch) {
    if (cancelled?.()) return undefined;
    const n = Math.min(network.microBatch, count - start);
    loss += network.forward(images, labels, order, start, n, 0);
    correct += network.correct(n);
    for (let j = 0; j < n; j++) {
      const label = labels[start + j];
      const predicted = network.loss.predicted[j];
      confusion[label][predicted] += 1;
      if (predicted !== label) mistakes.push({ index: start + j, label, predicted, confidence: network.loss.confidence.get(j) });
    }
  }
  // A diverged model's confidence is NaN, which no order holds: it counts as 0.
  mistakes.sort((a, b) => (b.confidence || 0) - (a.confidence || 0) || a.index - b.index);
  return { loss: loss / count, accuracy: correct / count, confusion, mistakes: mistakes.slice(0, MISTAKES) };
}
