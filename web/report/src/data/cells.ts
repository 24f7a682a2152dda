/** A record as the page sees it: its names among the other cells, and the figures that tables sort by. */
import type { CellRecord } from "../../../../src/sweeps/record.js";
import { canonical, configFields, modelInFull, modelWord, optimizerShort, optimizerWord, type FieldValue } from "./config-fields.js";

export interface CellView {
  id: string;
  record: CellRecord;
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
  /** Optimizer and whatever else varies, without model, permutation and seed. */
  recipe: string;
  /** Figures of the last recorded epoch. */
  metrics: Record<MetricName, number>;
}

export const METRIC_NAMES = [
  "testAccuracy", "bestTestAccuracy", "bestEpoch", "trainAccuracy", "gap", "testLoss", "trainLoss",
  "parameters", "epochs", "seconds", "samplesPerSecond",
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

function metricsOf(record: CellRecord): Record<MetricName, number> {
  const last = record.curve.at(-1);
  let best = NaN;
  let bestEpoch = NaN;
  for (const row of record.curve)
    if (Number.isFinite(row.testAccuracy) && !(row.testAccuracy <= best)) {
      best = row.testAccuracy;
      bestEpoch = row.epoch;
    }
  return {
    testAccuracy: last?.testAccuracy ?? NaN,
    bestTestAccuracy: best,
    bestEpoch,
    trainAccuracy: last?.trainAccuracy ?? NaN,
    gap: last ? last.trainAccuracy - last.testAccuracy : NaN,
    testLoss: last?.testLoss ?? NaN,
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

/** All records as cells, named so that different models and optimizers read differently. */
export function viewCells(records: readonly CellRecord[]): CellView[] {
  const fieldMaps = records.map((record) => configFields(record.config));
  const varying = varyingFields(fieldMaps);
  const extra = varying.filter((name) => !/^(model|optimizer)\.|^(seed|permutation)$/.test(name));
  const specsByWord = (word: (r: CellRecord) => string, spec: (r: CellRecord) => unknown): Map<string, Set<string>> => {
    const specs = new Map<string, Set<string>>();
    for (const record of records) {
      const name = word(record);
      specs.set(name, (specs.get(name) ?? new Set()).add(canonical(spec(record))));
    }
    return specs;
  };
  const models = specsByWord((r) => modelWord(r.config.model), (r) => r.config.model);
  const settings = new Map([...groupBy(fieldMaps, (fields) => String(fields.get("optimizer.kind")))].map(([kind, group]) => [kind, varyingFields(group).filter((name) => name.startsWith("optimizer."))]));
  return records.map((record, i) => {
    const { model, optimizer, seed, permutation, ...rest } = record.config;
    const ambiguousModel = (models.get(modelWord(model))?.size ?? 0) > 1;
    const optimizerName = optimizerShort(optimizer, settings.get(optimizer.kind) ?? []);
    const extras = extra.filter((name) => fieldMaps[i].has(name)).map((name) => `${name} ${String(fieldMaps[i].get(name))}`);
    return {
      id: record.id,
      record,
      fields: fieldMaps[i],
      model: ambiguousModel ? modelInFull(model) : modelWord(model),
      modelKind: model.kind,
      modelKey: canonical(model),
      optimizer: optimizerName,
      optimizerWord: optimizerWord(optimizer),
      optimizerKind: optimizer.kind,
      permutation,
      seed,
      variantKey: canonical({ model, optimizer, permutation, rest }),
      recipeKey: canonical({ model, optimizer, rest }),
      recipe: [optimizerName, ...extras].join(", "),
      metrics: metricsOf(record),
    };
  });
}
