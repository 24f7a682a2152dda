/** All figures of a sweep as tables for other programs: --csv. */
import path from "node:path";
import { configFields } from "../../core/config-fields.js";
import { toCsv, type Table } from "../../core/csv.js";
import { trainingCount } from "../../core/data/splits.js";
import { EPOCH_FIGURES } from "../../core/training/result.js";
import { trainingSteps } from "../../core/training/steps.js";
import { imageCountsOf } from "../page/merge.js";
import type { ReportFile } from "../page/report-file.js";
import type { PlanFile } from "../store/plan-file.js";
import type { CellRecord } from "../store/record.js";
import { summariseCell, type CellSummary } from "./summary.js";

const FIGURES = [
  "epochs",
  "trainLoss",
  "trainAccuracy",
  "testLoss",
  "testAccuracy",
  "bestTestAccuracy",
  "validationLoss",
  "validationAccuracy",
  "bestValidationAccuracy",
  "parameters",
  "seconds",
  "weightsDigest",
] as const satisfies (keyof CellSummary)[];

/** The first columns of each file, by which an earlier one is known. */
const COLUMNS = {
  "cells.csv": ["id", "role", "label", "status", "error", ...FIGURES],
  "curves.csv": ["id", "epoch", "step", ...EPOCH_FIGURES],
  "steps.csv": ["id", "step", "trainLoss"],
  "confusion.csv": ["id", "label", "predicted", "count"],
};
type Name = keyof typeof COLUMNS;

/** The files of a folder. */
export function csvFiles(folder: string): (ReportFile & { name: Name })[] {
  return (Object.keys(COLUMNS) as Name[]).map((name) => ({
    name,
    option: "--csv",
    file: path.join(folder, name),
    kind: "earlier report's table",
    // Curves of version 0.2 have no steps.
    beginning: new RegExp(`^${COLUMNS[name].join(",").replace(/(?<=epoch),step/, "(,step)?")}[,\r]`),
  }));
}

/**
 * @returns the text of each file. Figures that a cell lacks are empty, those that are not finite NaN, Infinity or -Infinity.
 * `step` counts optimizer steps: in curves those taken by the epoch's end, in steps those before the batch
 */
export function csvTables(plan: PlanFile, records: readonly CellRecord[]): Record<Name, string> {
  const places = new Map(plan.cells.map((cell) => [cell.id, cell]));
  const images = imageCountsOf(plan);
  const stepsBy = ({ config }: CellRecord, epoch: number) =>
    images ? trainingSteps(config, trainingCount(config, { train: { count: images.train } }), epoch) : null;
  const fields = new Map(records.map(({ id, config }) => [id, configFields(config)]));
  const names = [...new Set([...fields.values()].flatMap((of) => [...of.keys()]))];
  const rows: Record<Name, Table["rows"]> = {
    "cells.csv": records.map((record) => {
      const summary = summariseCell(record, places.get(record.id));
      const { id, role, label, status, error } = summary;
      const config = names.map((name) => fields.get(id)?.get(name) ?? null);
      return [
        id,
        role ?? null,
        label ?? null,
        status,
        error ?? null,
        ...FIGURES.map((name) => summary[name] ?? null),
        ...config,
      ];
    }),
    "curves.csv": records.flatMap((record) =>
      record.curve.map((row) => [
        record.id,
        row.epoch,
        stepsBy(record, row.epoch),
        ...EPOCH_FIGURES.map((name) => row[name] ?? null),
      ]),
    ),
    "steps.csv": records.flatMap(({ id, steps }) => steps.loss.map((loss, i) => [id, i * steps.every, loss])),
    "confusion.csv": records.flatMap(({ id, confusion }) =>
      confusion.flatMap((row, label) => row.map((count, predicted) => [id, label, predicted, count])),
    ),
  };
  const table = (name: Name, further: string[] = []) =>
    toCsv({ columns: [...COLUMNS[name], ...further], rows: rows[name] });
  return {
    "cells.csv": table(
      "cells.csv",
      names.map((name) => `config.${name}`),
    ),
    "curves.csv": table("curves.csv"),
    "steps.csv": table("steps.csv"),
    "confusion.csv": table("confusion.csv"),
  };
}
