/** A record as the page sees it: its names among the other cells, and the figures that tables sort by. */
import { canonicalJson } from "../../../../src/core/json-text.js";
import { heldOut, heldOutSplit } from "../../../../src/core/training/held-out.js";
import type { EvaluatedSplit } from "../../../../src/core/data/splits.js";
import type { CellPlace, Role } from "../../../../src/sweeps/spec/place.js";
import type { CellRecord } from "../../../../src/sweeps/store/record.js";
import { configFields, type FieldValue } from "../../../../src/core/config-fields.js";
import { modelInFull, modelWord, optimizerShort, optimizerWord } from "./config-fields.js";
import type { Judge } from "./judge.js";
import { outcomeOf, type Outcome } from "./outcome.js";

/** A row of the learning curve, held-out figures under one name whatever split they are of. */
export interface CurveRow {
  epoch: number;
  trainLoss: number;
  trainAccuracy: number;
  heldOutLoss: number;
  heldOutAccuracy: number;
}

export interface CellView {
  id: string;
  record: CellRecord;
  /** How it ended: its status, or "collapsed" where the network answers one class whatever it sees. */
  outcome: Outcome;
  /** Which split the curve's held-out figures are of: "test", or "validation" where training images were held out. */
  heldOut: EvaluatedSplit;
  /** The images of that split. */
  judge: Judge;
  /** What the cell is ranked by: its accuracy on them after the last epoch; NaN of one that was stopped before. */
  judged: number;
  curve: CurveRow[];
  /** The cell's place in its sweep, such as one of a bonus sweep's. */
  role?: Role;
  label?: string;
  fields: Map<string, FieldValue>;
  /** Shortest name that tells the model from the sweep's others. */
  model: string;
  modelKind: string;
  modelKey: string;
  optimizer: string;
  /** SGD, Nesterov, Adam, whatever their settings. */
  optimizerWord: string;
  optimizerKind: string;
  permutation: number;
  seed: number;
  /** Equal for cells that differ in nothing but the seed. */
  variantKey: string;
  /** Equal for cells that differ in nothing but seed and permutation. */
  recipeKey: string;
  /** The cell's label, or else optimizer and whatever else varies, without model, permutation and seed. */
  recipe: string;
  /** Figures of the last recorded epoch; of a cell with validation curves, test figures are of its one reading of the test set. */
  metrics: Record<MetricName, number>;
}

export const METRIC_NAMES = [
  "testAccuracy",
  "bestTestAccuracy",
  "validationAccuracy",
  "bestEpoch",
  "trainAccuracy",
  "gap",
  "testLoss",
  "trainLoss",
  "parameters",
  "epochs",
  "seconds",
  "samplesPerSecond",
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** The metrics that these cells have: no validation accuracy where no cell held out training images. */
export function metricsOfCells(cells: readonly CellView[]): MetricName[] {
  const validated = cells.some((cell) => cell.heldOut === "validation");
  return METRIC_NAMES.filter((name) => validated || name !== "validationAccuracy");
}

/** Images in the test set of FashionMNIST and of its stand-in: what a record without limit and confusion matrix was judged by. */
const TEST_IMAGES = 10_000;

/** Number of test images that a cell was judged by. */
export function testImages({ confusion, config }: CellRecord): number {
  const counted = confusion.flat().reduce((sum, n) => sum + n, 0);
  return counted || (config.testLimit ?? TEST_IMAGES);
}

/** What the cells' held-out figures are of, in a word. */
export function heldOutWord(cells: readonly CellView[]): string {
  const splits = new Set(cells.map((cell) => cell.heldOut));
  return splits.size > 1 ? "held-out" : splits.has("validation") ? "validation" : "test";
}

function curveRows(record: CellRecord): CurveRow[] {
  return record.curve.map((row) => {
    const { loss, accuracy } = heldOut(row);
    return {
      epoch: row.epoch,
      trainLoss: row.trainLoss,
      trainAccuracy: row.trainAccuracy,
      heldOutLoss: loss,
      heldOutAccuracy: accuracy,
    };
  });
}

function metricsOf(record: CellRecord, curve: readonly CurveRow[], split: EvaluatedSplit): Record<MetricName, number> {
  const last = curve.at(-1);
  let best = NaN;
  let bestEpoch = NaN;
  for (const row of curve)
    if (Number.isFinite(row.heldOutAccuracy) && !(row.heldOutAccuracy <= best)) {
      best = row.heldOutAccuracy;
      bestEpoch = row.epoch;
    }
  const held = { loss: last?.heldOutLoss ?? NaN, accuracy: last?.heldOutAccuracy ?? NaN };
  const test = split === "test" ? held : (record.test ?? { loss: NaN, accuracy: NaN });
  return {
    testAccuracy: test.accuracy,
    bestTestAccuracy: split === "test" ? best : test.accuracy,
    validationAccuracy: split === "test" ? NaN : held.accuracy,
    bestEpoch,
    trainAccuracy: last?.trainAccuracy ?? NaN,
    gap: last ? last.trainAccuracy - held.accuracy : NaN,
    testLoss: test.loss,
    trainLoss: last?.trainLoss ?? NaN,
    parameters: record.parameters,
    epochs: record.curve.length,
    seconds: record.run?.seconds ?? NaN,
    samplesPerSecond: record.run?.samplesPerSecond ?? NaN,
  };
}

/** Groups items by a key, groups in order of first appearance. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/** Names of config fields that take more than one value among the cells (a missing field counts as one). */
export function varyingFields(fieldMaps: readonly Map<string, FieldValue>[]): string[] {
  const values = new Map<string, Set<FieldValue | undefined>>();
  for (const fields of fieldMaps) for (const name of fields.keys()) if (!values.has(name)) values.set(name, new Set());
  for (const [name, set] of values) for (const fields of fieldMaps) set.add(fields.get(name));
  return [...values].filter(([, set]) => set.size > 1).map(([name]) => name);
}

/**
 * All records as cells, named so that different models and optimizers read differently.
 * @param places the cells' places in their sweep, by id
 */
export function viewCells(
  records: readonly CellRecord[],
  places: Readonly<Record<string, CellPlace>> = {},
): CellView[] {
  const fieldMaps = records.map((record) => configFields(record.config));
  const varying = varyingFields(fieldMaps);
  const extra = varying.filter((name) => !/^(model|optimizer)\.|^(seed|permutation)$/.test(name));
  const modelKeys = records.map(({ config }) => canonicalJson(config.model));
  const models = groupBy(
    [...new Map(records.map(({ config }, i) => [modelKeys[i], config.model])).values()],
    modelWord,
  );
  const settings = new Map(
    [...groupBy(fieldMaps, (fields) => String(fields.get("optimizer.kind")))].map(([kind, group]) => [
      kind,
      varyingFields(group).filter((name) => name.startsWith("optimizer.")),
    ]),
  );
  return records.map((record, i) => {
    const { model, optimizer, seed, permutation, ...rest } = record.config;
    const ambiguousModel = (models.get(modelWord(model))?.length ?? 0) > 1;
    const optimizerName = optimizerShort(optimizer, settings.get(optimizer.kind) ?? []);
    const extras = extra
      .filter((name) => fieldMaps[i].has(name))
      .map((name) => `${name} ${String(fieldMaps[i].get(name))}`);
    const recipeKey = `${modelKeys[i]} ${canonicalJson({ optimizer, rest })}`;
    const split = heldOutSplit(record.config);
    const curve = curveRows(record);
    const place = Object.hasOwn(places, record.id) ? places[record.id] : {};
    return {
      id: record.id,
      record,
      outcome: outcomeOf(record),
      heldOut: split,
      judge: { split, images: record.config.validation ?? testImages(record) },
      judged: record.status === "stopped" ? NaN : (curve.at(-1)?.heldOutAccuracy ?? NaN),
      curve,
      role: place.role,
      label: place.label,
      fields: fieldMaps[i],
      model: ambiguousModel ? modelInFull(model) : modelWord(model),
      modelKind: model.kind,
      modelKey: modelKeys[i],
      optimizer: optimizerName,
      optimizerWord: optimizerWord(optimizer),
      optimizerKind: optimizer.kind,
      permutation,
      seed,
      variantKey: `${permutation} ${recipeKey}`,
      recipeKey,
      recipe: place.label ?? [optimizerName, ...extras].join(", "),
      metrics: metricsOf(record, curve, split),
    };
  });
}
