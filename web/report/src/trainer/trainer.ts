/** The page's side of a trainer: a worker made from the part "trainer", which the page loads on first use. */
import { loadPart } from "../parts.js";
import type {
  Answers,
  CellTask,
  DataFacts,
  DataSource,
  Fault,
  ModelTask,
  Refusals,
  Reply,
  Request,
  TrainedHere,
  TrainingProgress,
  Value,
} from "./protocol.js";
import type { EpochMetrics, TrainState } from "../../../../src/core/training/result.js";

/** Why a trainer could not do what it was asked. */
export class TrainerFault extends Error {
  constructor(readonly fault: Fault) {
    super(fault.text);
  }
}

/** Told of a training as it goes on. */
export interface TrainingWatch {
  progress(progress: TrainingProgress): void;
  /** @param state what the training can be gone on with from this epoch's end */
  epoch(metrics: EpochMetrics, state: TrainState): void;
}

interface Waiting {
  watch?: TrainingWatch;
  resolve: (value: Value | undefined) => void;
  reject: (error: Error) => void;
}

/** Of the worker's script; made once a page. */
let address: Promise<string> | undefined;

async function scriptAddress(): Promise<string> {
  const source = await loadPart("trainer", 1);
  return URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
}

export class Trainer {
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  private constructor(private readonly worker: Worker) {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.fail({
        reason: /memory/i.test(event.message) ? "memory" : "other",
        text: event.message || "The trainer could not be started.",
      });
    };
  }

  /** @throws Error where its script cannot be had */
  static async start(): Promise<Trainer> {
    address ??= scriptAddress();
    // A script that could not be had is asked for again.
    address.catch(() => (address = undefined));
    return new Trainer(new Worker(await address));
  }

  /** sha256 (hex) of a text or of bytes. */
  async digest(content: string | Uint8Array): Promise<string> {
    return (await this.ask({ kind: "digest", content })) as string;
  }

  /** Gives the data that cells are trained on. @throws TrainerFault where they are other ones */
  async data(facts: DataFacts, source: DataSource): Promise<void> {
    const given = source.kind === "part" ? [source.bytes.buffer] : [];
    await this.ask({ kind: "data", facts, source }, undefined, given);
  }

  /** Trains a cell to its end. @throws TrainerFault */
  async train(task: CellTask, watch: TrainingWatch): Promise<TrainedHere> {
    return (await this.ask({ kind: "train", task }, watch)) as TrainedHere;
  }

  /** Keeps trained networks to be asked, beside those that it has. @returns those that it refuses @throws TrainerFault */
  async models(facts: DataFacts, models: ModelTask[]): Promise<Refusals> {
    return (await this.ask({ kind: "models", facts, models })) as Refusals;
  }

  /** What every kept network says of an image. @param image bytes, row by row @throws TrainerFault */
  async predict(image: Uint8Array): Promise<Answers> {
    return (await this.ask({ kind: "predict", image })) as Answers;
  }

  /** Ends the worker, whatever it does; its memory is free again. What was asked of it gets no answer. */
  end(): void {
    this.waiting.clear();
    this.worker.terminate();
  }

  private ask(request: Request, watch?: TrainingWatch, transfer: Transferable[] = []): Promise<Value | undefined> {
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { watch, resolve, reject });
      this.worker.postMessage({ id, request }, transfer);
    });
  }

  private hear(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    if (!waiting) return;
    if (reply.kind === "progress") waiting.watch?.progress(reply.progress);
    else if (reply.kind === "epoch") waiting.watch?.epoch(reply.metrics, reply.state);
    else {
      this.waiting.delete(reply.id);
      if (reply.kind === "done") waiting.resolve(reply.value);
      else waiting.reject(new TrainerFault(reply.fault));
    }
  }

  private fail(fault: Fault): void {
    for (const { reject } of this.waiting.values()) reject(new TrainerFault(fault));
    this.waiting.clear();
  }
}
