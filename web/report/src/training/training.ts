/** One training in the page: of a cell that is checked, or of a variant of one. */
import type { TrainConfig } from "../../../../src/core/config.js";
import type { EpochMetrics, TrainState } from "../../../../src/core/training/result.js";
import type { DataFacts, Fault, TrainedHere, TrainingProgress } from "../trainer/protocol.js";

/** "files": it waits for the reader to give the files of its data. */
export type Phase = "queued" | "files" | "loading" | "training" | "stopped" | "ended";

export class Training {
  phase: Phase = "stopped";
  /** Of the epochs that have ended. */
  readonly curve: EpochMetrics[] = [];
  /** Within the epoch at hand. */
  progress?: TrainingProgress;
  /** Of the data, in bytes, while they are loaded. */
  loaded = 0;
  /** After the last epoch that has ended: what it goes on from. */
  state?: TrainState;
  result?: TrainedHere;
  /** Why it ended without a result, or waits for other files. */
  fault?: Fault;

  /** @param key its name among the page's trainings */
  constructor(
    readonly key: string,
    readonly config: TrainConfig,
    readonly facts: DataFacts,
    /** Known before anything is trained: the digest that a text must have, to its first digits. */
    readonly claim?: { text: string; digest: string },
    /** The epoch after which it ends. */
    readonly until = config.epochs,
  ) {}

  get runs(): boolean {
    return this.phase === "loading" || this.phase === "training";
  }

  /** Whether it will end without anybody's doing. */
  get awaited(): boolean {
    return this.phase === "queued" || this.runs;
  }
}
