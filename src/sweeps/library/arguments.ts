/** Checks what a program passes beside a spec or a config, where no compiler did. */
import { InputError } from "../../core/input-error.js";
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
