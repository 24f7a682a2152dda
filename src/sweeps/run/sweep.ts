/** One sweep from spec to merged report: data, plan, survey, run loop, plan file, page. */
import { performance } from "node:perf_hooks";
import type { TrainConfig } from "../../core/config.js";
import type { Dataset } from "../../core/data/dataset.js";
import { ENGINE_VERSION } from "../../core/version.js";
import type { CellExecutor } from "../../workers/executor.js";
import { startPool } from "../../workers/pool.js";
import type { DataChoice } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { Interrupt } from "./interrupt.js";
import { LivePage } from "../page/live-page.js";
import { checkMemory } from "./memory.js";
import { readFilters } from "../page/filters.js";
import { mergeReport } from "../page/merge.js";
import { writePageData } from "../page/page-data.js";
import { planCells, sampleLimits, type PlannedCell } from "./plan.js";
import type { PlanFile } from "../store/plan-file.js";
import { createProgressView, type OutputStream } from "../commands/progress.js";
import type { CellRecord } from "../store/record.js";
import { runCells } from "./run.js";
import type { RunDirectory } from "../store/run-directory.js";
import type { SweepSpec } from "../spec/spec.js";
import { SweepStatus } from "./status.js";
import { refuseSilentSynthetic, surveyCells, type CellSurvey } from "./survey.js";

export interface SweepRequest {
  spec: SweepSpec;
  /** Names the spec in errors. */
  source: string;
  /** The spec's grid. */
  configs: TrainConfig[];
  directory: RunDirectory;
  data: DataChoice;
  dataDir?: string;
  workers: number;
  /** That share one cell's shards. */
  threadsPerCell: number;
  fresh: boolean;
  /** Attempts of a cell after a first one that failed. */
  retries: number;
  /** A cell that does no batch for so long is ended. */
  stallSeconds?: number;
  /** Stop at the first cell that failed for good. */
  failFast: boolean;
  /** Wait for another sweep in the same directory instead of giving up. */
  wait: boolean;
  /** For progress. */
  progress: OutputStream;
  /** For what must not be missed. */
  warnings: OutputStream;
}

export interface PlannedSweep {
  dataset: Dataset;
  /** Sorted by id. */
  cells: PlannedCell[];
}

/** Loads the data and checks that every cell fits them and the machine. Writes nothing. */
export async function planSweep({
  spec,
  source,
  configs,
  directory,
  data,
  dataDir,
  workers,
  threadsPerCell,
  progress,
  warnings,
}: SweepRequest): Promise<PlannedSweep> {
  const onProgress = (line: string): void => void progress.write(`${line}\n`);
  const loaded = await loadDataset({ data, dataDir, ...sampleLimits(configs), onProgress });
  const { dataset } = loaded;
  await refuseSilentSynthetic(directory, data, dataset);
  if (loaded.notice) warnings.write(`\n${"=".repeat(100)}\n${loaded.notice}\n${"=".repeat(100)}\n\n`);
  const cells = planCells(spec, dataset, source);
  checkMemory(configs, dataset, workers, source, threadsPerCell);
  progress.write(
    `${dataset.name} from ${loaded.source}: ${count(dataset.train.count)} training and ${count(dataset.test.count)} test images\n`,
  );
  return { dataset, cells };
}

export interface SweepResult {
  plan: PlanFile;
  /** By id; a cell that did not get to run has none. */
  records: Map<string, CellRecord>;
  /** Of this run. */
  wallSeconds: number;
  /** 0, 1, 130 or 143. */
  exitCode: number;
}

/** Runs the sweep to its end or to the first interrupt. */
export async function runSweep(request: SweepRequest): Promise<SweepResult> {
  const started = performance.now();
  const interrupt = new Interrupt();
  // The threads start and compile while the data load.
  const executor = startPool(request.workers, {
    stallSeconds: request.stallSeconds,
    threadsPerCell: request.threadsPerCell,
  });
  const { directory, wait, progress } = request;
  let unlock = async (): Promise<void> => undefined;
  try {
    const { dataset, cells } = await planSweep(request);
    await directory.prepare();
    unlock = await directory.lock(
      wait
        ? (holder) => void progress.write(`waiting for the sweep that runs in ${directory.folder} (${holder}) …\n`)
        : undefined,
    );
    // What another sweep left is known only now that none can be running.
    const surveys = await surveyCells(directory, cells, request.fresh);
    await directory.tidy(new Set(surveys.filter(({ train }) => !train).map(({ cell }) => cell.id)));
    await directory.writeSpec(request.spec);
    return await trainAndMerge(request, dataset, surveys, executor, interrupt, started);
  } finally {
    await unlock();
    await executor.close();
    interrupt.close();
  }
}

async function trainAndMerge(
  { spec, directory, workers, fresh, retries, failFast, progress, warnings }: SweepRequest,
  dataset: Dataset,
  surveys: CellSurvey[],
  executor: CellExecutor,
  interrupt: Interrupt,
  started: number,
): Promise<SweepResult> {
  const seconds = (): number => (performance.now() - started) / 1000;
  const cells = surveys.map(({ cell }) => cell);
  const toTrain = surveys.filter(({ train }) => train);
  const skipped = cells.length - toTrain.length;
  progress.write(
    `sweep ${spec.name}: ${cellCount(cells.length)}, ${skipped === 0 ? "none" : count(skipped)} done already${skipped > 0 ? " and skipped" : ""}, ` +
      `${count(toTrain.length)} to train on ${workers} ${workers === 1 ? "worker" : "workers"}\n`,
  );

  const plan: PlanFile = {
    sweep: spec.name,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    engineVersion: ENGINE_VERSION,
    workers,
    wallSeconds: 0,
    cells,
  };
  const last = await directory.readPlan().catch(() => undefined);
  const before = fresh ? 0 : secondsBefore(last, plan);
  plan.wallSeconds = before;
  await directory.writePlan(plan);

  const status = new SweepStatus(
    toTrain.map(({ cell }) => cell),
    skipped,
    cells.length,
    workers,
    dataset,
  );
  const view = await createProgressView(progress, status);
  if (last && last.dataDigest !== plan.dataDigest)
    view.note(
      `the data are not those of the last sweep here (${last.dataset} ${last.dataDigest.slice(0, 8)} then, ${plan.dataset} ${plan.dataDigest.slice(0, 8)} now): its records and checkpoints are left alone`,
    );
  for (const { reason } of toTrain) if (reason) view.note(reason);
  const ended = new Map<string, CellRecord>();
  for (const { cell, stored } of surveys) if (stored) ended.set(cell.id, stored);
  const page = new LivePage(
    (live) => mergeReport({ ...plan, wallSeconds: before + seconds() }, ended.values(), dataset, live),
    () => status.live(),
  );
  interrupt.setStop(() => executor.cancel());
  if (toTrain.length > 0) page.refresh();

  const records = await runCells({
    directory,
    surveys,
    dataset,
    executor,
    workers,
    fresh,
    retries,
    failFast,
    cancelled: () => interrupt.exitCode !== undefined,
    observer: {
      cellStarted: (cell, epochs) => status.cellStarted(cell, epochs),
      cellMessage: (cell, message) => {
        status.cellMessage(cell, message);
        view.cellMessage(cell, message);
      },
      cellEnded: (cell, record) => {
        status.cellEnded(cell, record);
        view.cellEnded(record);
        ended.set(cell.id, record);
        page.refresh();
      },
      note: (line) => view.note(line),
    },
  }).finally(() => view.close());

  await page.close();
  if (toTrain.length > 0) plan.wallSeconds = before + seconds();
  const warn = (error: Error): void => void warnings.write(`${error.message}\n`);
  await directory.writePlan(plan).catch(warn);
  const filters = await readFilters(directory, records.values(), dataset);
  await writePageData({ ...mergeReport(plan, records.values(), dataset), filters }).catch(warn);
  const failed = [...records.values()].some((record) => record.status === "failed");
  return { plan, records, wallSeconds: seconds(), exitCode: interrupt.exitCode ?? (failed ? 1 : 0) };
}

/** Training time that earlier runs of the same plan took: an interrupted sweep goes on, and so does its clock. */
function secondsBefore(last: PlanFile | undefined, plan: PlanFile): number {
  const ids = (file: PlanFile): string => file.cells.map(({ id }) => id).join(" ");
  return last && ids(last) === ids(plan) && last.engineVersion === plan.engineVersion ? last.wallSeconds : 0;
}

/** "1 cell", "12 cells". */
export function cellCount(cells: number): string {
  return `${count(cells)} ${cells === 1 ? "cell" : "cells"}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
