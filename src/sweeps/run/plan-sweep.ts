/** Plans a sweep: its data, its cells, and what the run directory is told of them. */
import type { TrainConfig } from "../../core/config.js";
import type { Dataset } from "../../core/data/dataset.js";
import { count } from "../../core/numeric/words.js";
import { ENGINE_VERSION } from "../../core/version.js";
import type { DataChoice } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import type { DataOptions } from "../spec/data-options.js";
import { searchOf, type SweepSpec } from "../spec/spec.js";
import type { DataSource } from "../store/data-source.js";
import type { PlanFile } from "../store/plan-file.js";
import type { RunDirectory } from "../store/run-directory.js";
import { checkMemory } from "./memory.js";
import type { SweepOutput } from "./output.js";
import { missingClasses, planCells, sampleLimits, type PlannedCell } from "./plan.js";
import { refuseSilentSynthetic } from "./survey.js";

/** What a sweep is planned from. */
export interface PlanRequest {
  spec: SweepSpec;
  /** Names the spec in errors. */
  source: string;
  /** The spec's grid. */
  configs: TrainConfig[];
  directory: RunDirectory;
  data: DataChoice | DataOptions;
  dataDir?: string;
  /** False to plan only: see `LoadOptions`. */
  download?: boolean;
  /** Cells that train at once. */
  workers: number;
  /** That share one cell's shards. */
  threadsPerCell: number;
  output: SweepOutput;
}

export interface PlannedSweep {
  dataset: Dataset;
  /** Sorted by id. */
  cells: PlannedCell[];
  /** Where the data lie, if in a folder that was named. */
  found?: DataSource;
}

/** Loads the data and checks that every cell fits them and the machine. Writes nothing. */
export async function planSweep(request: PlanRequest): Promise<PlannedSweep> {
  const { spec, source, configs, directory, dataDir, download, workers, threadsPerCell, output } = request;
  const last = await directory.readPlan().catch(() => undefined);
  const remembered = last?.dataSources?.[last.dataDigest]?.options;
  const data = request.data === "auto" && dataDir === undefined ? (remembered ?? "auto") : request.data;
  const onProgress = (line: string): void => output.say(line);
  const loaded = await loadDataset({ data, dataDir, download, ...sampleLimits(configs), onProgress });
  const { dataset } = loaded;
  await refuseSilentSynthetic(directory, request.data, dataset);
  if (loaded.notice) output.warn(`\n${"=".repeat(100)}\n${loaded.notice}\n${"=".repeat(100)}\n`);
  const cells = planCells(spec, dataset, source);
  checkMemory(configs, dataset, workers, source, threadsPerCell);
  output.say(
    `${dataset.name} from ${loaded.source}: ${count(dataset.train.count)} training and ${count(dataset.test.count)} test images`,
  );
  const missing = missingClasses(configs, dataset);
  if (missing !== undefined) output.say(missing);
  return { dataset, cells, found: loaded.found };
}

export interface RecordedPlan {
  plan: PlanFile;
  /** What the user is to know of it. */
  notes: string[];
}

/**
 * To be called under the run directory's lock.
 * @param workers of this process, 0 where none train here
 * @param fresh forget the time that earlier runs took
 */
export async function recordPlan(
  { spec, source, directory }: Pick<PlanRequest, "spec" | "source" | "directory">,
  { dataset, cells, found }: PlannedSweep,
  { workers, fresh }: { workers: number; fresh: boolean },
): Promise<RecordedPlan> {
  const plan: PlanFile = {
    sweep: spec.name,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    engineVersion: ENGINE_VERSION,
    workers,
    wallSeconds: 0,
    search: searchOf(spec),
    cells,
  };
  const last = await directory.readPlan().catch(() => undefined);
  const dataSources = { ...last?.dataSources, ...(found ? { [dataset.digest]: found } : {}) };
  if (Object.keys(dataSources).length > 0) plan.dataSources = dataSources;
  if (!fresh) plan.wallSeconds = secondsBefore(last, plan);
  const specNote = (await directory.writePlanAndSpec(plan, spec, source, last))
    ? undefined
    : `spec.json in ${directory.folder} is none that a sweep wrote: it stays as it is`;
  return { plan, notes: [otherData(last, plan), specNote].filter((line) => line !== undefined) };
}

/** Training time that earlier runs of the same plan took: an interrupted sweep goes on, and so does its clock. */
function secondsBefore(last: PlanFile | undefined, plan: PlanFile): number {
  const ids = (file: PlanFile): string => file.cells.map(({ id }) => id).join(" ");
  return last && ids(last) === ids(plan) && last.engineVersion === plan.engineVersion ? last.wallSeconds : 0;
}

function otherData(last: PlanFile | undefined, plan: PlanFile): string | undefined {
  if (!last || last.dataDigest === plan.dataDigest) return undefined;
  const name = ({ dataset, dataDigest }: PlanFile): string => `${dataset} ${dataDigest.slice(0, 8)}`;
  return `the data are not those of the last sweep here (${name(last)} then, ${name(plan)} now): its records and checkpoints are left alone`;
}
