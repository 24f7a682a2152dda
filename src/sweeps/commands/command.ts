/** What every subcommand is, and how it reads its options. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import type { TrainConfig } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { MAX_THREADS, usualWorkers } from "../executors/start.js";
import { didYouMean } from "../spec/closest.js";
import { takenByNpm } from "./npm-options.js";

/** Where output goes in the end: the process's streams, or a test's collector. */
export interface RawStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** What a command writes on. Control characters in its text are shown, not obeyed. */
export interface OutputStream {
  write(text: string): unknown;
  /** Where it is a terminal: obeys them. */
  terminal?: RawStream;
}

/** Columns of the terminal; any number on a pipe. */
export const widthOf = ({ terminal }: OutputStream): number => terminal?.columns ?? Infinity;

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
  const taken = takenByNpm(command, args, options);
  if (taken.length > 0)
    throw new InputError(
      `${command}: npm took ${taken.join(" ")} for itself; put -- before: npm run ${command} -- ${taken
        .map((option) => (options[option.slice(2)].type === "string" ? `${option} …` : option))
        .join(" ")}`,
    );
  let parsed;
  try {
    parsed = parseArgs({ args: joinValues(args, options), options, allowPositionals: true, strict: true });
  } catch (error) {
    throw optionError(command, error as NodeJS.ErrnoException, options);
  }
  if (parsed.positionals.length > positionals)
    throw new InputError(`${command}: got the extra word "${parsed.positionals[positionals]}"; ${helpHint(command)}`);
  for (const [name, value] of Object.entries(parsed.values))
    if (value === "") throw new InputError(`${command}: --${name} got no value; ${helpHint(command)}`);
  return parsed;
}

/** `--epochs -1` gives a value, though a wrong one, and sbatch's options are one; to parseArgs they look like options. */
function joinValues(args: string[], options: OptionTypes): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    if (
      (before === "--sbatch" || /^-[\d.]/.test(arg)) &&
      before.startsWith("--") &&
      options[before.slice(2)]?.type === "string"
    )
      joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function optionError(command: string, { code, message }: NodeJS.ErrnoException, options: OptionTypes): Error {
  const name = /'(-[^'\s]*)/.exec(message)?.[1] ?? "an option";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const known = Object.keys(options).map((option) => `--${option}`);
    return new InputError(
      `${command}: unknown option ${name}, expected one of ${known.join(" ")}; ${helpHint(command)}${didYouMean(name, known)}`,
    );
  }
  const takesValue = options[name.replace(/^-+/, "")]?.type === "string";
  return new InputError(
    `${command}: ${name} ${takesValue ? "got no value, expected one" : "got a value, expected none"}; ${helpHint(command)}`,
  );
}

function helpHint(command: string): string {
  return `npm run ${command} -- --help explains`;
}

/** A whole number from the command line; undefined where the option was not given. */
export function wholeNumber(option: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max))
    throw new InputError(`--${option}: got "${text}", expected a whole number from ${min} to ${max}`);
  return value;
}

/** `--threads-per-cell`; 1 where it was not given. */
export function threadsPerCellOf(text: string | undefined): number {
  return wholeNumber("threads-per-cell", text, 1, MAX_THREADS) ?? 1;
}

/** Says how many of the cells cannot use more than one thread. */
export function noteIdleThreads(threadsPerCell: number, configs: TrainConfig[], stream: OutputStream): void {
  const alone = configs.filter(({ shardSize }) => shardSize === undefined).length;
  if (threadsPerCell > 1 && alone > 0)
    stream.write(
      `--threads-per-cell ${threadsPerCell}: without a shardSize, ${alone} of ${configs.length} cells train on one thread each\n`,
    );
}

/** `--workers`; by default as many as the cores can serve. */
export function workersOf(text: string | undefined, threadsPerCell: number): number {
  return wholeNumber("workers", text, 1, MAX_THREADS) ?? usualWorkers(threadsPerCell);
}

/** Most numbers that a range may stand for. */
const MAX_RANGE = 10_000;

/** A comma-separated list of whole numbers and ranges: `0..4,10` is 0, 1, 2, 3, 4 and 10. */
export function wholeNumbers(option: string, text: string | undefined, min: number, max: number): number[] | undefined {
  const values = text?.split(",").flatMap((part) => {
    const range = /^\s*(\d+)-(\d+)\s*$/.exec(part);
    if (range)
      throw new InputError(`--${option}: got "${part}", expected a range such as 0..9; write ${range[1]}..${range[2]}`);
    const [first, last, ...more] = part.split("..").map((end) => wholeNumber(option, end.trim(), min, max) as number);
    if (last === undefined) return [first];
    if (more.length > 0 || last < first || last - first >= MAX_RANGE)
      throw new InputError(
        `--${option}: got "${part}", expected a range such as 0..9, from the smaller number to the larger, of at most ${MAX_RANGE}`,
      );
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (values && new Set(values).size < values.length)
    throw new InputError(`--${option}: got "${text}", expected each number once`);
  return values;
}

/** One of a few words. */
export function oneOf<T extends string>(option: string, text: string | undefined, words: readonly T[]): T | undefined {
  if (text === undefined || words.includes(text as T)) return text as T | undefined;
  throw new InputError(`--${option}: got "${text}", expected ${words.join(" or ")}`);
}
