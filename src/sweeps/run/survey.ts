/** What a run directory already holds of a sweep, and so what is left to train. */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { canonicalJson } from "../../core/json-text.js";
import { ENGINE_VERSION } from "../../core/version.js";
import type { PlannedCell } from "./plan.js";
import { hasEnded, isTrainedTo, type CellRecord } from "../store/record.js";
import type { RunDirectory } from "../store/run-directory.js";
import type { DataOptions } from "../spec/data-options.js";
import { standIn, type DataChoice } from "../data/datasets.js";

export interface CellSurvey {
  cell: PlannedCell;
  /** The valid record in store, if there is one. */
  stored?: CellRecord;
  /** Whether the cell is to be trained, and why although a record lies there. */
  train: boolean;
  reason?: string;
}

/**
 * Looks up every cell's record; under `fresh` all cells are to be trained.
 * @param until the epoch up to which they are; to their last by default
 */
export async function surveyCells(
  directory: RunDirectory,
  cells: PlannedCell[],
  fresh: boolean,
  until?: number,
): Promise<CellSurvey[]> {
  const surveys: CellSurvey[] = [];
  for (const cell of cells) {
    const found = await directory.readRecord(cell.id);
    if (found.kind === "none") surveys.push({ cell, train: true });
    else if (found.kind === "damaged") surveys.push({ cell, train: true, reason: found.reason });
    else {
      if (canonicalJson(found.record.config) !== canonicalJson(cell.config))
        throw new InputError(
          `${directory.folder} has the record of another cell with the id ${cell.id}, expected this one's or none; name another directory with --out`,
        );
      let reason = reasonToTrain(found.record, fresh);
      // The weights of a cell that is to be trained anyway need not be read.
      if (reason === undefined) {
        const fault = await weightsFault(directory, found.record);
        reason = fault && `${cell.id}: ${fault}`;
      }
      surveys.push({
        cell,
        stored: found.record,
        train: reason !== undefined || !isTrainedTo(found.record, until),
        reason,
      });
    }
  }
  return surveys;
}

/** Why a record's weights cannot be had as it vouches for them; undefined where they can. */
export async function weightsFault(directory: RunDirectory, record: CellRecord): Promise<string | undefined> {
  if (!hasEnded(record)) return undefined;
  try {
    await directory.readWeights(record);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function reasonToTrain(record: CellRecord, fresh: boolean): string | undefined {
  if (record.engineVersion !== ENGINE_VERSION)
    return `${record.id}: recorded by engine version ${record.engineVersion}, this is ${ENGINE_VERSION}; training it again`;
  if (!hasEnded(record))
    return `${record.id}: failed last time (${record.error ?? "no reason recorded"}); training it again`;
  return fresh ? `${record.id}: recorded; training it again because of --fresh` : undefined;
}

/** The records, as far as they still lie where they were written, and whole: a folder may be removed or altered under a running sweep. */
export async function keptRecords(
  directory: RunDirectory,
  records: Map<string, CellRecord>,
): Promise<Map<string, CellRecord>> {
  const kept = new Map<string, CellRecord>();
  for (const [id, record] of records) {
    const fault = hasEnded(record) ? await lossOf(directory, id) : undefined;
    const error = `its record was lost while the sweep ran: ${fault}`;
    kept.set(id, fault === undefined ? record : { ...record, status: "failed", error });
  }
  return kept;
}

/** What is wrong with a cell's record or weights as they lie on the disk; undefined where nothing is. */
async function lossOf(directory: RunDirectory, id: string): Promise<string | undefined> {
  const found = await directory.readRecord(id);
  if (found.kind === "none") return `it is gone from ${directory.folder}`;
  return found.kind === "damaged" ? found.reason : weightsFault(directory, found.record);
}

/** `auto` must not quietly put synthetic results beside real ones. @throws InputError where it would */
export async function refuseSilentSynthetic(
  directory: RunDirectory,
  choice: DataChoice | DataOptions,
  dataset: Dataset,
): Promise<void> {
  if (choice !== "auto" || dataset.name !== standIn.name) return;
  for (const id of await directory.cellIds()) {
    const found = await directory.readRecord(id);
    if (found.kind === "valid" && found.record.dataset !== standIn.name)
      throw new InputError(
        `the data of ${directory.folder} (${found.record.dataset}) cannot be had now, and its records are not to be mixed with the synthetic set's; ` +
          `name the folder that has the data with --data-dir, or choose --data ${standIn.name}, or another --out`,
      );
  }
}
