/** Every message between the page and its trainer, by name: plain data. */
import type { TrainConfig } from "../../../../src/core/config.js";
import type { CellResult } from "../../../../src/core/check/compare-results.js";
import type { ImageSize } from "../../../../src/core/kernels/shape.js";
import type { EpochMetrics, TrainState } from "../../../../src/core/training/result.js";

/** What the page knows of the data that its cells were trained on. */
export interface DataFacts extends ImageSize {
  name: string;
  digest: string;
  classNames: string[];
  /** Numbers of images, of a set that is drawn and not stored. */
  drawn?: { train: number; test: number };
}

/** Where the images come from: drawn, the part "images" of the report, or files that the reader gave. */
export type DataSource =
  | { kind: "drawn"; train: number; test: number }
  | { kind: "part"; bytes: Uint8Array }
  | { kind: "files"; files: File[] };

export interface CellTask {
  config: TrainConfig;
  /** End after this epoch; after the training's last by default. */
  until?: number;
  /** Go on from here instead of from the start. */
  resume?: TrainState;
}

/** A network to ask. */
export interface ModelTask {
  /** The cell's. */
  id: string;
  config: TrainConfig;
  weights: Float32Array;
  /** What the weights' digest must be. */
  digest: string;
}

export type Request =
  /** sha256 (hex) of a text or of bytes. */
  | { kind: "digest"; content: string | Uint8Array }
  /** To be sent before cells; the answer is empty. */
  | { kind: "data"; facts: DataFacts; source: DataSource }
  | { kind: "train"; task: CellTask }
  /** Keeps the models beside those that it has; the answer names those that it does not keep. */
  | { kind: "models"; facts: DataFacts; models: ModelTask[] }
  /** Asks all models that are kept. */
  | { kind: "predict"; image: Uint8Array };

/** Where a training stands within an epoch, a few times a second. */
export interface TrainingProgress {
  epoch: number;
  samples: number;
  samplesPerEpoch: number;
  loss: number;
  /** Of the training so far, evaluations apart. */
  samplesPerSecond: number;
}

export interface TrainedHere extends Omit<CellResult, "run"> {
  weights: Float32Array;
  samplesPerSecond: number;
}

/** Probabilities of the classes, by the id of a model. */
export type Answers = Record<string, Float64Array>;

/** Why a model is not kept, by its id. */
export type Refusals = Record<string, string>;

/** What an answer holds, by its request. */
export type Value = TrainedHere | Answers | Refusals | string;

/** Why something could not be done. */
export interface Fault {
  /** "data": other or damaged data; "record" and "engine": a record that was altered, or one of another engine version; "simd" and "memory": what the browser lacks; "input": the config and the data do not fit; "other": a fault of the page's own. */
  reason: "data" | "record" | "engine" | "simd" | "memory" | "input" | "other";
  /** A sentence. */
  text: string;
}

/** An answer; those of "train" come last, after the training's progress and epochs. */
export type Reply =
  | { id: number; kind: "progress"; progress: TrainingProgress }
  | { id: number; kind: "epoch"; metrics: EpochMetrics; state: TrainState }
  | { id: number; kind: "done"; value?: Value }
  | { id: number; kind: "fault"; fault: Fault };
