/** One task's share of a sweep: its cells, the data, and how they are trained. */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { plural } from "../../core/numeric/words.js";
import { ENGINE_VERSION } from "../../core/version.js";
import { datasetNames, otherData } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { whereIs } from "../store/data-source.js";
import type { RunDirectory } from "../store/run-directory.js";
import { cellCost } from "./cost.js";
import { checkMemory } from "./memory.js";
import type { SweepOutput } from "./output.js";
import { packCells } from "./pack.js";
import { sampleLimits, type PlannedCell } from "./plan.js";
import { planSweep, recordPlan, type PlanRequest } from "./plan-sweep.js";

/** How the cells of a task train. */
export interface TaskOptions {
  /** Cells at once. */
  workers: number;
  threadsPerCell: number;
  retries: number;
  stallSeconds: number;
}

export interface Share extends TaskOptions {
  dataset: Dataset;
  cells: PlannedCell[];
  /** Where the cells' messages go, if a sweep may be waiting for them. */
  progressFile?: string;
}

export interface SubmittedTask {
  directory: RunDirectory;
  /** Of the submission. */
  name: string;
  index: number;
  dataDir?: string;
  output: SweepOutput;
}

/** What a sweep handed to a cluster. @throws InputError where it, or the data, cannot be had */
export async function submittedShare({ directory, name, index, dataDir, output }: SubmittedTask): Promise<Share> {
  const { submissions } = directory;
  const { plan, tasks, ...options } = await submissions.read(name);
  const source = submissions.folderOf(name);
  if (plan.engineVersion !== ENGINE_VERSION)
    throw new InputError(
      `${source} was handed over by engine version ${plan.engineVersion}, this is ${ENGINE_VERSION}; npm run sweep hands it over again`,
    );
  const ids = new Set(tasks[checked(index, tasks.length)]);
  const cells = plan.cells.filter(({ id }) => ids.has(id));
  const configs = cells.map(({ config }) => config);
  const { dataset } = await loadDataset({
    data: whereIs(plan, { plan, dataDir, known: datasetNames, what: source }),
    dataDir,
    ...sampleLimits(configs),
    onProgress: (line) => output.say(line),
  });
  if (dataset.digest !== plan.dataDigest)
    throw new InputError(`${source} ${otherData(plan.dataset, dataset.digest, plan.dataDigest)}`);
  checkMemory(configs, dataset, options.workers, source, options.threadsPerCell);
  return { ...options, dataset, cells, progressFile: submissions.progressFile(name, index) };
}

/** The cells of a spec, dealt to so many tasks: the same in each of them. Writes the plan. @throws InputError as a sweep does */
export async function dealtShare(
  request: PlanRequest,
  { tasks, index }: { tasks: number; index: number },
): Promise<Pick<Share, "dataset" | "cells">> {
  const { directory } = request;
  checked(index, tasks);
  const planned = await planSweep(request);
  const { dataset, cells } = planned;
  await directory.prepare();
  const ids = (list: PlannedCell[] = []): string => list.map(({ id }) => id).join(" ");
  const isPlanned = async (): Promise<boolean> =>
    ids((await directory.readPlan().catch(() => undefined))?.cells) === ids(cells);
  if (!(await isPlanned())) {
    const unlock = await directory.lock(() => undefined);
    try {
      if (!(await isPlanned())) await recordPlan(request, planned, { workers: 0, fresh: false });
    } finally {
      await unlock();
    }
  }
  const packed = packCells({ cells, lengths: cells.map(({ config }) => cellCost(config, dataset)), tasks });
  const own = new Set(packed.at(index) ?? []);
  return { dataset, cells: cells.filter(({ id }) => own.has(id)) };
}

function checked(index: number, tasks: number): number {
  if (index < tasks) return index;
  throw new InputError(`task: got the index ${index}, expected one below ${tasks}: there are ${plural(tasks, "task")}`);
}
