/** The page's trainings: each in a worker of its own, a few at a time, in the order in which they were asked for. */
import type { ReportData } from "../../../../src/sweeps/page/report-data.js";
import { loadPart } from "../parts.js";
import type { DataSource } from "../trainer/protocol.js";
import { Trainer, TrainerFault } from "../trainer/trainer.js";
import type { Training } from "./training.js";

/** The images that a report carries. */
export interface CarriedImages {
  /** Of the data set. */
  digest: string;
  part: NonNullable<NonNullable<ReportData["parts"]>["images"]>;
}

/** Milliseconds that a worker without work keeps its data for the next training. */
const IDLE = 15_000;
/** Trainings at a time, at most: each has its own copy of the data. */
const LANES = 4;

/** How many trainings can go on at once without the page standing still. */
const lanesHere = (): number => Math.max(1, Math.min(LANES, (navigator.hardwareConcurrency || 2) - 1));

/** A worker, and what it does. */
interface Lane {
  trainer?: Trainer;
  training?: Training;
  /** Names the data that the trainer has. */
  data: string;
  idle: number;
}

export class Trainings {
  private readonly listeners = new Set<(changed: Training) => void>();
  private readonly queue: Training[] = [];
  private lanes: Lane[] = [];
  /** Those that the reader gave, by the digest of the data that they were given for. */
  private readonly files = new Map<string, File[]>();

  /** @param carried told anew for every training, as the page's data change while a sweep runs */
  constructor(private readonly carried: () => CarriedImages | undefined) {}

  /** @returns ends the subscription */
  subscribe(listener: (changed: Training) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Starts a training, or goes on with a stopped one; those before it come first where all workers are busy. */
  start(training: Training): void {
    if (training.awaited) return;
    this.queue.push(training);
    this.change(training, { phase: "queued", fault: undefined });
    this.feed();
  }

  /** Ends a training's worker at once, with its memory; it goes on from its last epoch's end. */
  stop(training: Training): void {
    const place = this.queue.indexOf(training);
    if (place >= 0) this.queue.splice(place, 1);
    for (const lane of this.lanes.filter((other) => other.training === training)) this.end(lane);
    if (training.phase !== "ended") this.change(training, { phase: "stopped", progress: undefined });
    this.feed();
  }

  /** Takes files as the data of a training, and of all others that wait for the same. */
  give(files: File[], { facts }: Training, waiting: Iterable<Training>): void {
    this.files.set(facts.digest, files);
    for (const training of waiting) if (training.facts.digest === facts.digest) this.start(training);
  }

  private change(training: Training, change: Partial<Training>): void {
    Object.assign(training, change);
    for (const listener of this.listeners) listener(training);
  }

  private end(lane: Lane): void {
    clearTimeout(lane.idle);
    lane.trainer?.end();
    this.lanes = this.lanes.filter((other) => other !== lane);
  }

  /** Gives waiting trainings to workers that have none. */
  private feed(): void {
    while (this.queue.length > 0) {
      let lane = this.lanes.find(({ training }) => !training);
      if (!lane && this.lanes.length >= lanesHere()) return;
      if (!lane) this.lanes.push((lane = { data: "", idle: 0 }));
      const training = this.queue.shift() as Training;
      clearTimeout(lane.idle);
      lane.training = training;
      void this.work(lane, training);
    }
  }

  private async work(lane: Lane, training: Training): Promise<void> {
    /** False once the training was stopped: whatever its worker still said counts no more. */
    const current = (): boolean => lane.training === training && this.lanes.includes(lane);
    try {
      await this.train(lane, training, current);
      if (!current()) return;
    } catch (error) {
      if (!current()) return;
      const fault =
        error instanceof TrainerFault ? error.fault : { reason: "other" as const, text: (error as Error).message };
      const other = fault.reason === "data";
      if (other) this.files.delete(training.facts.digest);
      this.end(lane);
      this.change(training, { fault, progress: undefined, phase: other ? "files" : "ended" });
    }
    lane.training = undefined;
    lane.idle = window.setTimeout(() => this.end(lane), IDLE);
    this.feed();
  }

  private async train(lane: Lane, training: Training, current: () => boolean): Promise<void> {
    const { config, until, claim, state } = training;
    this.change(training, { phase: "loading", loaded: 0 });
    const trainer = (lane.trainer ??= await Trainer.start());
    if (!current()) return trainer.end();
    if (claim && !(await trainer.digest(claim.text)).startsWith(claim.digest))
      throw new TrainerFault({
        reason: "record",
        text: "The record was altered: its configuration or its data are not those that its id stands for.",
      });
    const name = dataName(training);
    if (lane.data !== name) {
      const source = await this.source(training);
      if (!current()) return;
      await trainer.data(training.facts, source);
      lane.data = name;
    }
    this.change(training, { phase: "training" });
    const result = await trainer.train(
      { config, until, resume: state },
      {
        progress: (progress) => this.change(training, { progress }),
        epoch: (metrics, state) => {
          training.curve.push(metrics);
          this.change(training, { state });
        },
      },
    );
    this.change(training, { phase: "ended", result, progress: undefined, state: undefined });
  }

  /** Where a training's data come from. @throws TrainerFault where the reader must give them */
  private async source(training: Training): Promise<DataSource> {
    const { facts, config } = training;
    const { trainLimit = Infinity, testLimit = Infinity } = config;
    if (facts.drawn)
      return {
        kind: "drawn",
        train: Math.min(trainLimit, facts.drawn.train),
        test: Math.min(testLimit, facts.drawn.test),
      };
    const files = this.files.get(facts.digest);
    if (files) return { kind: "files", files };
    const carried = this.carried();
    if (carried?.digest !== facts.digest)
      throw new TrainerFault({
        reason: "data",
        text: "This report does not carry the images that the cell was trained on.",
      });
    const { name, pieces } = carried.part;
    return {
      kind: "part",
      bytes: await loadPart(name, pieces, (loaded) => this.change(training, { loaded })).catch(unread),
    };
  }
}

const unread = (error: Error): never => {
  throw new TrainerFault({ reason: "data", text: `${error.message}.` });
};

/** Names what a worker must have to train. */
function dataName({ facts, config: { trainLimit, testLimit } }: Training): string {
  return facts.drawn ? `${facts.digest} ${trainLimit} ${testLimit}` : facts.digest;
}
