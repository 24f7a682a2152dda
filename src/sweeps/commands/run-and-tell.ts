/** Runs a sweep and prints its results, for every command that does. */
import { plural } from "../../core/numeric/words.js";
import { stringify } from "../../core/json-text.js";
import type { SweepExecutor } from "../run/executor.js";
import { runSweep, type SweepRequest, type SweepResult } from "../run/sweep.js";
import { withExecutor } from "../run/with-executor.js";
import type { RunDirectory } from "../store/run-directory.js";
import { shortNames, waitingCells } from "./cells.js";
import { widthOf, type OutputStream } from "./command.js";
import { duration, reportAt } from "./format.js";
import { ranked, resultsText, type WaitingCell } from "./results-table.js";
import { summariseSweep, type CellSummary } from "./summary.js";

export interface SweepToRun extends Omit<SweepRequest, "executor" | "interrupt"> {
  start: () => SweepExecutor | Promise<SweepExecutor>;
}

export interface Telling {
  stdout: OutputStream;
  json?: boolean;
  /** As the user named the run directory, if so. */
  out?: string;
}

/** @returns the exit code */
export async function runAndTell({ start, ...request }: SweepToRun, { stdout, json, out }: Telling): Promise<number> {
  const { directory, failFast } = request;
  const result = await withExecutor(start, (executor, interrupt) => runSweep({ ...request, executor, interrupt }));
  const summary = summariseSweep(result.plan, result.wallSeconds, result.records.values());
  if (json) stdout.write(`${stringify(summary)}\n`);
  else {
    const waiting = await waitingCells(directory, result.plan, notRun(result));
    const nameOf = await shortNames(directory);
    const table = resultsText({ cells: summary.cells, waiting, nameOf, width: widthOf(stdout) });
    const ending = { result, cells: summary.cells, waiting, nameOf, failFast };
    stdout.write(`\n${table}\n${closingWords(ending, directory, out)}`);
  }
  return result.exitCode;
}

function notRun({ plan, records }: SweepResult): string[] {
  return plan.cells.map(({ id }) => id).filter((id) => !records.has(id));
}

interface Ending {
  result: SweepResult;
  cells: CellSummary[];
  waiting: WaitingCell[];
  nameOf: (id: string) => string;
  failFast: boolean;
}

function closingWords(
  { result: { plan, records, wallSeconds, pageWritten, ownPage, exitCode }, cells, waiting, nameOf, failFast }: Ending,
  { folder }: RunDirectory,
  out: string | undefined,
): string {
  const failed = cells.filter(({ status }) => status === "failed");
  const lines: string[] = [];
  const begun = waiting.filter(({ keptEpochs }) => keptEpochs > 0);
  const kept = begun.length > 0 ? `, ${begun.length} more kept some of their epochs` : "";
  const have = `${records.size} of ${plural(plan.cells.length, "cell")} ${plan.cells.length === 1 ? "has" : "have"} records`;
  if (exitCode >= 128) lines.push(`Interrupted: ${have}${kept}; the same command goes on from there.`);
  else if (failFast && failed.length > 0)
    lines.push(`Stopped at the first failure (--fail-fast): ${have} in ${folder}`);
  else if (waiting.length > 0)
    lines.push(`${have} in ${folder}${kept}; npm run collect -- --out ${folder} tells how far the others are`);
  else lines.push(`${plural(plan.cells.length, "cell")} in ${duration(wallSeconds)}; records in ${folder}`);
  if (failed.length > 0)
    lines.push(
      `${failed.length} FAILED: ${failed.map(({ id, error }) => `${id} (${error ?? "no reason given"})`).join("; ")}`,
    );
  // The best by validation, where some cells have that.
  const validated = cells.filter(({ config, status }) => config.validation !== undefined && status === "done");
  const best = ranked(validated.length > 0 ? validated : cells).at(0);
  if (best && best.status !== "failed")
    lines.push(
      `One cell again, bits compared: npm run cell -- ${nameOf(best.id)}${out === undefined ? "" : ` --out ${folder}`}`,
    );
  lines.push(pageWritten ? reportAt(ownPage) : "Report: no page shows this sweep (see above)");
  return lines.map((line) => `${line}\n`).join("");
}
