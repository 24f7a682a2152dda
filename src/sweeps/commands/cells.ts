/** npm run cells: lists the cells of a run directory. */
import { stringify } from "../../core/json-text.js";
import { hashNames } from "../spec/cell-id.js";
import type { PlanFile } from "../store/plan-file.js";
import type { RunDirectory } from "../store/run-directory.js";
import { allRuns, existingRun } from "../store/runs.js";
import { readStoredRun } from "../store/stored-run.js";
import { resultsText, type WaitingCell } from "./results-table.js";
import { summariseSweep } from "./summary.js";
import { parseOptions, widthOf, type Streams } from "./command.js";

export const help = `npm run cells -- [options]

Lists the cells of the last sweep, best first: the fields that differ, status, losses, accuracies, time; of cells
that were interrupted, the epochs kept. Where configs have several seeds, their means follow; a terminal shows more than 20
cells by these alone. For example:
  npm run cells -- --out runs/rates

  --out DIR           the run directory (default: that of the latest sweep)
  --all               also cells of earlier specs that were run there
  --json              print one JSON object

Exit codes: 0, 1 a record is damaged (the others are listed), 2 wrong usage or input.
`;

const options = { out: { type: "string" }, all: { type: "boolean" }, json: { type: "boolean" } } as const;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseOptions("cells", args, options, 0);
  const directory = await existingRun(values.out);
  const { plan, records, missing, damaged } = await readStoredRun(directory, values.all ?? false);
  const summary = summariseSweep(plan, plan.wallSeconds, records);
  if (values.json) stdout.write(`${stringify(summary)}\n`);
  else
    stdout.write(
      `${plan.sweep} on ${plan.dataset}, in ${directory.folder}\n\n${resultsText({
        cells: summary.cells,
        waiting: await waitingCells(directory, plan, missing),
        nameOf: await shortNames(directory),
        width: widthOf(stdout),
      })}`,
    );
  for (const line of damaged) stderr.write(`${line}\n`);
  return damaged.length > 0 ? 1 : 0;
}

/** Planned cells without a record, and what their checkpoints keep. */
export async function waitingCells(
  directory: RunDirectory,
  { cells }: PlanFile,
  missing: Iterable<string>,
): Promise<WaitingCell[]> {
  const ids = new Set(missing);
  const waiting: WaitingCell[] = [];
  for (const cell of cells.filter(({ id }) => ids.has(id))) {
    const found = await directory.readCheckpoint(cell.id);
    waiting.push({ ...cell, keptEpochs: found.kind === "valid" ? found.checkpoint.state.epoch : 0 });
  }
  return waiting;
}

/** Names of cells that `npm run cell` understands: unambiguous here, and in all of runs/, where it looks. */
export async function shortNames(directory: RunDirectory, planned: string[] = []): Promise<(id: string) => string> {
  const ids = await Promise.all([directory, ...(await allRuns())].map((run) => run.cellIds()));
  const plan = await directory.readPlan().catch(() => undefined);
  return hashNames([...planned, ...(plan?.cells ?? []).map(({ id }) => id), ...ids.flat()]);
}
