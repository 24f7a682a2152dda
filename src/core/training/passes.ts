/** What a thread does for a cell: one shard of a batch forward and backward, or one chunk of an evaluation forward. */
import type { TrainConfig } from "../config.js";
import { predictChunk, type Predictions } from "./evaluate.js";
import type { Network } from "../network/network.js";
import { Pruning, type Seen } from "./pruning.js";
import { RandomStream } from "../numeric/random.js";
import type { EvaluatedSplit, Splits } from "../data/splits.js";

/** Sums over a shard's samples, each times its weight. */
export interface ShardFigures {
  loss: number;
  correct: number;
}

/** Samples order[start … start + n) of an epoch. */
export interface Batch {
  epoch: number;
  start: number;
  n: number;
}

/** An epoch's samples, and how much each counts. */
interface Epoch {
  epoch: number;
  order: Uint32Array;
  weights?: Float32Array;
}

export class CellPasses {
  readonly pruning?: Pruning;
  private current: Epoch = { epoch: 0, order: new Uint32Array(0) };

  /** @param seen what pruning goes by, where threads share it */
  constructor(
    readonly config: TrainConfig,
    readonly network: Network,
    readonly splits: Splits,
    seen?: Seen,
  ) {
    if (config.prune) this.pruning = new Pruning(config.prune, splits.train.count, seen);
  }

  /** Forward and backward of a shard of a batch; leaves its gradient in the network: alone where `fresh`, else added to what was there. */
  shard({ epoch, start, n }: Batch, batchSize: number, fresh: boolean): ShardFigures {
    const { network, splits, config, pruning } = this;
    const { images, labels } = splits.train;
    const { order, weights } = this.epochOf(epoch);
    Object.assign(network.pass, {
      training: true,
      seed: config.seed,
      epoch,
      start,
      progress: (epoch - 1) / config.epochs,
      weights,
    });
    const loss = network.forward(images, labels, order, start, n, 1 / batchSize);
    const correct = network.correct(n);
    if (pruning)
      for (let j = 0; j < n; j++)
        pruning.see(
          order[start + j],
          network.loss.predicted[j] === network.loss.labels[j] ? network.loss.confidence.get(j) : 0,
        );
    network.backward(n, fresh);
    return { loss, correct };
  }

  /** To be called before `chunk`: which epoch the evaluation follows. */
  evaluateAfter(epoch: number): void {
    this.network.pass.progress = epoch / this.config.epochs;
  }

  /** Evaluates the index-th chunk of a split. */
  chunk(split: EvaluatedSplit, index: number, into: Predictions): void {
    predictChunk(this.network, this.samples(split), index, into);
  }

  /** The split's samples; without validation samples the test set stands in. */
  samples(split: EvaluatedSplit) {
    return this.splits[split] ?? this.splits.test;
  }

  /** The epoch's shuffle of the training samples, without those that it leaves out. */
  private epochOf(epoch: number): Epoch {
    if (this.current.epoch !== epoch) {
      const { seed, epochs } = this.config;
      const order = Uint32Array.from({ length: this.splits.train.count }, (_, i) => i);
      new RandomStream("shuffle", seed, epoch).shuffle(order);
      this.current = { epoch, ...(this.pruning?.epoch(order, { seed, epoch, epochs }) ?? { order }) };
    }
    return this.current;
  }
}
