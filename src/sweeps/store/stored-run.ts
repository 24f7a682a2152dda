/** The records of a run directory as the commands show them. */
import { InputError } from "../../core/input-error.js";
import type { PlanFile } from "./plan-file.js";
import type { CellRecord } from "./record.js";
import type { RunDirectory } from "./run-directory.js";

export interface StoredRun {
  plan: PlanFile;
  /** Sorted by id. */
  records: CellRecord[];
  /** Planned ids without a record that can be trusted. */
  missing: string[];
  /** What is wrong with records that cannot be trusted, a line each. */
  damaged: string[];
}

/** @param all also cells of earlier specs run here @throws InputError where there is no plan that can be trusted */
export async function readStoredRun(directory: RunDirectory, all: boolean): Promise<StoredRun> {
  const plan = await directory.readPlan();
  if (!plan)
    throw new InputError(`no sweep was run in ${directory.folder} (it has no plan.json); start with npm run sweep`);
  const planned = new Set(plan.cells.map(({ id }) => id));
  const ids = all ? [...new Set([...planned, ...(await directory.cellIds())])].sort() : planned;
  const records: CellRecord[] = [];
  const missing: string[] = [];
  const damaged: string[] = [];
  for (const id of ids) {
    const found = await directory.readRecord(id);
    if (found.kind === "damaged") damaged.push(found.reason);
    if (found.kind === "valid") records.push(found.record);
    else if (planned.has(id)) missing.push(id);
  }
  return { plan, records, missing, damaged };
}
