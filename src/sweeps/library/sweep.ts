/** runSweep: a sweep within a host's process. */
import path from "node:path";
import type { EpochMetrics } from "../../core/training/result.js";
import { InputError } from "../../core/input-error.js";
import { DEFAULT_STALL_SECONDS } from "../../workers/executor.js";
import { startLocal } from "../executors/local.js";
import { MAX_THREADS, usualWorkers } from "../executors/start.js";
import type { DataChoice } from "../data/datasets.js";
import type { Stopper } from "../run/interrupt.js";
import type { SweepOutput } from "../run/output.js";
import type { PlannedCell } from "../run/plan.js";
import { DEFAULT_RETRIES } from "../run/run.js";
import { specChoice } from "../run/spec-choice.js";
import { runSweep as runPlanned } from "../run/sweep.js";
import { withExecutor } from "../run/with-executor.js";
import { builtInSweeps } from "../spec/built-in.js";
import type { DataOptions } from "../spec/data-options.js";
import { expandGrid } from "../spec/grid.js";
import { withInits } from "../spec/inits.js";
import { asTyped } from "../spec/program.js";
import { overrideSpec, type SpecOverrides, type SweepSpec } from "../spec/spec.js";
import type { CellRecord } from "../store/record.js";
import { runDirectoryOf } from "../store/runs.js";
import { checkArgument, checkOptions, typeWords, type Kinds } from "./arguments.js";
import { guarded, onceEach } from "./callback.js";
import { checkedSpec, type Spec } from "./spec.js";

/** What a sweep tells while it runs. */
export type SweepEvent =
  | { kind: "note" | "warning"; line: string }
  | { kind: "epoch"; id: string; epochs: number; metrics: EpochMetrics }
  | { kind: "cell"; record: CellRecord; done: number; total: number };

/** `epochs`, `seeds`, `trainLimit`, `testLimit` and `kernels` stand in for the spec's own. */
export interface SweepOptions extends SpecOverrides {
  /** The run directory: runs/NAME below the working directory by default. */
  out?: string;
  /** Cells that train at once, each in a thread: as many as the cores can serve by default. */
  workers?: number;
  /** Threads that share one cell's shards: 1 by default. */
  threadsPerCell?: number;
  /** Stands in for the spec's own. */
  data?: DataChoice | DataOptions;
  /** The folder with the data. */
  dataDir?: string;
  /** Train cells again although they have records or checkpoints. */
  fresh?: boolean;
  /** Attempts of a cell after one that failed: 2 by default. */
  retries?: number;
  /** Stop at the first cell that failed for good. */
  failFast?: boolean;
  /** Wait while another sweep runs in the run directory, rather than throw. */
  wait?: boolean;
  /** Stops the sweep. What is finished is kept, and the same call goes on from there. */
  signal?: AbortSignal;
  /** What it throws stops the sweep and is thrown by it. */
  onProgress?: (event: SweepEvent) => void;
}

const OPTIONS: Kinds<SweepOptions> = {
  ...{ epochs: "number", seeds: "object", trainLimit: "number", testLimit: "number", kernels: "string" },
  ...{ out: "string", workers: "number", threadsPerCell: "number", data: ["string", "object"], dataDir: "string" },
  ...{ fresh: "boolean", retries: "number", failFast: "boolean", wait: "boolean" },
  ...{ signal: "object", onProgress: "function" },
};

export interface SweepOutcome {
  /** Absolute. */
  runDirectory: string;
  /** The run's page, absolute; absent where it could not be written. */
  page?: string;
  /** All cells of the sweep, sorted by id. */
  cells: PlannedCell[];
  /** Of all cells that have one, sorted by id; those of failed cells say why in `error`. */
  records: CellRecord[];
  /** What must not be missed, such as that drawn images stand in for FashionMNIST. */
  warnings: string[];
  /** As of the command: 0 all cells ended, 1 some failed or something could not be written, 130 aborted. */
  exitCode: number;
}

/** @throws InputError where it is no whole number within the bounds */
export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InputError(`${option}: got ${String(value)}, expected a whole number from ${least} to ${most}`);
}

/** @throws InputError where there is no sweep of that name, or the spec is none */
function specOf(spec: Spec | string, { data, epochs, seeds, trainLimit, testLimit, kernels }: SweepOptions): SweepSpec {
  const expected = `a spec, or the name ${Object.keys(builtInSweeps).join(" or ")}`;
  checkArgument("runSweep", spec, ["string", "object"], expected);
  if (typeof spec === "string" && !Object.hasOwn(builtInSweeps, spec))
    throw new InputError(`runSweep: got "${spec}", expected ${expected}`);
  const written = typeof spec === "string" ? builtInSweeps[spec] : checkedSpec(spec, "spec");
  const told = overrideSpec(written, { epochs, seeds, trainLimit, testLimit, kernels });
  return data === undefined ? told : { ...told, data };
}

/** An AbortSignal in the place of Ctrl-C. */
function stoppedBy(signal: AbortSignal): Stopper {
  let stop = (): void => undefined;
  const onAbort = (): void => stop();
  signal.addEventListener("abort", onAbort);
  return {
    get exitCode() {
      return signal.aborted ? 130 : undefined;
    },
    setStop(asked) {
      stop = () => asked("SIGINT");
      if (signal.aborted) stop();
    },
    close: () => signal.removeEventListener("abort", onAbort),
  };
}

function outputTo(tell: (event: SweepEvent) => void): SweepOutput {
  const say = (line: string): void => tell({ kind: "note", line: asTyped(line) });
  const curves = new Map<string, ReturnType<typeof onceEach>>();
  const tellEpochs = (id: string, epochs: number, curve: readonly EpochMetrics[]): void => {
    const told = curves.get(id) ?? onceEach((metrics) => tell({ kind: "epoch", id, epochs, metrics }));
    curves.set(id, told);
    told(curve);
  };
  return {
    say,
    warn: (line) => tell({ kind: "warning", line: asTyped(line) }),
    show: async (status) => ({
      cellMessage({ id, config: { epochs } }, message) {
        if (message.kind === "epochs") tellEpochs(id, epochs, message.curve);
      },
      cellEnded(record) {
        tellEpochs(record.id, record.config.epochs, record.curve);
        tell({ kind: "cell", record, done: status.done, total: status.total });
      },
      note: say,
      close: () => undefined,
    }),
  };
}

/** See handgrad.ts. */
export async function runSweep(spec: Spec | string, options: SweepOptions): Promise<SweepOutcome> {
  checkOptions<SweepOptions>("runSweep", options, OPTIONS);
  if (options.seeds !== undefined && !Array.isArray(options.seeds))
    throw new InputError(`seeds: got ${typeWords(options.seeds)}, expected a list of whole numbers`);
  const { out, dataDir, fresh = false, failFast = false, wait = false, onProgress } = options;
  const threadsPerCell = wholeNumber("threadsPerCell", options.threadsPerCell ?? 1, 1, MAX_THREADS);
  const most = wholeNumber("workers", options.workers ?? usualWorkers(threadsPerCell), 1, MAX_THREADS);
  const retries = wholeNumber("retries", options.retries ?? DEFAULT_RETRIES, 0, 100);
  const source = typeof spec === "string" ? spec : "spec";
  const sweep = await withInits(specOf(spec, options), source);
  const configs = expandGrid(sweep, source);
  const workers = Math.min(most, configs.length);
  const directory = runDirectoryOf(sweep.name, out);
  const warnings: string[] = [];
  const host = guarded(onProgress, options.signal);
  const output = outputTo((event) => {
    if (event.kind === "warning") warnings.push(event.line);
    host.call(event);
  });
  const request = { spec: sweep, source, configs, directory, data: specChoice(sweep, source), dataDir, workers };
  const result = await withExecutor(
    () => startLocal({ workers, threadsPerCell, stallSeconds: DEFAULT_STALL_SECONDS, output }),
    (executor, interrupt) =>
      runPlanned({ ...request, threadsPerCell, output, executor, interrupt, fresh, retries, failFast, wait }),
    stoppedBy(host.signal),
  );
  host.settle();
  const { plan, records, ownPage, exitCode } = result;
  return {
    runDirectory: path.resolve(directory.folder),
    page: ownPage && path.resolve(ownPage),
    cells: plan.cells,
    records: [...records.values()],
    warnings,
    exitCode,
  };
}
