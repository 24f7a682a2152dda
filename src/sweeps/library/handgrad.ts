/** What `import … from "handgrad"` gives. What is behind it is loaded when it is first called, so that the import itself costs next to nothing. */
import { createRequire } from "node:module";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import type { DataChoice } from "../data/datasets.js";
import type { DataOptions } from "../spec/data-options.js";
import { asTyped } from "../spec/program.js";
import type { StoredRun } from "../store/stored-run.js";
import type { Config, Spec } from "./spec.js";
import type { SweepOptions, SweepOutcome } from "./sweep.js";
import type { DataLimits, Prediction, StoredModel, TrainedModel, TrainOptions } from "./model.js";

export { InputError } from "../../core/input-error.js";
export type { TrainConfig } from "../../core/config.js";
export type { EpochMetrics } from "../../core/training/result.js";
export type { CellRecord } from "../store/record.js";
export type { SweepEvent } from "./sweep.js";
export type { Config, DataChoice, DataLimits, DataOptions, Dataset, Prediction, Spec, StoredModel, StoredRun };
export type { SweepOptions, SweepOutcome, TrainedModel, TrainOptions };

const require = createRequire(import.meta.url);

/** Commands in it are called as they are typed where the package is installed. */
function reworded(error: unknown): never {
  if (error instanceof InputError) error.message = asTyped(error.message);
  throw error;
}

/**
 * The spec itself, with its type, and checked at once.
 * @throws InputError, one line, where it is none
 */
export function defineSweep(spec: Spec): Spec {
  try {
    (require("./spec.js") as typeof import("./spec.js")).checkedSpec(spec, "spec");
    return spec;
  } catch (error) {
    return reworded(error);
  }
}

/**
 * Trains all cells of a sweep that have no record yet, several at a time, and writes their records and the run's page. Prints
 * nothing and handles no signals of the process.
 * @param spec a spec, or the name of a sweep that comes with the package, such as "smoke"
 * @returns the records of all cells, of failed ones too; an abort keeps what is finished
 * @throws InputError, one line, where spec, data, options or run directory cannot be used
 */
export async function runSweep(spec: Spec | string, options: SweepOptions = {}): Promise<SweepOutcome> {
  const { runSweep } = await import("./sweep.js");
  return runSweep(spec, options).catch(reworded);
}

/**
 * Trains one cell in a thread of its own, to the bits of a sweep's cell.
 * @returns its record and its weights; a training that diverged has them, too
 * @throws InputError where config and data do not fit; Error where the training failed; the signal's reason once it is aborted
 */
export async function train(config: Config, dataset: Dataset, options: TrainOptions = {}): Promise<TrainedModel> {
  const { train } = await import("./model.js");
  return train(config, dataset, options).catch(reworded);
}

/**
 * Loads a data set: "fashion-mnist" (downloaded into data/fashion-mnist of the working directory, where it is not at hand),
 * "synthetic", "auto" (the first, or else the second: its `name` says which), or images in a folder.
 * @throws InputError where it cannot be had
 */
export async function loadDataset(data: DataChoice | DataOptions, options: DataLimits = {}): Promise<Dataset> {
  const { loadData } = await import("./model.js");
  return loadData(data, options).catch(reworded);
}

/**
 * The records of a run directory, of all cells of its last sweep, and what is missing or damaged.
 * @throws InputError where no sweep was run there
 */
export async function readRecords(runDirectory: string): Promise<StoredRun> {
  const [{ RunDirectory }, { readStoredRun }, { checkArgument }] = await Promise.all([
    import("../store/run-directory.js"),
    import("../store/stored-run.js"),
    import("./arguments.js"),
  ]);
  checkArgument("readRecords", runDirectory, "string", "the path of a run directory");
  return readStoredRun(new RunDirectory(runDirectory), false).catch(reworded);
}

/**
 * Asks a trained network about images, on the thread that calls.
 * @param images bytes of one image or of several one after the other, or a list of such: row by row, as in a data set
 * @returns an answer for each image, in order
 * @throws InputError where there is no such model, or the images are of another size
 */
export async function predict(
  model: TrainedModel | StoredModel,
  images: Uint8Array | readonly Uint8Array[],
): Promise<Prediction[]> {
  const { predict } = await import("./model.js");
  return predict(model, images).catch(reworded);
}
