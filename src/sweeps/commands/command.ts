/** What every subcommand is, and how it reads its options. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { InputError } from "../../core/input-error.js";
import type { OutputStream } from "../progress.js";

export interface Streams {
  stdout: OutputStream;
  stderr: OutputStream;
}

export interface Command {
  /** Printed by --help. */
  help: string;
  /** @returns the exit code @throws InputError on wrong usage or input */
  run(args: string[], streams: Streams): Promise<number>;
}

type OptionTypes = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads options and at most `positionals` words.
 * @param command the npm script's name, for messages
 */
export function parseOptions<T extends OptionTypes>(command: string, args: string[], options: T, positionals: number) {
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw optionError(command, error as NodeJS.ErrnoException, options);
  }
  if (parsed.positionals.length > positionals)
    throw new InputError(`${command}: got the extra word "${parsed.positionals[positionals]}"; ${helpHint(command)}`);
  for (const [name, value] of Object.entries(parsed.values))
    if (value === "") throw new InputError(`${command}: --${name} got no value; ${helpHint(command)}`);
  return parsed;
}

function optionError(command: string, { code, message }: NodeJS.ErrnoException, options: OptionTypes): Error {
  const name = /'(-[^'\s]*)/.exec(message)?.[1] ?? "an option";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION")
    return new InputError(`${command}: unknown option ${name}, expected one of ${Object.keys(options).map((known) => `--${known}`).join(" ")}; ${helpHint(command)}`);
  const takesValue = options[name.replace(/^-+/, "")]?.type === "string";
  return new InputError(`${command}: ${name} ${takesValue ? "got no value, expected one" : "got a value, expected none"}; ${helpHint(command)}`);
}

function helpHint(command: string): string {
  return `npm run ${command} -- --help explains`;
}

/** A whole number from the command line; undefined where the option was not given. */
export function wholeNumber(option: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new InputError(`--${option}: got "${text}", expected a whole number from ${min} to ${max}`);
  return value;
}

/** A comma-separated list of whole numbers. */
export function wholeNumbers(option: string, text: string | undefined, min: number, max: number): number[] | undefined {
  const values = text?.split(",").map((part) => wholeNumber(option, part.trim(), min, max) as number);
  if (values && new Set(values).size < values.length) throw new InputError(`--${option}: got "${text}", expected each number once`);
  return values;
}

/** One of a few words. */
export function oneOf<T extends string>(option: string, text: string | undefined, words: readonly T[]): T | undefined {
  if (text === undefined || words.includes(text as T)) return text as T | undefined;
  throw new InputError(`--${option}: got "${text}", expected ${words.join(" or ")}`);
}
