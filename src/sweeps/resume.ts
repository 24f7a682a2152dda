/** Which checkpoint a cell may go on from. */
import type { Dataset } from "../core/dataset.js";
import { countParameters } from "../core/network.js";
import { stateCount } from "../core/optimizers/optimizer.js";
import { countStatistics } from "../core/running-statistics.js";
import { ENGINE_VERSION } from "../core/version.js";
import type { Checkpoint } from "./checkpoint.js";
import type { PlannedCell } from "./plan.js";
import type { RunDirectory } from "./run-directory.js";

/** The cell's checkpoint, if it has one that fits; otherwise `note` is told why not, in one line. */
export async function checkpointToResume(directory: RunDirectory, cell: PlannedCell, dataset: Dataset, note: (line: string) => void): Promise<Checkpoint | undefined> {
  const found = await directory.readCheckpoint(cell.id);
  if (found.kind === "none") return undefined;
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
function misfit({ engineVersion, dataDigest, state }: Checkpoint, { config }: PlannedCell, dataset: Dataset): string | undefined {
  if (engineVersion !== ENGINE_VERSION) return `its checkpoint is of engine version ${engineVersion}, this is ${ENGINE_VERSION}`;
  if (dataDigest !== dataset.digest) return "its checkpoint is of other data";
  const shape = [config.model, dataset.height, dataset.width, dataset.classNames.length] as const;
  const parameters = countParameters(...shape);
  const running = countStatistics(...shape);
  const { epoch, curve, weights, optimizer, statistics, average } = state;
  const fits =
    weights.length === parameters &&
    optimizer.length === parameters * stateCount(config.optimizer) &&
    (statistics?.length ?? 0) === running &&
    (average?.length ?? 0) === (config.weightAverage === undefined ? 0 : parameters + running) &&
    epoch <= config.epochs &&
    curve.length === epoch &&
    curve.every((metrics, i) => metrics.epoch === i + 1);
  return fits ? undefined : "its checkpoint does not fit the cell's model";
}
