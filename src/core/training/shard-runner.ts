/** Who carries out a cell's passes: one thread here, or several (src/workers). */
import type { BatchSum } from "./batch-sum.js";
import { evaluate, type Evaluation } from "./evaluate.js";
import type { Batch, CellPasses } from "./passes.js";
import type { EvaluatedSplit } from "../data/splits.js";

export interface ShardRunner {
  /** Runs all shards of a batch with the network's weights and adds them to `sum` in ascending order. */
  batch(batch: Batch, sum: BatchSum): void;
  /** Evaluates a split with the network's weights after an epoch; undefined when cancelled. */
  evaluate(split: EvaluatedSplit, epoch: number, cancelled?: () => boolean): Evaluation | undefined;
}

/** Runs every shard on this thread. */
export function soloRunner(passes: CellPasses): ShardRunner {
  const { config, network } = passes;
  const apart = config.shardSize !== undefined;
  return {
    batch({ epoch, start, n }, sum) {
      for (let done = 0; done < n; done += network.microBatch) {
        const shard = { epoch, start: start + done, n: Math.min(network.microBatch, n - done) };
        sum.add(shard.n, passes.shard(shard, n, apart || done === 0));
      }
    },
    evaluate(split, epoch, cancelled) {
      passes.evaluateAfter(epoch);
      return evaluate(network, passes.samples(split), cancelled);
    },
  };
}
