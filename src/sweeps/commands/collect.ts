/** npm run collect: tells how far a sweep is that trains in a cluster, hands lost and failed cells over again, and merges. */
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import { startSlurm } from "../executors/slurm.js";
import { watchTasks } from "../executors/watch.js";
import { datasetNames } from "../data/datasets.js";
import { DEFAULT_RETRIES } from "../run/run.js";
import { expandGrid } from "../spec/grid.js";
import { withInits } from "../spec/inits.js";
import { readSpecFile } from "../spec/spec.js";
import { whereIs } from "../store/data-source.js";
import { existingRun } from "../store/runs.js";
import { DEFAULT_STALL_SECONDS } from "../../workers/executor.js";
import { parseOptions, type Streams } from "./command.js";
import { outputOn } from "./progress.js";
import { runAndTell } from "./run-and-tell.js";

export const help = `npm run collect -- [options]

Tells how far a sweep is whose cells train in a cluster: what is done, runs, waits, has failed or was lost. Cells that
failed or were lost go to Slurm again, as they did before; what others have begun goes on. Then the page is written from the
records that there are. The tasks of a Kubernetes job (npm run task) are looked at alike, but started by Kubernetes alone.
For example:
  npm run collect -- --out /shared/runs/rates --wait

  --out DIR           the run directory (default: that of the latest sweep)
  --data-dir DIR      folder with the images (default: where the sweep found them): IDX, .npz or PNG
  --wait              wait until all cells have ended (Slurm); Ctrl-C then cancels them, SIGTERM lets go of them
  --json              print one JSON object on standard output; progress goes to standard error

Exit codes: 0 all cells ended or are on their way, 1 some failed or something could not be written, 2 wrong usage or input.
`;

const options = {
  out: { type: "string" },
  "data-dir": { type: "string" },
  wait: { type: "boolean" },
  json: { type: "boolean" },
} as const;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseOptions("collect", args, options, 0);
  const directory = await existingRun(values.out);
  const plan = await directory.readPlan();
  if (!plan) throw new InputError(`no sweep was run in ${directory.folder}; start with npm run sweep`);
  const wait = values.wait ?? false;
  const { value: submitted } = await directory.submissions.latestFirst().next();
  if (wait && !submitted)
    throw new InputError(
      `collect: got --wait, but nothing in ${directory.folder} was handed to Slurm; look again later`,
    );
  const source = path.join(directory.folder, "spec.json");
  const spec = await withInits(await readSpecFile(source), source);
  const dataDir = values["data-dir"];
  const defaults = { workers: 1, threadsPerCell: 1, retries: DEFAULT_RETRIES, stallSeconds: DEFAULT_STALL_SECONDS };
  const request = {
    ...{ spec, source, directory, dataDir, wait, fresh: false, failFast: false },
    ...(submitted ?? defaults),
    configs: expandGrid(spec, source),
    data: whereIs(plan, { plan, dataDir, known: datasetNames, what: directory.folder }),
    output: outputOn(values.json ? stderr : stdout, stderr),
  };
  const start = submitted
    ? () => startSlurm({ ...request, taskMinutes: submitted.taskMinutes })
    : () => watchTasks(directory);
  return runAndTell({ ...request, start }, { stdout, json: values.json, out: values.out });
}
