/** A config as flat fields with dotted names, so that any field of any sweep can be an axis of the explorer. */
import type { ModelSpec, OptimizerSpec, TrainConfig } from "../../../../src/core/config.js";
import { plural } from "./format.js";

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
    else fields.set(path, typeof value === "number" ? value : String(value));
  };
  visit("", config);
  return fields;
}

/** The fields, seed aside, in which two configs differ, by dotted path. */
export function changedFields(a: ReadonlyMap<string, FieldValue>, b: ReadonlyMap<string, FieldValue>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => name !== "seed" && a.get(name) !== b.get(name));
}

/** Of changed fields those that others do not follow from: where an object's kind is changed, such as the optimizer's, its kind alone. */
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

/** JSON with sorted keys: equal configs give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object")
    return `{${Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`)
      .join(",")}}`;
  return JSON.stringify(value) ?? "null";
}

const OPTIMIZER_NAMES: Record<string, string> = { sgd: "SGD", nesterov: "Nesterov", adam: "Adam", muon: "Muon" };

/** MLP, CNN, ResNet, or the name of a list of layers. */
export function modelWord(model: ModelSpec): string {
  if (model.kind === "resnet") return "ResNet";
  return model.kind === "layers" ? model.name : model.kind.toUpperCase();
}

/** MLP 100-100, CNN 16-32-64, ResNet of width 32, dropout 0.1. */
export function modelInFull(model: ModelSpec): string {
  if (model.kind === "mlp")
    return model.hidden.length > 0 ? `MLP ${model.hidden.join("-")}` : "MLP without hidden layer";
  if (model.kind === "cnn") return `CNN ${model.channels.join("-")}`;
  return model.kind === "layers" ? model.name : `ResNet of width ${model.width}${residualDetails(model)}`;
}

/** In what a residual network differs from the plain one. */
function residualDetails({
  blocks,
  padded,
  residual,
  batchNorm,
  activation,
  globalPool,
  dropout,
}: ModelSpec & { kind: "resnet" }): string {
  const details = [
    blocks === undefined ? "" : `${plural(blocks, "block")} a size`,
    padded ? "padded" : "",
    residual ? "" : "without skips",
    batchNorm ? "" : "without batch normalisation",
    activation === "relu" ? "" : activation === "silu" ? "SiLU" : "GELU",
    globalPool === "max" ? "" : "average-pooled",
    dropout === 0 ? "" : `dropout ${dropout}`,
  ].filter((detail) => detail !== "");
  return details.map((detail) => `, ${detail}`).join("");
}

export function optimizerWord(optimizer: OptimizerSpec): string {
  return OPTIMIZER_NAMES[optimizer.kind] ?? String(optimizer.kind);
}

/** "lr 0.1"; of a setting within another, "others lr 0.1". */
const setting = ([path, value]: [string, FieldValue]): string => `${path.replace(".", " ")} ${value}`;

/** The optimizer with those settings only that tell it from its like, such as "SGD, lr 0.1". */
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
