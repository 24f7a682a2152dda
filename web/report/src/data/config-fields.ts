/** A config as flat fields with dotted names, so that any field of any sweep can be an axis of the explorer. */
import type { TrainConfig } from "../../../../src/core/config.js";
import { familyOf, type ModelSpec } from "../../../../src/core/models/table.js";
import { OPTIMIZERS, type OptimizerSpec } from "../../../../src/core/optimizers/table.js";

export type FieldValue = string | number;

/** Every field of a config, or of a part of one: `optimizer.lr` → 0.01, `model.hidden` → "100-100", a list of layers in words. */
export function configFields(config: TrainConfig | OptimizerSpec): Map<string, FieldValue> {
  const fields = new Map<string, FieldValue>();
  const visit = (path: string, value: unknown): void => {
    if (value === undefined) return;
    if (Array.isArray(value))
      fields.set(path, value.map(itemText).join(value.every((v) => typeof v === "number") ? "-" : " · "));
    else if (value !== null && typeof value === "object")
      for (const [key, inner] of Object.entries(value)) visit(path ? `${path}.${key}` : key, inner);
    else fields.set(path, typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value));
  };
  visit("", config);
  return fields;
}

/** The fields, seed aside, in which two configs differ, by dotted path. */
export function changedFields(a: ReadonlyMap<string, FieldValue>, b: ReadonlyMap<string, FieldValue>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => name !== "seed" && a.get(name) !== b.get(name));
}

/** The changed fields without those that follow from another: where an object's kind changes, such as the optimizer's, only the kind is kept. */
export function decidingFields(changed: readonly string[]): string[] {
  return changed.filter((name) => {
    const kind = `${name.split(".")[0]}.kind`;
    return name === kind || !changed.includes(kind);
  });
}

function itemText(item: unknown): string {
  if (item === null || typeof item !== "object") return String(item);
  return Object.values(item)
    .map((value) => (Array.isArray(value) ? `(${value.map(itemText).join(" · ")})` : String(value)))
    .join(" ");
}

/** What words there are for a model: none for a family of a later version, whose records may stand in the data. */
const knownFamily = (model: ModelSpec): ReturnType<typeof familyOf<ModelSpec>> | undefined => familyOf(model);

/** MLP, CNN, ResNet, or the name of a list of layers. */
export const modelWord = (model: ModelSpec): string => knownFamily(model)?.word(model) ?? String(model.kind);

/** MLP 100-100, CNN 16-32-64, ResNet of width 32, dropout 0.1. */
export const modelInFull = (model: ModelSpec): string => knownFamily(model)?.inFull(model) ?? String(model.kind);

export const optimizerWord = ({ kind }: OptimizerSpec): string =>
  (OPTIMIZERS as Partial<typeof OPTIMIZERS>)[kind]?.word ?? String(kind);

/** "lr 0.1"; of a setting within another, "others lr 0.1". */
const setting = ([path, value]: [string, FieldValue]): string => `${path.replace(".", " ")} ${value}`;

/** The optimizer with only the settings that are named, such as "SGD, lr 0.1". @param telling dotted fields that differ among its kind */
export function optimizerShort(optimizer: OptimizerSpec, telling: readonly string[]): string {
  const settings = [...configFields(optimizer)].filter(([key]) => telling.includes(`optimizer.${key}`));
  return [optimizerWord(optimizer), ...settings.map(setting)].join(", ");
}

/** Nesterov (lr 0.01, momentum 0.9). */
export function optimizerInFull(optimizer: OptimizerSpec): string {
  const parts = [...configFields(optimizer)]
    .filter(([key, value]) => key !== "kind" && !(key === "momentum" && value === 0) && !/^(beta\d|epsilon)$/.test(key))
    .map(setting);
  return `${optimizerWord(optimizer)} (${parts.join(", ")})`;
}
