/** One sweep from spec to merged report: data, plan, survey, run loop, plan file, page. */
import { performance } from "node:perf_hooks";
import type { TrainConfig } from "../core/config.js";
import type { Dataset } from "../core/dataset.js";
import { ENGINE_VERSION } from "../core/version.js";
import type { CellExecutor } from "../workers/executor.js";
import { startPool } from "../workers/pool.js";
import { loadDataset } from "./data/load.js";
import { Interrupt } from "./interrupt.js";
import { LivePage } from "./live-page.js";
import { mergeReport } from "./merge.js";
import { writePageData } from "./page-data.js";
import { planCells, sampleLimits } from "./plan.js";
import type { PlanFile } from "./plan-file.js";
import { createProgressView, type OutputStream } from "./progress.js";
import type { CellRecord } from "./record.js";
import { runCells } from "./run.js";
import type { RunDirectory } from "./run-directory.js";
import type { DataChoice, SweepSpec } from "./spec.js";
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
  fresh: boolean;
  /** For progress. */
  progress: OutputStream;
  /** For what must not be missed. */
  warnings: OutputStream;
}

export interface PlannedSweep {
  dataset: Dataset;
  surveys: CellSurvey[];
}

/** Loads the data and looks up what is done already. Writes nothing. */
export async function planSweep({ spec, source, configs, directory, data, dataDir, fresh, progress, warnings }: SweepRequest): Promise<PlannedSweep> {
  const onProgress = (line: string): void => void progress.write(`${line}\n`);
  const loaded = await loadDataset({ data, dataDir, ...sampleLimits(configs), onProgress });
  const { dataset } = loaded;
  await refuseSilentSynthetic(directory, data, dataset);
  if (loaded.notice) warnings.write(`\n${"=".repeat(100)}\n${loaded.notice}\n${"=".repeat(100)}\n\n`);
  const surveys = await surveyCells(directory, planCells(spec, dataset, source), fresh);
  progress.write(`${dataset.name} from ${loaded.source}: ${count(dataset.train.count)} training and ${count(dataset.test.count)} test images\n`);
  return { dataset, surveys };
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
  const executor = startPool(request.workers);
  try {
    const planned = await planSweep(request);
    await request.directory.prepare();
    await request.directory.writeSpec(request.spec);
    return await trainAndMerge(request, planned, executor, interrupt, started);
  } finally {
    await executor.close();
    interrupt.close();
  }
}

async function trainAndMerge(
  { spec, directory, workers, fresh, progress, warnings }: SweepRequest,
  { dataset, surveys }: PlannedSweep,
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
  const before = fresh ? 0 : await secondsBefore(directory, plan);
  plan.wallSeconds = before;
  await directory.writePlan(plan);

  const status = new SweepStatus(toTrain.map(({ cell }) => cell), skipped, cells.length, workers, dataset);
  const view = await createProgressView(progress, status);
  for (const { reason } of toTrain) if (reason) view.note(reason);
  const ended = new Map<string, CellRecord>();
  for (const { cell, stored } of surveys) if (stored) ended.set(cell.id, stored);
  const page = new LivePage((live) => mergeReport({ ...plan, wallSeconds: before + seconds() }, ended.values(), dataset, live), () => status.live());
  interrupt.setStop(() => executor.cancel());
  if (toTrain.length > 0) page.refresh();

  const records = await runCells({
    directory,
    surveys,
    dataset,
    executor,
    workers,
    cancelled: () => interrupt.exitCode !== undefined,
    observer: {
      cellStarted: (cell) => status.cellStarted(cell),
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
    },
  }).finally(() => view.close());

  await page.close();
  if (toTrain.length > 0) plan.wallSeconds = before + seconds();
  await directory.writePlan(plan);
  await writePageData(mergeReport(plan, records.values(), dataset)).catch((error: Error) => warnings.write(`${error.message}\n`));
  const failed = [...records.values()].some((record) => record.status === "failed");
  return { plan, records, wallSeconds: seconds(), exitCode: interrupt.exitCode ?? (failed ? 1 : 0) };
}

/** Training time that earlier runs of the same plan took: an interrupted sweep goes on, and so does its clock. */
async function secondsBefore(directory: RunDirectory, plan: PlanFile): Promise<number> {
  const last = await directory.readPlan().catch(() => undefined);
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
