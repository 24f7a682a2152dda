/** Shares a cell's shards with further threads. They are summed in their order, so the bits do not depend on who ran which. */
import { Worker } from "node:worker_threads";
import type { BatchSum } from "../core/training/batch-sum.js";
import type { Dataset } from "../core/data/dataset.js";
import { summarise, type Evaluation } from "../core/training/evaluate.js";
import type { Batch, CellPasses } from "../core/training/passes.js";
import type { ShardRunner } from "../core/training/shard-runner.js";
import type { EvaluatedSplit } from "../core/data/splits.js";
import { floatsOf } from "../core/kernels/tensor.js";
import { HEAP_MEGABYTES } from "./protocol.js";
import {
  FAILED,
  IDLE,
  RUNNING,
  STARTING,
  createSharedCell,
  setState,
  setWork,
  takeParts,
  waitWhile,
  type FollowerData,
  type SharedCell,
} from "./shared-cell.js";

/** Far above what a thread takes to start, also on a machine that swaps. */
const START_MILLISECONDS = 120_000;

export class Leader implements ShardRunner {
  private readonly shared: SharedCell;
  private readonly followers: Worker[];
  private readonly started = Date.now();

  /**
   * Starts threads - 1 followers. Until they are ready, this thread does their work as well.
   * @param pulse every thread adds to it before each shard and chunk
   */
  constructor(
    private readonly passes: CellPasses,
    dataset: Dataset,
    threads: number,
    pulse: Int32Array,
    entry = new URL("./follower-entry.js", import.meta.url).href,
  ) {
    this.shared = createSharedCell(passes, threads - 1, pulse);
    this.followers = Array.from({ length: threads - 1 }, (_, index) => {
      const workerData: FollowerData = { config: passes.config, dataset, shared: this.shared, index };
      const follower = new Worker(new URL(entry), {
        workerData,
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
      });
      // Its state tells; unheard, the event would take this thread down.
      follower.on("error", () => undefined);
      return follower;
    });
  }

  batch({ epoch, start, n }: Batch, sum: BatchSum): void {
    const { network } = this.passes;
    const parts = Math.ceil(n / network.microBatch);
    setWork(this.shared, "batch", parts, epoch, start, n);
    this.workTogether();
    for (let part = 0; part < parts; part++) {
      const { gradient, statistics, figures } = this.shared.shards[part];
      floatsOf(network.parameters.gradients).set(gradient);
      floatsOf(network.shardStatistics).set(statistics);
      sum.add(Math.min(network.microBatch, n - part * network.microBatch), { loss: figures[0], correct: figures[1] });
    }
  }

  evaluate(split: EvaluatedSplit, epoch: number, cancelled?: () => boolean): Evaluation | undefined {
    const predictions = this.shared.predictions[split];
    setWork(this.shared, split, predictions.losses.length, epoch);
    let stopped = false;
    this.workTogether(() => (stopped ||= cancelled?.() ?? false));
    return stopped ? undefined : summarise(this.passes.samples(split), this.passes.network.classes, predictions);
  }

  /** Ends the followers, whatever they are doing. */
  stop(): void {
    for (const follower of this.followers) void follower.terminate();
  }

  /** Does the work at hand with all followers that are ready. @throws Error with a follower's reason if one failed */
  private workTogether(stop?: () => boolean): void {
    const { states, values, statistics } = this.shared;
    const { network } = this.passes;
    values.set(floatsOf(network.parameters.values));
    statistics.set(floatsOf(network.statistics));
    states.forEach((_, index) => {
      this.check(index);
      if (Atomics.load(states, index) === IDLE) setState(states, index, RUNNING);
    });
    takeParts(this.passes, this.shared, stop);
    states.forEach((_, index) => {
      waitWhile(states, index, RUNNING);
      this.check(index);
    });
  }

  private check(index: number): void {
    const { states, reason } = this.shared;
    const state = Atomics.load(states, index);
    if (state === FAILED) throw new Error(new TextDecoder().decode(reason.slice(0, reason.indexOf(0))));
    if (state === STARTING && Date.now() - this.started > START_MILLISECONDS)
      throw new Error(`thread ${index + 2} of the cell did not start within ${START_MILLISECONDS / 1000} s`);
  }
}
