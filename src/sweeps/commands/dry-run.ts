/** What a dry run says: the cells, which of them would be trained, and how long all would take. */
import type { Dataset } from "../../core/data/dataset.js";
import { modelName } from "../../core/models/table.js";
import { count, plural } from "../../core/numeric/words.js";
import { rungSizes, type Halving } from "../../core/training/halving.js";
import { ENGINE_VERSION } from "../../core/version.js";
import type { CellSurvey } from "../run/survey.js";
import { isTrainedTo } from "../store/record.js";
import { samplesOf } from "../spec/spec.js";
import type { PlanRequest } from "../run/plan-sweep.js";
import { axisColumns } from "./axis-columns.js";
import { shortNames } from "./cells.js";
import { duration } from "./format.js";
import { formatTable } from "./table.js";

/** A rung of successive halving, as far as it is known before cells train. */
export interface PlannedRung {
  epoch: number;
  /** That will reach it. */
  cells: number;
  /** Of these without a record that does. */
  toTrain: number;
}

export function plannedRungs(halving: Halving, surveys: readonly CellSurvey[]): PlannedRung[] {
  const sizes = rungSizes(halving, surveys.length);
  return halving.rungs.map((epoch, i) => {
    const there = surveys.filter(({ train, stored }) => !train && stored && isTrainedTo(stored, epoch)).length;
    return { epoch, cells: sizes[i], toTrain: Math.max(0, sizes[i] - there) };
  });
}

/** What trains one after the other, for the forecast. */
export function stagesOf(rungs: readonly PlannedRung[]): { cells: number; part: number }[] {
  const last = rungs[rungs.length - 1].epoch;
  return rungs.map(({ epoch, toTrain }, i) => ({
    cells: toTrain,
    part: (epoch - (i > 0 ? rungs[i - 1].epoch : 0)) / last,
  }));
}

/** What a dry run finds. */
export interface DryRun {
  surveys: CellSurvey[];
  /** None without successive halving. */
  rungs: PlannedRung[];
  /** Seconds. */
  expected: number;
}

export async function dryRunText(
  { spec, directory, workers }: PlanRequest,
  { surveys, rungs, expected }: DryRun,
  width: number,
): Promise<string> {
  const samples = samplesOf(spec).count;
  const steps = rungs.map(({ epoch, cells }) => `${count(cells)} to epoch ${epoch}`);
  const toTrain = surveys.filter(({ train }) => train).length;
  const cells = surveys.map(({ cell }) => cell);
  const nameOf = await shortNames(
    directory,
    cells.map(({ id }) => id),
  );
  const table = formatTable(
    [
      { title: "", texts: surveys.map(({ train }) => (train ? "train" : "skip")), words: "whole" },
      { title: "cell", texts: cells.map(({ id }) => nameOf(id)), words: "whole" },
      ...axisColumns(cells),
    ],
    width,
  );
  return `${table}sweep ${spec.name}: ${plural(surveys.length, "cell")}${samples > 0 ? `, from ${plural(samples, "sample")}` : ""}, ${toTrain} to train, ${surveys.length - toTrain} recorded in ${directory.folder}${steps.length > 0 ? `; rungs: ${steps.join(", ")}` : ""}${expected === 0 ? "" : `; about ${duration(expected)} on ${plural(workers, "worker")} of this machine`}\n`;
}

export function dryRunSummary({ spec }: PlanRequest, dataset: Dataset, { surveys, rungs, expected }: DryRun) {
  return {
    sweep: spec.name,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    engineVersion: ENGINE_VERSION,
    dryRun: true,
    expectedSeconds: Math.round(expected * 10) / 10,
    rungs: rungs.length > 0 ? rungs : undefined,
    cells: surveys.map(({ cell: { id, config, ...place }, train }) => ({
      id,
      ...place,
      model: modelName(config.model),
      optimizer: config.optimizer.kind,
      permutation: config.permutation,
      seed: config.seed,
      train,
      config,
    })),
  };
}
