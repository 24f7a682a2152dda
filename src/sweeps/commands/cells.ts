/** npm run cells: lists the cells of a run directory. */
import { stringify } from "../../core/json-text.js";
import { existingRun } from "../store/runs.js";
import { readStoredRun } from "../store/stored-run.js";
import { summariseSweep, summaryTable } from "./summary.js";
import { parseOptions, type Streams } from "./command.js";

export const help = `npm run cells -- [options]

Lists the cells of the last sweep: id, status, losses, accuracies, time.

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
    stdout.write(`${plan.sweep} on ${plan.dataset}, in ${directory.folder}\n\n${summaryTable(summary.cells, missing)}`);
  for (const line of damaged) stderr.write(`${line}\n`);
  return damaged.length > 0 ? 1 : 0;
}
