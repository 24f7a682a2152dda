/**
 * Tells the main thread how a cell's training goes: each kind of message at most ten times a second, and none before the
 * last of its kind was handled. What is held back goes with the next, so nothing queues up, however short the epochs are.
 */
import { performance } from "node:perf_hooks";
import type { EpochMetrics, TrainEvent, TrainState } from "../core/training/result.js";
import type { CellMessage, CellTask, CellTiming } from "./protocol.js";

const PAUSE_MILLISECONDS = 100;

type Progress = Extract<TrainEvent, { kind: "progress" }>;
type EpochEnd = Extract<TrainEvent, { kind: "epoch" }>;

export class Reporter {
  /** Messages so far. */
  private sent = 0;
  /** Of each kind the time of the last one, and its number. */
  private readonly last = { progress: { at: -Infinity, number: 0 }, epochs: { at: -Infinity, number: 0 } };
  /** What has not been told yet: trained samples, the seconds they took, rows of the learning curve. */
  private samples = 0;
  private seconds = 0;
  private curve: EpochMetrics[] = [];

  constructor(private readonly task: Pick<CellTask, "config" | "port" | "handled" | "wanted">) {}

  started(): void {
    this.post({ kind: "started" });
  }

  /** @param samples trained since the last progress @param seconds that they took */
  progress(event: Progress, samples: number, seconds: number): void {
    this.samples += samples;
    this.seconds += seconds;
    // An epoch's last progress event may follow another at once: it says nothing new about the speed.
    if (samples === 0 || !this.isDue("progress")) return;
    this.post({ ...event, samplesPerSecond: this.seconds > 0 ? this.samples / this.seconds : 0 });
    this.samples = 0;
    this.seconds = 0;
  }

  /** @param timing since the task was received @param keep whether the state is to go along in any case */
  epoch({ metrics, state }: EpochEnd, timing: CellTiming, keep: boolean): void {
    this.curve.push(metrics);
    const { config, wanted } = this.task;
    // The training's last epoch's state is of no use: the result follows.
    const withState = (keep || Atomics.load(wanted, 0) !== 0) && metrics.epoch < config.epochs;
    if (!withState && !this.isDue("epochs")) return;
    const saved = withState ? { ...state(), curve: [] } : undefined;
    if (saved) Atomics.store(wanted, 0, 0);
    this.post({ kind: "epochs", curve: this.curve, timing, state: saved }, saved && ownBuffers(saved));
    this.curve = [];
  }

  private isDue(kind: "progress" | "epochs"): boolean {
    const { at, number } = this.last[kind];
    return Atomics.load(this.task.handled, 0) >= number && performance.now() - at >= PAUSE_MILLISECONDS;
  }

  private post(message: CellMessage, transfer?: ArrayBuffer[]): void {
    this.sent += 1;
    if (message.kind !== "started") this.last[message.kind] = { at: performance.now(), number: this.sent };
    this.task.port.postMessage(message, transfer);
  }
}

/** The state's arrays are copies made for us: they change threads instead of being copied again. */
function ownBuffers({ weights, optimizer, statistics, average, seen }: TrainState): ArrayBuffer[] {
  return [weights, optimizer, statistics, average, seen]
    .map((array) => array?.buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer);
}
