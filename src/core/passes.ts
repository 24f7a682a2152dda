/** What a thread does for a cell: one shard of a batch forward and backward, or one chunk of an evaluation forward. */
import type { TrainConfig } from "./config.js";
import { predictChunk, type Predictions } from "./evaluate.js";
import type { Network } from "./network.js";
import { RandomStream } from "./random.js";
import type { EvaluatedSplit, Splits } from "./splits.js";

/** Sums over a shard's samples. */
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

export class CellPasses {
  private order = new Uint32Array(0);
  /** That `order` belongs to. */
  private epoch = 0;

  constructor(
    readonly config: TrainConfig,
    readonly network: Network,
    readonly splits: Splits,
  ) {}

  /** Forward and backward of a shard of a batch; leaves its gradient in the network: alone where `fresh`, else added to what was there. */
  shard({ epoch, start, n }: Batch, batchSize: number, fresh: boolean): ShardFigures {
    const { network, splits } = this;
    const { images, labels } = splits.train;
    Object.assign(network.pass, { training: true, seed: this.config.seed, epoch, start, progress: (epoch - 1) / this.config.epochs });
    const loss = network.forward(images, labels, this.orderOf(epoch), start, n, 1 / batchSize);
    const correct = network.correct(n);
    network.backward(n, fresh);
    return { loss, correct };
  }

  /** Evaluates the index-th chunk of a split. */
  chunk(split: EvaluatedSplit, index: number, into: Predictions): void {
    predictChunk(this.network, this.samples(split), index, into);
  }

  /** The split's samples; without validation samples the test set stands in. */
  samples(split: EvaluatedSplit) {
    return this.splits[split] ?? this.splits.test;
  }

  /** The epoch's shuffle of the training samples. */
  private orderOf(epoch: number): Uint32Array {
    if (this.epoch !== epoch) {
      this.order = Uint32Array.from({ length: this.splits.train.count }, (_, i) => i);
      new RandomStream("shuffle", this.config.seed, epoch).shuffle(this.order);
      this.epoch = epoch;
    }
    return this.order;
  }
}
