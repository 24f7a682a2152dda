/**
 * Leaves samples that are easy by now out of part of the epochs: InfoBatch (Qin et al., "InfoBatch: lossless training speed
 * up by unbiased dynamic data pruning", ICLR 2024). There the samples whose loss lies below the mean are the easy ones; here
 * it is a fixed part of all, so that the number of steps, and with it the schedule, is known before the training.
 */
import type { PruneSpec, TrainConfig } from "../config.js";
import { RandomStream } from "../numeric/random.js";

/** How many of `count` samples are easy, and how many of these an epoch leaves out. */
function parts({ easy, skip }: PruneSpec, count: number): { easy: number; skipped: number } {
  const most = Math.floor(easy * count);
  return { easy: most, skipped: Math.floor(skip * most) };
}

/** The first epoch has all samples, since it is the first to see them, and so have the last ones. */
function isPruned({ until }: PruneSpec, { epoch, epochs }: { epoch: number; epochs: number }): boolean {
  return epoch > 1 && (epoch - 1) / epochs < until;
}

/** How many of `count` training samples an epoch (from 1) has. */
export function epochSamples(
  { prune, epochs }: Pick<TrainConfig, "prune" | "epochs">,
  count: number,
  epoch: number,
): number {
  return prune && isPruned(prune, { epoch, epochs }) ? count - parts(prune, count).skipped : count;
}

/** The numbers of samples that a cell's epochs have, each once: if any epoch is pruned, the second is. */
export function epochSizes(config: Pick<TrainConfig, "prune" | "epochs">, count: number): number[] {
  return [...new Set([1, 2].map((epoch) => epochSamples(config, count, epoch)))];
}

/** How many samples the first `epochs` epochs have together, all by default. */
export function trainingSamples(
  config: Pick<TrainConfig, "prune" | "epochs">,
  count: number,
  epochs = config.epochs,
): number {
  if (!config.prune) return epochs * count;
  let samples = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) samples += epochSamples(config, count, epoch);
  return samples;
}

/** What training saw of the samples; threads that train one cell share it. */
export interface Seen {
  /** Of each sample when it was last seen: the probability of its label, or 0 where another class had more. */
  latest: Float32Array;
  /** The same when the epoch began. */
  settled: Float32Array;
}

/** @param buffer makes the memory, where threads are to share it */
export function createSeen(
  count: number,
  buffer: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Seen {
  const floats = (): Float32Array => new Float32Array(buffer(4 * count));
  return { latest: floats(), settled: floats() };
}

export class Pruning {
  /** How much each sample counts in the epoch `begin` was told of; the mean over its samples is 1. */
  private readonly weights: Float32Array;

  constructor(
    private readonly spec: PruneSpec,
    private readonly count: number,
    readonly seen: Seen = createSeen(count),
  ) {
    this.weights = new Float32Array(count);
  }

  /** To be called by one thread before an epoch, while no other is in `epoch`. */
  settle(): void {
    this.seen.settled.set(this.seen.latest);
  }

  /** Writes down what a training pass says of a sample. */
  see(sample: number, score: number): void {
    this.seen.latest[sample] = score;
  }

  /**
   * Takes the samples that an epoch leaves out from its shuffled order, and weighs the others: the easy ones that stay stand
   * for those that do not, so that the expected gradient is that of all samples.
   */
  epoch(
    order: Uint32Array,
    pass: { seed: number; epoch: number; epochs: number },
  ): { order: Uint32Array; weights?: Float32Array } {
    const { spec, count, weights, seen } = this;
    if (!isPruned(spec, pass)) return { order };
    const { easy, skipped } = parts(spec, count);
    const ranked = Uint32Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => seen.settled[b] - seen.settled[a] || a - b,
    );
    const chosen = ranked.subarray(0, easy);
    new RandomStream("prune", pass.seed, pass.epoch).shuffle(chosen);
    const share = (count - skipped) / count;
    weights.fill(share);
    for (const sample of chosen.subarray(skipped)) weights[sample] = (share * easy) / (easy - skipped);
    for (const sample of chosen.subarray(0, skipped)) weights[sample] = 0;
    return { order: order.filter((sample) => weights[sample] > 0), weights };
  }
}
