/** Shows a running sweep: live lines on a terminal, one line an event on a pipe. */
import { heldOut, heldOutSplit } from "../../core/training/held-out.js";
import { count } from "../../core/numeric/words.js";
import type { PlannedCell } from "../run/plan.js";
import { duration, loss as lossText, percent, seconds } from "./format.js";
import type { CellMessage } from "../../workers/protocol.js";
import type { CellRecord } from "../store/record.js";
import type { ProgressView, SweepOutput } from "../run/output.js";
import type { RunningCell, SweepStatus } from "../run/status.js";
import type { OutputStream } from "./command.js";
import { harmless } from "./streams.js";

const REDRAW_MILLISECONDS = 250;
/** On a pipe, epochs shorter than this are not worth a line each. */
const EPOCH_LINE_MILLISECONDS = 1000;

/** Plain lines on both streams; a running sweep is shown on the first. */
export function outputOn(progress: OutputStream, warnings: OutputStream): SweepOutput {
  return {
    say: (line) => void progress.write(`${line}\n`),
    warn: (line) => void warnings.write(`${line}\n`),
    show: (status) => createProgressView(progress, status),
  };
}

/** log-update is loaded only where there is a terminal to draw on. */
export async function createProgressView(stream: OutputStream, status: SweepStatus): Promise<ProgressView> {
  if (!stream.terminal) return new PlainView(stream, status);
  const { createLogUpdate } = await import("log-update");
  return new LiveView(stream, status, createLogUpdate(stream.terminal as NodeJS.WriteStream));
}

class PlainView implements ProgressView {
  private readonly lastLine = new Map<string, number>();

  constructor(
    private readonly stream: OutputStream,
    private readonly status: SweepStatus,
  ) {}

  cellMessage(cell: PlannedCell, message: CellMessage): void {
    const now = Date.now();
    // One that trains elsewhere may have started before this sweep.
    const last = message.kind === "started" ? undefined : this.lastLine.get(cell.id);
    if (last === undefined) this.lastLine.set(cell.id, now);
    if (message.kind !== "epochs" || now - (last ?? now) < EPOCH_LINE_MILLISECONDS) return;
    this.lastLine.set(cell.id, now);
    const metrics = message.curve[message.curve.length - 1];
    const { epoch, trainLoss } = metrics;
    const { loss, accuracy } = heldOut(metrics);
    const split = heldOutSplit(cell.config);
    const speed = Math.round(this.status.running.get(cell.id)?.samplesPerSecond ?? 0);
    this.note(
      `${this.count()} ${cell.id}: epoch ${epoch}/${cell.config.epochs}, train loss ${lossText(trainLoss)}, ${split} loss ${lossText(loss)}, ` +
        `${split} accuracy ${percent(accuracy)}, ${count(speed)} samples/s${this.eta()}`,
    );
  }

  cellEnded(record: CellRecord): void {
    this.note(`${this.count()} ${endLine(record)}${this.eta()}`);
  }

  note(line: string): void {
    this.stream.write(`${line}\n`);
  }

  close(): void {}

  private count(): string {
    return `[${this.status.done}/${this.status.total}]`;
  }

  private eta(): string {
    const seconds = this.status.etaSeconds();
    return seconds === null || this.status.done === this.status.total ? "" : `, about ${duration(seconds)} left`;
  }
}

class LiveView implements ProgressView {
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly stream: OutputStream,
    private readonly status: SweepStatus,
    private readonly draw: { (text: string): void; clear(): void; done(): void },
  ) {
    this.timer = setInterval(() => this.redraw(), REDRAW_MILLISECONDS);
  }

  cellMessage(): void {}

  cellEnded(record: CellRecord): void {
    this.note(endLine(record));
  }

  note(line: string): void {
    this.draw.clear();
    this.stream.write(`${line}\n`);
    this.redraw();
  }

  close(): void {
    clearInterval(this.timer);
    this.draw.clear();
    // Brings the cursor back.
    this.draw.done();
  }

  private redraw(): void {
    const { done, total, failed, running } = this.status;
    const eta = this.status.etaSeconds();
    const overall = `${done} of ${total} cells done${failed > 0 ? `, ${failed} failed` : ""}${eta === null ? "" : `, about ${duration(eta)} left`}`;
    this.draw(harmless([...[...running.values()].map(runningLine), overall].join("\n")));
  }
}

function runningLine({ cell, epoch, part, loss, samplesPerSecond, accuracy }: RunningCell): string {
  const figures =
    Number.isNaN(loss) && samplesPerSecond === 0
      ? "starting"
      : `loss ${lossText(loss)}  ${count(Math.round(samplesPerSecond))} samples/s`;
  const known = accuracy === undefined ? "" : `  ${heldOutSplit(cell.config)} ${percent(accuracy)}`;
  return `  ${cell.id}  epoch ${epoch}/${cell.config.epochs} ${String(Math.floor(100 * part)).padStart(3)} %  ${figures}${known}`;
}

/** What became of a cell. */
export function endLine({ id, config, status, error, curve, test, run }: CellRecord): string {
  const last = curve.at(-1);
  if (status === "failed" || !last) return `${id}: FAILED: ${error ?? "no reason given"}`;
  const word = {
    done: "done",
    diverged: `diverged in epoch ${last.epoch}`,
    stopped: `stopped after epoch ${last.epoch}`,
  };
  const reached = `${heldOutSplit(config)} accuracy ${percent(heldOut(last).accuracy)}`;
  return `${id}: ${word[status]}, ${reached}${test ? `, test accuracy ${percent(test.accuracy)}` : ""}, ${seconds(run.seconds)}`;
}
