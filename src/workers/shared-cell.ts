/** What the threads that work on one cell share: its weights, its shards' results, and the work at hand. */
import type { TrainConfig } from "../core/config.js";
import type { Dataset } from "../core/data/dataset.js";
import { createPredictions, type Predictions } from "../core/training/evaluate.js";
import type { CellPasses } from "../core/training/passes.js";
import type { Seen } from "../core/training/pruning.js";
import type { EvaluatedSplit } from "../core/data/splits.js";
import { floatsOf } from "../core/kernels/tensor.js";

/** A follower's state. The leader alone turns IDLE into RUNNING, the follower alone every other state into another. */
export const STARTING = 0,
  IDLE = 1,
  RUNNING = 2,
  FAILED = 3;

/** What a shard leaves: gradient and statistics as the network holds them, and its figures. */
interface SharedShard {
  gradient: Float32Array;
  statistics: Float32Array;
  /** Loss, samples classified rightly. */
  figures: Float64Array;
}

/** The work at hand: PARTS shards of a batch, or chunks of a split. Written while no follower runs. */
const KIND = 0,
  EPOCH = 1,
  START = 2,
  SAMPLES = 3,
  PARTS = 4,
  /** The first part that nobody took yet. */ NEXT = 5;
/** Values of KIND. */
const KINDS = ["batch", "validation", "test"] as const;
type WorkKind = (typeof KINDS)[number];

export interface SharedCell {
  /** Of each follower. */
  states: Int32Array;
  work: Int32Array;
  /** The leader's parameters and running statistics, which all are to have. */
  values: Float32Array;
  statistics: Float32Array;
  shards: SharedShard[];
  predictions: Record<EvaluatedSplit, Predictions>;
  /** What pruning goes by. */
  seen?: Seen;
  /** Why a follower failed: UTF-8, zeros after it. */
  reason: Uint8Array;
  /** The task's pulse: every thread adds to it before each part. */
  pulse: Int32Array;
}

/** What a follower is given. */
export interface FollowerData {
  config: TrainConfig;
  dataset: Dataset;
  shared: SharedCell;
  /** Its place in `shared.states`. */
  index: number;
}

/** Memory that the threads of a cell share. */
export const sharedBuffer = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

export function createSharedCell(passes: CellPasses, followers: number, pulse: Int32Array): SharedCell {
  const { network, config } = passes;
  const buffer = sharedBuffer;
  const floats = (length: number): Float32Array => new Float32Array(buffer(4 * length));
  const parameters = network.parameters.values.size;
  const statistics = network.statistics.size;
  const shard = (): SharedShard => ({
    gradient: floats(parameters),
    statistics: floats(statistics),
    figures: new Float64Array(buffer(16)),
  });
  const predictions = (split: EvaluatedSplit): Predictions =>
    createPredictions(passes.samples(split).count, network.microBatch, buffer);
  return {
    states: new Int32Array(buffer(4 * followers)),
    work: new Int32Array(buffer(4 * (NEXT + 1))),
    values: floats(parameters),
    statistics: floats(statistics),
    shards: Array.from({ length: Math.ceil(config.batchSize / network.microBatch) }, shard),
    seen: passes.pruning?.seen,
    predictions: { validation: predictions("validation"), test: predictions("test") },
    reason: new Uint8Array(buffer(4096)),
    pulse,
  };
}

/** Sets the work at hand. */
export function setWork(
  { work }: SharedCell,
  kind: WorkKind,
  parts: number,
  epoch: number,
  start = 0,
  samples = 0,
): void {
  work.set([KINDS.indexOf(kind), epoch, start, samples, parts, 0]);
}

/**
 * Takes parts of the work at hand until none is left, whichever thread was to do them.
 * @param stop asked before every part; true leaves the remaining parts undone, for all threads
 */
export function takeParts(
  passes: CellPasses,
  { work, shards, predictions, pulse }: SharedCell,
  stop?: () => boolean,
): void {
  const { network } = passes;
  const kind = KINDS[work[KIND]];
  if (kind !== "batch") passes.evaluateAfter(work[EPOCH]);
  for (;;) {
    if (stop?.()) Atomics.store(work, NEXT, work[PARTS]);
    const part = Atomics.add(work, NEXT, 1);
    if (part >= work[PARTS]) return;
    Atomics.add(pulse, 0, 1);
    if (kind !== "batch") {
      passes.chunk(kind, part, predictions[kind]);
      continue;
    }
    const first = part * network.microBatch;
    const n = Math.min(network.microBatch, work[SAMPLES] - first);
    const { loss, correct } = passes.shard({ epoch: work[EPOCH], start: work[START] + first, n }, work[SAMPLES], true);
    const { gradient, statistics, figures } = shards[part];
    gradient.set(floatsOf(network.parameters.gradients));
    statistics.set(floatsOf(network.shardStatistics));
    figures.set([loss, correct]);
  }
}

/** Looks at a state this many times before it sleeps: a thread that sleeps takes tens of microseconds to wake. */
const LOOKS = 2000;

/** Returns once a follower's state is no longer `state`. */
export function waitWhile(states: Int32Array, index: number, state: number): void {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(states, index) !== state) return;
  while (Atomics.load(states, index) === state) Atomics.wait(states, index, state, 1000);
}

/** Changes a follower's state and wakes whoever waits for that. */
export function setState(states: Int32Array, index: number, state: number): void {
  Atomics.store(states, index, state);
  Atomics.notify(states, index);
}
