/** What a dry run says: the cells, which of them would be trained, and how long all would take. */
import type { Dataset } from "../../core/data/dataset.js";
import { modelName } from "../../core/models/table.js";
import { plural } from "../../core/numeric/words.js";
import { ENGINE_VERSION } from "../../core/version.js";
import type { CellSurvey } from "../run/survey.js";
import type { PlanRequest } from "../run/plan-sweep.js";
import { axisColumns } from "./axis-columns.js";
import { shortNames } from "./cells.js";
import { duration } from "./format.js";
import { formatTable } from "./table.js";

/** @param expected seconds */
export async function dryRunText(
  { spec, directory, workers }: PlanRequest,
  surveys: CellSurvey[],
  expected: number,
  width: number,
): Promise<string> {
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
  return `${table}sweep ${spec.name}: ${plural(surveys.length, "cell")}, ${toTrain} to train, ${surveys.length - toTrain} recorded in ${directory.folder}${toTrain === 0 ? "" : `; about ${duration(expected)} on ${plural(workers, "worker")} of this machine`}\n`;
}

/** @param expected seconds */
export function dryRunSummary({ spec }: PlanRequest, dataset: Dataset, surveys: CellSurvey[], expected: number) {
  return {
    sweep: spec.name,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    engineVersion: ENGINE_VERSION,
    dryRun: true,
    expectedSeconds: Math.round(expected * 10) / 10,
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
