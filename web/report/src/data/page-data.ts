/** Reads what a sweep wrote: numbers that JSON cannot hold arrive as "NaN", "Infinity" and "-Infinity". */
import type { EpochMetrics } from "../../../../src/core/training/result.js";
import type { CellRecord } from "../../../../src/sweeps/store/record.js";
import type { ReportData } from "../../../../src/sweeps/page/report-data.js";
import { requireReportData } from "./page-shape.js";

export type PageData = ReportData;

declare global {
  interface Window {
    /** Written by a sweep into build/data.js; null before any sweep was run, absent where the file is missing or cut short. */
    HANDGRAD_DATA?: PageData | null;
    /** The results committed with the project, in build/reference.js. */
    HANDGRAD_REFERENCE?: PageData | null;
    /** The bonus results committed with the project, beside them; absent where there are none. */
    HANDGRAD_BONUS?: PageData | null;
    /** True in a self-contained file, which has nothing to refresh from. */
    HANDGRAD_SINGLE_FILE?: boolean;
  }
}

/** A number, from a number or from the text that stands for one that is not finite. */
export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === null || value === undefined) return NaN;
  return Number(value);
}

/** Test figures, or validation figures in their place. */
function toRow(row: EpochMetrics): EpochMetrics {
  const { epoch, validationLoss, validationAccuracy } = row;
  const train = { epoch, trainLoss: toNumber(row.trainLoss), trainAccuracy: toNumber(row.trainAccuracy) };
  if (validationAccuracy === undefined)
    return { ...train, testLoss: toNumber(row.testLoss), testAccuracy: toNumber(row.testAccuracy) };
  return { ...train, validationLoss: toNumber(validationLoss), validationAccuracy: toNumber(validationAccuracy) };
}

function toCell(cell: CellRecord): CellRecord {
  return {
    ...cell,
    curve: cell.curve.map(toRow),
    test: cell.test && { loss: toNumber(cell.test.loss), accuracy: toNumber(cell.test.accuracy) },
    steps: cell.steps ? { every: cell.steps.every, loss: cell.steps.loss.map(toNumber) } : { every: 1, loss: [] },
    confusion: cell.confusion ?? [],
    mistakes: (cell.mistakes ?? []).map((m) => ({ ...m, confidence: toNumber(m.confidence) })),
  };
}

/** The data with every number a number, whatever was found in their place. @throws Error where they are none */
export function readPageData(data: unknown): PageData {
  requireReportData(data);
  return {
    ...data,
    classNames: data.classNames ?? [],
    permutations: data.permutations ?? {},
    cells: data.cells.map(toCell),
  };
}
