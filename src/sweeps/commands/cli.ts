/** The command line: finds the subcommand, and turns what it throws into one line and an exit code. */
import { readFileSync } from "node:fs";
import { InputError } from "../../core/input-error.js";
import { didYouMean } from "../spec/closest.js";
import { startedBy, type Checkout } from "../spec/program.js";
import { NotWritten } from "../store/files.js";
import type { Command, RawStream } from "./command.js";
import { StandardStream, harmless, harmlessStream } from "./streams.js";

interface Subcommand {
  summary: string;
  /** Loaded when it is called for: starting up is part of a sweep's time. */
  load: () => Promise<Command>;
}

const subcommands: Record<string, Subcommand> = {
  sweep: { summary: "train all cells of a sweep and update the report", load: () => import("./sweep.js") },
  cell: { summary: "train one cell again, by its id, and compare the bits", load: () => import("./cell.js") },
  verify: { summary: "train all recorded cells again, and compare the bits", load: () => import("./verify.js") },
  collect: { summary: "tell how far a sweep in a cluster is, and merge", load: () => import("./collect.js") },
  cells: { summary: "list cells: id, status, accuracy", load: () => import("./cells.js") },
  task: { summary: "train one task's share of a sweep, as a cluster calls it", load: () => import("./task.js") },
  worker: { summary: "train cells of sweeps that go through a queue in Redis", load: () => import("./worker.js") },
  report: { summary: "rebuild the report's data from the records", load: () => import("./report.js") },
  predict: { summary: "ask a trained cell about images", load: () => import("./predict.js") },
  export: { summary: "write a trained cell's weights for other programs", load: () => import("./export.js") },
};

const help = `Handgrad: hyper-parameter sweeps of neural networks with handwritten gradients.

${Object.entries(subcommands)
  .map(([name, { summary }]) => `  npm run ${name.padEnd(8)} ${summary}`)
  .join("\n")}

npm run NAME -- --help explains each.
`;

/** Of the package. */
function version(): string {
  const file = new URL("../../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Longest line that says what was wrong with the input. */
const MAX_LINE = 1000;

/** Runs one command and returns its exit code; nothing is thrown. */
export async function runCommand(argv: string[], raw: Record<"stdout" | "stderr", RawStream>): Promise<number> {
  const streams = { stdout: harmlessStream(raw.stdout), stderr: harmlessStream(raw.stderr) };
  const [name, ...args] = argv;
  try {
    if (name === undefined || name === "--help" || name === "-h") {
      streams.stdout.write(help);
      return 0;
    }
    if (name === "--version") {
      streams.stdout.write(`${version()}\n`);
      return 0;
    }
    if (!Object.hasOwn(subcommands, name))
      throw new InputError(
        `got the command "${name}", expected one of ${Object.keys(subcommands).join(", ")}${didYouMean(name, Object.keys(subcommands))}`,
      );
    const command = await subcommands[name].load();
    const end = args.indexOf("--");
    if ((end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h")) {
      streams.stdout.write(command.help);
      return 0;
    }
    return await command.run(args, streams);
  } catch (error) {
    if (!(error instanceof InputError)) {
      streams.stderr.write(
        `handgrad: unexpected error, please report it: ${(error as Error).stack ?? String(error)}\n`,
      );
      return 1;
    }
    streams.stderr.write(`handgrad: ${oneLine(error.message)}\n`);
    return error instanceof NotWritten ? 1 : 2;
  }
}

/** A message on one line, without users and passwords of addresses; of one that quotes more than anybody reads, the beginning and the end. */
function oneLine(message: string): string {
  const line = harmless(message.replace(/\s*\n\s*/g, " ").replace(/:\/\/(?!\[)[^\s"]*@/g, "://"));
  const part = MAX_LINE / 2 - 10;
  return line.length <= MAX_LINE ? line : `${line.slice(0, part)} … ${line.slice(-part)}`;
}

/** The process's entry. Leaves the exit to Node, so that all output is flushed. @param checkout whose scripts start it, if one's do */
export async function main(argv: string[], checkout?: Checkout): Promise<void> {
  startedBy(checkout);
  const stdout = new StandardStream(process.stdout, "standard output");
  const stderr = new StandardStream(process.stderr, "standard error");
  const code = await runCommand(argv, { stdout, stderr });
  const unwritten = await stdout.settled();
  if (unwritten) stderr.write(`handgrad: ${unwritten.line}\n`);
  const unsaid = await stderr.settled();
  process.exitCode = code || (unwritten ?? unsaid)?.code;
}
