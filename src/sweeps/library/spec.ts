/** A sweep's spec as a program writes it: typed field by field, and checked as a file is. */
import type { z } from "zod";
import type { TrainConfigInput } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import type { DataChoice } from "../data/datasets.js";
import { specChoice } from "../run/spec-choice.js";
import type { DataOptions } from "../spec/data-options.js";
import { specFault } from "../spec/fault.js";
import { expandGrid } from "../spec/grid.js";
import { parseJson, type JsonValue } from "../spec/json.js";
import type { When } from "../spec/search.js";
import type { SpecPath } from "../spec/spec-text.js";
import { checkSpec, type specSchema, type SweepSpec } from "../spec/spec.js";
import { typeWords } from "./arguments.js";

/** As specs write a value: the word for a kind stands for the object of that kind, null for a field that is absent. */
type Written<T> = T extends { kind: infer Kind }
  ? Kind | { [Field in keyof T]: Written<T[Field]> }
  : T extends readonly (infer Item)[]
    ? readonly Written<Item>[]
    : T;

/** A dotted path into a field, such as "optimizer.lr". */
type Path = `${keyof TrainConfigInput}.${string}`;

/** Fields of a cell's config, whole or by dotted path. */
export type Config = { [Field in keyof TrainConfigInput]?: Written<TrainConfigInput[Field]> | null } & {
  [path in Path]?: JsonValue;
};

/** What a spec and a variant have beside that. */
type Rest<T> = { [Field in keyof T as Exclude<Field, "data" | "base" | "axes" | "variants" | "set">]: T[Field] };
type SpecRest = Rest<z.input<typeof specSchema>>;
type VariantRest = Rest<NonNullable<z.input<typeof specSchema>["variants"]>[number]>;
/** A list of values, or what they are drawn from; and the cells in which the axis counts. */
type AxisOf<Value> =
  | readonly Value[]
  | ({ when?: When } & (
      | { values: readonly Value[] }
      | { choice: readonly Value[] }
      | { uniform: [number, number] }
      | { logUniform: [number, number] }
    ));
type Axes = { [Field in keyof Config]?: AxisOf<Config[Field] | null> };

/** A sweep: docs/config.md has every field. */
export type Spec = SpecRest & {
  data?: DataChoice | DataOptions;
  base?: Config;
  axes?: Axes;
  variants?: (VariantRest & { set?: Config; axes?: Axes })[];
};

/** The value as a file would hold it: without what is undefined. @throws InputError where no file could */
function asJson(value: unknown, source: string): JsonValue {
  /** Of each object and list, where it stands. */
  const places = new Map<unknown, SpecPath>();
  const refuse = function (this: unknown, key: string, item: unknown): unknown {
    const whole = places.get(this);
    const place = whole ? [...whole, Array.isArray(this) ? Number(key) : key] : [];
    if (typeof item === "object") places.set(item, place);
    const isForeign = ["function", "symbol", "bigint"].includes(typeof item);
    if (!isForeign && !(typeof item === "number" && !Number.isFinite(item))) return item;
    const got = isForeign ? typeWords(item) : String(item);
    throw specFault({}, source, place, `got ${got}, expected a finite number, or another value that JSON has`);
  };
  try {
    return parseJson(JSON.stringify(value, refuse) ?? "null", source);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const [reason] = (error as Error).message.split("\n");
    throw specFault({}, source, [], `${reason}; expected what JSON can hold`);
  }
}

/** @param source names the spec in errors @returns a copy @throws InputError where it is none, or a cell of it is no valid config */
export function checkedSpec(spec: unknown, source: string): SweepSpec {
  const checked = checkSpec(spec === undefined ? spec : asJson(spec, source), source);
  specChoice(checked, source);
  expandGrid(checked, source);
  return checked;
}
