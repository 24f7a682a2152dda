/** Finds a cell by the beginning of its id, for every command that is given one. */
import { InputError } from "../../core/input-error.js";
import { imagesOf } from "../data/datasets.js";
import type { TrainedModel } from "../formats/formats.js";
import type { PlannedCell } from "./plan.js";
import { resolveId } from "../spec/cell-id.js";
import type { PlanFile } from "../store/plan-file.js";
import { hasEnded, type CellRecord } from "../store/record.js";
import { RunDirectory } from "../store/run-directory.js";
import { allRuns } from "../store/runs.js";

export interface FoundCell {
  directory: RunDirectory;
  cell: PlannedCell;
  dataset: string;
  dataDigest: string;
  /** Of the run directory, where it can be read. */
  plan?: PlanFile;
  /** The record, if the cell was trained to its end. */
  stored?: CellRecord;
}

/**
 * Looks for the cell among the records, and among planned cells that have none yet.
 * @param out the run directory to look in; all of runs/ where none is named
 * @throws InputError where no cell, or more than one, has an id or a hash that begins so
 */
export async function findCell(
  command: string,
  prefix: string | undefined,
  out: string | undefined,
): Promise<FoundCell> {
  if (prefix === undefined) throw new InputError(`${command}: got no id, expected one; npm run cells lists them`);
  const directories = out === undefined ? await allRuns() : [new RunDirectory(out)];
  const where = out ?? "runs/*";
  if (directories.length === 0)
    throw new InputError(`no sweep was run yet, so there is no cell "${prefix}"; start with npm run sweep`);
  const homes = await Promise.all(
    // A damaged plan hides cells without a record only; records speak for themselves.
    directories.map(async (directory) => ({
      directory,
      ids: await directory.cellIds(),
      plan: await directory.readPlan().catch(() => undefined),
    })),
  );
  const id = resolveId(
    prefix,
    homes.flatMap(({ ids, plan }) => [...ids, ...(plan?.cells ?? []).map((cell) => cell.id)]),
    where,
  );
  let planned: FoundCell | undefined;
  for (const { directory, ids, plan } of homes) {
    if (ids.includes(id)) {
      const found = await directory.readRecord(id);
      if (found.kind === "damaged") throw new InputError(found.reason);
      if (found.kind === "valid") {
        const { record } = found;
        const { config, dataset, dataDigest } = record;
        const cell = { ...plan?.cells.find((planned) => planned.id === id), id, config };
        const home = { directory, cell, dataset, dataDigest, plan };
        if (hasEnded(record)) return { ...home, stored: record };
        planned ??= home;
      }
    }
    const cell = plan?.cells.find((candidate) => candidate.id === id);
    if (plan && cell) planned ??= { directory, cell, dataset: plan.dataset, dataDigest: plan.dataDigest, plan };
  }
  if (!planned) throw new InputError(`${id} has a folder but no record, and no plan names it; npm run sweep trains it`);
  return planned;
}

export type FoundModel = TrainedModel & Pick<FoundCell, "plan">;

/** A cell that was trained to its end, with its weights. @throws InputError where there is none, or its weights or what is known of its images are lost */
export async function readTrained(
  command: string,
  prefix: string | undefined,
  out: string | undefined,
): Promise<FoundModel> {
  const { directory, cell, plan, stored } = await findCell(command, prefix, out);
  if (!stored) throw new InputError(`${cell.id} has no record of a finished training; npm run sweep makes it`);
  const images = imagesOf(stored, plan);
  if (!images)
    throw new InputError(
      `${cell.id}: ${directory.folder} does not say what the images of "${stored.dataset}" are like, as its plan is lost; npm run sweep writes it again`,
    );
  const weights = await directory.readWeights(stored);
  return { record: stored, images, weights, plan };
}
