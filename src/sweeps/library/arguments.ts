/** Checks what a program passes beside a spec or a config, where no compiler did. */
import type { Dataset, Samples } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { stringify } from "../../core/json-text.js";
import { bytesOf } from "../../core/kernels/shape.js";
import { count } from "../../core/numeric/words.js";
import { didYouMean } from "../spec/closest.js";

type Kind = "string" | "number" | "boolean" | "function" | "object";

/** Each option with what `typeof` says of it. */
export type Kinds<Options> = { [Name in keyof Required<Options>]: Kind | readonly Kind[] };

/** In words: "nothing", "a number". */
export const typeWords = (value: unknown): string =>
  value === undefined || value === null
    ? "nothing"
    : ArrayBuffer.isView(value)
      ? `a ${value.constructor.name}`
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`;

/** @param call the function, for messages @throws InputError where an argument is of another type */
export function checkArgument(call: string, value: unknown, kinds: Kind | readonly Kind[], expected: string): void {
  if (value === null || ![kinds].flat().includes(typeof value as Kind))
    throw new InputError(`${call}: got ${typeWords(value)}, expected ${expected}`);
}

/** @throws InputError where there is no such option, or its value is of another type */
export function checkOptions<Options extends object>(call: string, options: Options, kinds: Kinds<Options>): void {
  checkArgument(call, options, "object", "options as an object");
  const known = Object.keys(kinds);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name))
      throw new InputError(
        `${call}: no such option "${name}", expected one of ${known.join(", ")}${didYouMean(name, known)}`,
      );
    const kind = kinds[name as keyof Options];
    if (value !== undefined)
      checkArgument(
        name,
        value,
        kind,
        [kind]
          .flat()
          .map((one) => (one === "object" ? "an object" : `a ${one}`))
          .join(" or "),
      );
  }
}

/** @throws InputError where it is no data set: a program may have made it itself */
export function checkDataset(call: string, dataset: Dataset): void {
  checkArgument(call, dataset, "object", "a data set, as loadDataset gives it");
  const check = (right: boolean, part: string, value: unknown, expected: string): void => {
    const got = ["number", "string"].includes(typeof value) ? stringify(value) : typeWords(value);
    if (!right) throw new InputError(`${call}: the data set's ${part}: got ${got}, expected ${expected}`);
  };
  const { classNames } = dataset;
  for (const side of ["height", "width", "channels"] as const)
    check(isCount(dataset[side]), side, dataset[side], "a whole number from 1");
  check(typeof dataset.name === "string" && dataset.name !== "", "name", dataset.name, "a text, as records name it");
  check(
    typeof dataset.digest === "string" && /^[0-9a-f]{64}$/.test(dataset.digest),
    "digest",
    dataset.digest,
    "a sha256 as 64 hexadecimal digits",
  );
  const named = Array.isArray(classNames) && Array.from(classNames).every((name) => typeof name === "string");
  check(
    named && classNames.length > 0 && classNames.length <= 256,
    "classNames",
    classNames,
    "a list of up to 256 texts",
  );
  for (const part of ["train", "test"] as const) {
    const samples = (dataset[part] ?? {}) as Partial<Samples>;
    check(isCount(samples.count), `${part}.count`, samples.count, "a whole number from 1");
    const bytes = { images: (samples.count as number) * bytesOf(dataset), labels: samples.count as number };
    for (const [name, length] of Object.entries(bytes)) {
      const values = samples[name as keyof typeof bytes];
      check(values instanceof Uint8Array, `${part}.${name}`, values, "a Uint8Array");
      check(values?.length === length, `${part}.${name}.length`, values?.length, `${count(length)} bytes`);
    }
    const beyond = (samples.labels as Uint8Array).find((label) => label >= classNames.length);
    check(beyond === undefined, `${part}.labels`, beyond, `labels below its number of classes, ${classNames.length}`);
  }
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
