/** A config as flat fields with dotted names, so that any field of any sweep can be a column of a table or an axis of the explorer. */
import type { TrainConfig } from "./config.js";

export type FieldValue = string | number;

/** Every field of a config, or of a part of one: `optimizer.lr` → 0.01, `model.hidden` → "100-100", a list of layers in words. */
export function configFields(config: TrainConfig | TrainConfig["optimizer"]): Map<string, FieldValue> {
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

function itemText(item: unknown): string {
  if (item === null || typeof item !== "object") return String(item);
  return Object.values(item)
    .map((value) => (Array.isArray(value) ? `(${value.map(itemText).join(" · ")})` : String(value)))
    .join(" ");
}
