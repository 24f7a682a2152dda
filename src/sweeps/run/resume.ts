/** Which checkpoint a cell may go on from. */
import type { Dataset } from "../../core/data/dataset.js";
import { trainingCount } from "../../core/data/splits.js";
import { cellBlueprint } from "../../core/training/build.js";
import { stateMisfit } from "../../core/training/state-fit.js";
import { canonicalJson } from "../../core/json-text.js";
import { ENGINE_VERSION } from "../../core/version.js";
import type { Checkpoint } from "../store/checkpoint.js";
import type { PlannedCell } from "./plan.js";
import type { StoredCheckpoint } from "../store/cell-folders.js";
import type { RunDirectory } from "../store/run-directory.js";

/** The cell's checkpoint, if it has one that fits; otherwise `note` is told why not, in one line. */
export async function checkpointToResume(
  directory: RunDirectory,
  cell: PlannedCell,
  dataset: Dataset,
  note: (line: string) => void,
): Promise<Checkpoint | undefined> {
  const found = await directory.readCheckpoint(cell.id);
  return found.kind === "none" ? undefined : fittingCheckpoint(found, cell, dataset, note);
}

/** A checkpoint that was found, if it fits the cell; `note` is told, in one line, after which epoch training goes on, or why it does not. */
export function fittingCheckpoint(
  found: Exclude<StoredCheckpoint, { kind: "none" }>,
  cell: PlannedCell,
  dataset: Dataset,
  note: (line: string) => void,
): Checkpoint | undefined {
  const reason = found.kind === "damaged" ? found.reason : misfit(found.checkpoint, cell, dataset);
  if (found.kind === "damaged" || reason !== undefined) {
    note(`${reason}; training from the start`);
    return undefined;
  }
  const { state } = found.checkpoint;
  note(`going on after epoch ${state.epoch} of ${cell.config.epochs}`);
  return found.checkpoint;
}

/** Why training must not go on from this checkpoint; undefined where it may. */
function misfit(
  { config: trained, engineVersion, dataDigest, state }: Checkpoint,
  { config }: PlannedCell,
  dataset: Dataset,
): string | undefined {
  if (engineVersion !== ENGINE_VERSION)
    return `its checkpoint is of engine version ${engineVersion}, this is ${ENGINE_VERSION}`;
  if (dataDigest !== dataset.digest) return "its checkpoint is of other data";
  if (canonicalJson(trained) !== canonicalJson(config)) return "its checkpoint is of another cell with the same id";
  const { parameters, statisticsFloats } = cellBlueprint(config, dataset);
  const sizes = { parameters, statistics: statisticsFloats, samples: trainingCount(config, dataset) };
  const reason = stateMisfit(state, config, sizes);
  return reason && `its checkpoint does not fit the cell (${reason})`;
}
