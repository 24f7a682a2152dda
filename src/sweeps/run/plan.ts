/** Which cells a sweep consists of: the grid with ids and costs, checked against the data. */
import { checkAugment } from "../../core/augment/augmentation.js";
import type { TrainConfig } from "../../core/config.js";
import { count as words } from "../../core/numeric/words.js";
import { largest } from "../../core/numeric/extremes.js";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { checkShift } from "../../core/network/views.js";
import { cellBlueprint } from "../../core/training/build.js";
import { checkPatience } from "../../core/training/patience.js";
import { checkNormalisation } from "../../core/training/normalisation.js";
import { splitSamples, trainingCount } from "../../core/data/splits.js";
import { cellId } from "../spec/cell-id.js";
import { specFault } from "../spec/fault.js";
import { expandCells, whereSet, type GridCell } from "../spec/grid.js";
import type { SweepSpec } from "../spec/spec.js";

export interface PlannedCell extends GridCell {
  id: string;
}

/** All cells of a spec on a data set, sorted by id. @throws InputError where the spec or a model does not fit */
export function planCells(spec: SweepSpec, dataset: Dataset, source: string): PlannedCell[] {
  const cells: PlannedCell[] = expandCells(spec, source).map((cell) => ({
    id: cellId(cell.config, dataset.digest),
    ...cell,
  }));
  cells.sort((a, b) => (a.id < b.id ? -1 : 1));
  cells.forEach(({ id, config }, i) => {
    if (i > 0 && cells[i - 1].id === id)
      throw new InputError(`${source}: two cells got the same id ${id}; change an axis value of one`);
    const misfit = misfitOf(config, dataset);
    if (misfit === undefined) return;
    const [, field, reason] = /^([\w.]+): (.*)$/s.exec(misfit) ?? [];
    throw specFault(spec, source, field ? whereSet(spec, config, field) : [], reason ?? misfit);
  });
  return cells;
}

/** @param source names the cell in errors @throws InputError where a cell cannot be trained on the data */
export function checkCell(config: TrainConfig, dataset: Dataset, source: string): void {
  const misfit = misfitOf(config, dataset);
  if (misfit !== undefined) throw new InputError(`${source}: ${misfit}`);
}

/** Why a cell cannot be trained on the data, as `field: reason`; undefined where it can. */
function misfitOf(config: TrainConfig, dataset: Dataset): string | undefined {
  try {
    splitSamples(config, dataset);
    checkPatience(config);
    if (config.augment) checkAugment(config.augment, dataset);
    checkShift(config.evaluateShifted ?? 0, dataset);
    checkNormalisation(config, dataset, cellBlueprint(config, dataset));
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** How many samples the data must have for every cell of a spec: undefined where a cell wants all. */
export function sampleLimits(configs: TrainConfig[]): { trainLimit?: number; testLimit?: number } {
  const needed = (limits: (number | undefined)[]): number | undefined =>
    limits.some((limit) => limit === undefined) ? undefined : largest(limits as number[]);
  return {
    trainLimit: needed(configs.map((config) => config.trainLimit)),
    testLimit: needed(configs.map((config) => config.testLimit)),
  };
}

/** A line on classes that cells never train on, as where images are sorted by class; undefined where there are none. */
export function missingClasses(configs: TrainConfig[], dataset: Dataset): string | undefined {
  const there = new Set(dataset.train.labels);
  for (const [count, config] of new Map(configs.map((config) => [trainingCount(config, dataset), config]))) {
    const seen = new Set(dataset.train.labels.subarray(0, count));
    if (config.trainLimit === undefined && config.validation === undefined) continue;
    const missing = [...there].filter((label) => !seen.has(label)).map((label) => dataset.classNames[label]);
    if (missing.length > 0)
      return `The first ${words(count)} training images, on which cells train, have none of ${missing.length === 1 ? "one class" : `${missing.length} classes`} (${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", …" : ""}): shuffle the images, or leave out trainLimit and validation.`;
  }
  return undefined;
}
