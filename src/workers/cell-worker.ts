/** The thread's side: trains the cell of a task, and keeps the time. */
import { performance } from "node:perf_hooks";
import type { CellPasses } from "../core/training/passes.js";
import { train } from "../core/training/train.js";
import { Leader } from "./leader.js";
import { sharedBuffer } from "./shared-cell.js";
import { proveKernels } from "./prove-kernels.js";
import { NO_TIME, type CellOutcome, type CellTask } from "./protocol.js";
import { Reporter } from "./reporter.js";

const seconds = (): number => performance.now() / 1000;

/** Seconds of an epoch that a cell which is to stop may end first. */
const SHORT_EPOCH = 0.2;

/** Runs one cell to its end, or, after `task.cancel` was set, to the next batch or the end of a short epoch, whose state is then kept. */
export default function runCell(task: CellTask): CellOutcome {
  const { config, dataset, cancel, pulse, init, resume, until, threads, followerEntry, host } = task;
  Atomics.add(pulse, 0, 1);
  const timing = { ...NO_TIME };
  const reporter = new Reporter(task);
  const received = seconds();
  /** When the work that is being timed began; set by the first step, which ends the set-up. */
  let since: number | undefined;
  let samplesBefore = 0;
  let epochBegan = 0;
  /** Of the last epoch. */
  let epochSeconds = Infinity;
  /** An epoch ended after `task.cancel` was set. */
  let stopping = false;

  const cancelled = (): boolean => {
    Atomics.add(pulse, 0, 1);
    if (since === undefined) {
      since = seconds();
      epochBegan = since;
      timing.setupSeconds = since - received;
      reporter.started();
    }
    if (Atomics.load(cancel, 0) === 0) return false;
    return stopping || !task.checkpoint || epochSeconds > SHORT_EPOCH;
  };
  const lap = (): number => {
    const now = seconds();
    const elapsed = now - (since ?? now);
    since = now;
    return elapsed;
  };

  const proof = proveKernels(task);
  if (proof?.fault !== undefined) return { proof, timing, host };
  let leader: Leader | undefined;
  // Without shards of its own a batch's parts depend on each other: there is nothing to share.
  const shared = threads > 1 && config.shardSize !== undefined;
  const runner = shared
    ? (passes: CellPasses): Leader => (leader = new Leader(passes, dataset, threads, pulse, followerEntry))
    : undefined;
  const training = train(config, dataset, {
    init,
    resume,
    until,
    cancelled,
    runner,
    buffer: shared ? sharedBuffer : undefined,
  });
  try {
    for (;;) {
      const next = training.next();
      const elapsed = lap();
      if (next.done) {
        timing.testSeconds += elapsed;
        return { result: next.value, proof, timing, host };
      }
      const event = next.value;
      if (event.kind === "progress") {
        timing.trainSeconds += elapsed;
        reporter.progress(event, event.samples - samplesBefore, elapsed);
        samplesBefore = event.samples;
      } else {
        timing.testSeconds += elapsed;
        samplesBefore = 0;
        const now = seconds();
        epochSeconds = now - epochBegan;
        epochBegan = now;
        stopping = Atomics.load(cancel, 0) !== 0;
        reporter.epoch(event, timing, (stopping || event.metrics.epoch === until) && task.checkpoint);
      }
    }
  } finally {
    leader?.stop();
  }
}
