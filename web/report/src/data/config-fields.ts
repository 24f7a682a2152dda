/** In what configs differ, and models and optimizers in words. */
import { configFields, type FieldValue } from "../../../../src/core/config-fields.js";
import { familyOf, type ModelSpec } from "../../../../src/core/models/table.js";
import { OPTIMIZERS, type OptimizerSpec } from "../../../../src/core/optimizers/table.js";

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

/** What words there are for a model: none for a family of a later version, whose records may stand in the data. */
const knownFamily = (model: ModelSpec): ReturnType<typeof familyOf<ModelSpec>> | undefined => familyOf(model);

/** MLP, CNN, ResNet, or network “wide” of a list of layers with that name: a word that can follow "the". */
export const modelWord = (model: ModelSpec): string =>
  model.kind === "layers" ? `network “${model.name}”` : (knownFamily(model)?.word(model) ?? String(model.kind));

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
