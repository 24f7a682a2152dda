/**
 * Every message between an executor and its workers, by name. Request, messages and outcome are plain data, which can go to
 * another machine; what only threads of one process can share stands in `CellTask`.
 */
import type { MessagePort } from "node:worker_threads";
import type { TrainConfig } from "../core/config.js";
import type { Dataset } from "../core/data/dataset.js";
import type { EpochMetrics, TrainResult, TrainState } from "../core/training/result.js";
import type { HostFacts } from "./host.js";

/** JavaScript heap of a thread. Data sets and arenas do not lie in it; one that fills it has gone wrong. */
export const HEAP_MEGABYTES = 512;

/** One cell to train. */
export interface CellRequest {
  id: string;
  config: TrainConfig;
  /** Names the data to train on, which a request does not carry. */
  dataDigest: string;
  /** The weights to start from, of a config with `init`: as of `TrainResult.weights`. */
  init?: Float32Array;
  /** Resume from here instead of starting anew. */
  resume?: TrainState;
  /** End after this epoch; after the training's last by default. */
  until?: number;
  /** Send the training state now and then, at an epoch's end (for checkpoints), and in any case at the end of `until`. */
  checkpoint: boolean;
  /** By how many samples the kernels are checked before they are trusted with this network; absent or 0: not at all. */
  checkSamples?: number;
}

/** What the check of the kernels that a cell trained with found. */
export interface KernelProof {
  samples: number;
  seconds: number;
  /** What is wrong, in one line: the cell must not train. */
  fault?: string;
}

/** A request on its way to a worker thread, which shares this process's memory. */
export interface CellTask extends CellRequest {
  /** The data that `dataDigest` names: views on SharedArrayBuffers, never copied. */
  dataset: Dataset;
  /** Where it runs, as the outcome says again. */
  host: HostFacts;
  /** Where progress goes; the task's return value is its result. */
  port: MessagePort;
  /** Shared Int32: how many messages the other end has handled. */
  handled: Int32Array;
  /** Shared Int32 flag: non-zero means that the state of the next epoch to end is to be sent, which makes it 0. */
  wanted: Int32Array;
  /** Shared Int32 flag: non-zero means stop at the next batch. A busy thread cannot hear messages. */
  cancel: Int32Array;
  /** Shared Int32 that the thread adds to when it receives the task, before every batch and every shard: standing still means stalled. */
  pulse: Int32Array;
  /** Threads that may work on the cell's shards, this one included. */
  threads: number;
  /** The module that each further thread loads; tests put a faulty one in its place. */
  followerEntry?: string;
}

export interface CellOutcome {
  /** Absent when cancelled, or when the proof of the kernels failed. */
  result?: TrainResult;
  proof?: KernelProof;
  timing: CellTiming;
  /** Where the cell ran. */
  host: HostFacts;
}

/** Seconds spent by kind of work, for the record's `run` part and for the harness-overhead figure. */
export interface CellTiming {
  trainSeconds: number;
  testSeconds: number;
  /** From receiving the task to the first training step. */
  setupSeconds: number;
}

export const NO_TIME: Readonly<CellTiming> = { trainSeconds: 0, testSeconds: 0, setupSeconds: 0 };

/** What a worker tells while it trains; a thread does over its task's port. */
export type CellMessage =
  | { kind: "started" }
  | {
      kind: "progress";
      epoch: number;
      epochs: number;
      /** Samples done in this epoch, of how many. */
      samples: number;
      samplesPerEpoch: number;
      loss: number;
      /** Over the training since the last progress message. */
      samplesPerSecond: number;
    }
  | {
      kind: "epochs";
      /** The rows of the learning curve since the last such message: at least one. The last ones may come with the result only. */
      curve: EpochMetrics[];
      /** Spent since the task was received. */
      timing: CellTiming;
      /** After the last of these epochs, never the training's last: its result follows. Without rows in its curve, which were told. */
      state?: TrainState;
    };
