/** npm run sweep: trains all cells of a sweep that are not trained yet. */
import os from "node:os";
import { InputError } from "../../core/input-error.js";
import { kernelsSchema } from "../../core/config.js";
import { DEFAULT_STALL_SECONDS } from "../../workers/executor.js";
import { dataChoices, datasets, preferred } from "../data/datasets.js";
import { DEFAULT_SWEEP, builtInSweeps } from "../spec/built-in.js";
import { specFault } from "../spec/fault.js";
import { expandGrid } from "../spec/grid.js";
import { stringify } from "../../core/json-text.js";
import { runDirectoryOf } from "../store/runs.js";
import { overrideSpec } from "../spec/spec.js";
import { dryRunSummary, dryRunText, plannedRungs, stagesOf } from "./dry-run.js";
import { DEFAULT_TASK_MINUTES, dryScript } from "../executors/slurm-job.js";
import type { ExecutorStart } from "../executors/start.js";
import { executorNames, executors, type ExecutorName } from "../executors/table.js";
import type { SweepExecutor } from "../run/executor.js";
import { outputOn } from "./progress.js";
import { DEFAULT_RETRIES } from "../run/run.js";
import { expectedSeconds } from "../run/forecast.js";
import { surveyCells } from "../run/survey.js";
import { runAndTell } from "./run-and-tell.js";
import { chooseSpec, specChoice } from "../run/spec-choice.js";
import { planSweep, type PlanRequest } from "../run/plan-sweep.js";
import {
  noteIdleThreads,
  oneOf,
  parseOptions,
  threadsPerCellOf,
  wholeNumber,
  wholeNumbers,
  widthOf,
  workersOf,
  type Streams,
} from "./command.js";

const names = datasets.map(({ name }) => name);

export const help = `npm run sweep -- [NAME|SPEC.json] [options]

Trains every cell of a sweep that has no record yet, several at a time, and updates the run's page index.html beside its
records (in a checkout web/report/index.html shows the latest run). Run it again to go on after an interrupt, a crash or a kill:
finished cells are kept, the others go on after their newest epoch that was kept, and the numbers are those of an uninterrupted run.

NAME is ${Object.keys(builtInSweeps).join(" or ")} (without one: ${DEFAULT_SWEEP}); SPEC.json is a file like
  { "name": "rates", "base": { "model": "mlp", "optimizer": "sgd", "epochs": 5 },
    "axes": { "optimizer.lr": [0.1, 0.01], "model.hidden": [[50], [100, 100]], "seed": [0, 1] } }
where an axis may sit on any field of a cell's config (docs/config.md lists them). "variants" are grids over the same base, with fields set otherwise.
Axes can be drawn, and cells stopped early ("samples", "halving", "stop"): docs/search.md.

  --workers N         cells trained at once (default: the number of processor cores, ${os.availableParallelism()} here; in a task of Slurm's 1)
  --threads-per-cell N  threads that share the shards of a cell's batches, for cells with a shardSize (default: 1;
                      with N, --workers is the number of cores divided by N); the numbers do not depend on it
  --epochs N          epochs of every cell
  --seeds 0,1,2       the axis "seed" (of the variants that have one); 0..9 is a range, 0..4,10 a mixture
  --train-limit N     train on the first N images only
  --test-limit N      test on the first N images only
  --kernels NAME      simd (fast) or reference (plain TypeScript, slow, to compare with); simd runs 256 bits wide on Node 22
                      and later where that is faster and gives the same bits, and never where HANDGRAD_WIDE=0
  --data NAME         auto (${preferred.text.title}, the synthetic set if it cannot be had), ${names.slice(0, -1).join(", ")}, or ${names.at(-1)}
  --data-dir DIR      folder with labelled images: IDX files, .npz, or PNG files in a folder for each class
  --out DIR           run directory (default: runs/NAME)
  --fresh             train cells again although they have records or checkpoints
  --executor NAME     where cells train (docs/cluster.md): local (threads of this process, the default), slurm (an array job;
                      the sweep ends when it is submitted, npm run collect tells how far it is), bullmq (npm run worker)
  --sbatch "OPTIONS"  of Slurm's sbatch, such as "--partition=long --time=1:00:00"
  --task-minutes N    how long a task of Slurm's should take, roughly (default: ${DEFAULT_TASK_MINUTES})
  --redis URL         Redis or Valkey for bullmq: redis://[USER:PASSWORD@]HOST[:PORT], rediss:// for TLS (default:
                      $REDIS_URL, the way for a password: npm and lists of processes show what is typed here)
  --retries N         attempts of a cell after one that failed (default: ${DEFAULT_RETRIES}), from its newest epoch that was kept
  --stall-timeout N   abort an attempt after N seconds without a finished batch (default: ${DEFAULT_STALL_SECONDS})
  --fail-fast         stop at the first cell that failed for good
  --wait              wait while another sweep runs in the same run directory (default: say so and exit), and with Slurm
                      until all cells have ended
  --dry-run           list the cells, whether each would be trained, and how long all would take here (measured for about a
                      second); downloads nothing, writes nothing
  --json              print one JSON object on standard output; progress goes to standard error

For example:
  npm run sweep -- rates.json --dry-run --seeds 0..4
  npm run -s sweep -- rates.json --json > rates-results.json

Exit codes: 0 all cells ended and are shown, 1 some failed or something could not be written, 2 wrong usage or input,
130 interrupted (143 by SIGTERM, 129 by SIGHUP), 141 all was done but its output was cut short by a closed pipe.
`;

const options = {
  workers: { type: "string" },
  "threads-per-cell": { type: "string" },
  epochs: { type: "string" },
  seeds: { type: "string" },
  "train-limit": { type: "string" },
  "test-limit": { type: "string" },
  kernels: { type: "string" },
  data: { type: "string" },
  "data-dir": { type: "string" },
  out: { type: "string" },
  fresh: { type: "boolean" },
  executor: { type: "string" },
  redis: { type: "string" },
  sbatch: { type: "string" },
  "task-minutes": { type: "string" },
  retries: { type: "string" },
  "stall-timeout": { type: "string" },
  "fail-fast": { type: "boolean" },
  wait: { type: "boolean" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
} as const;

const MAX_COUNT = 1_000_000_000;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parseOptions("sweep", args, options, 1);
  const name = positionals[0] ?? DEFAULT_SWEEP;
  const overrides = {
    epochs: wholeNumber("epochs", values.epochs, 1, 100_000),
    seeds: wholeNumbers("seeds", values.seeds, 0, 2 ** 32 - 1),
    trainLimit: wholeNumber("train-limit", values["train-limit"], 1, MAX_COUNT),
    testLimit: wholeNumber("test-limit", values["test-limit"], 1, MAX_COUNT),
    kernels: oneOf("kernels", values.kernels, kernelsSchema.options),
  };
  const threadsPerCell = threadsPerCellOf(values["threads-per-cell"]);
  const executor = oneOf("executor", values.executor, executorNames) ?? "local";
  checkOptions(executor, values);
  // A cluster's task is given what it asks for: by default as little as may be.
  const workers = workersOf(values.workers ?? (executor === "slurm" ? "1" : undefined), threadsPerCell);
  const data = oneOf("data", values.data, dataChoices);
  const spec = overrideSpec(await chooseSpec("sweep", name), overrides);
  if (spec.halving && executor === "slurm")
    throw specFault(
      spec,
      name,
      ["halving"],
      `got rungs with --executor slurm, whose tasks are handed all cells at once; expected --executor local or bullmq, or no "halving"`,
    );
  const configs = expandGrid(spec, name);
  const fresh = values.fresh ?? false;
  const failFast = values["fail-fast"] ?? false;
  const retries = wholeNumber("retries", values.retries, 0, 100) ?? DEFAULT_RETRIES;
  const stallSeconds = wholeNumber("stall-timeout", values["stall-timeout"], 1, 1_000_000) ?? DEFAULT_STALL_SECONDS;
  const progress = values.json ? stderr : stdout;
  const request: PlanRequest = {
    spec,
    source: name,
    configs,
    directory: runDirectoryOf(spec.name, values.out),
    data: data ?? specChoice(spec, name),
    dataDir: values["data-dir"],
    workers: Math.min(workers, configs.length),
    threadsPerCell,
    output: outputOn(progress, stderr),
  };
  const executorStart: ExecutorStart = {
    ...request,
    ...{ retries, stallSeconds, fresh, wait: values.wait ?? false, redis: values.redis, sbatch: values.sbatch },
    taskMinutes: wholeNumber("task-minutes", values["task-minutes"], 1, 100_000) ?? DEFAULT_TASK_MINUTES,
  };
  noteIdleThreads(threadsPerCell, configs, progress);
  if (values["dry-run"]) {
    const { dataset, cells } = await planSweep({ ...request, download: false });
    const surveys = await surveyCells(request.directory, cells, fresh, spec.halving?.rungs[0]);
    const rungs = spec.halving ? plannedRungs(spec.halving, surveys) : [];
    const toTrain = surveys.filter(({ train }) => train).map(({ cell }) => cell);
    const trained = { ...request, configs: toTrain.map(({ config }) => config), dataset };
    const expected = await expectedSeconds(spec.halving ? { ...trained, configs, stages: stagesOf(rungs) } : trained);
    const found = { surveys, rungs, expected };
    const script = executor === "slurm" ? await dryScript(spec.name, toTrain, dataset, executorStart) : undefined;
    stdout.write(
      values.json
        ? `${stringify({ ...dryRunSummary(request, dataset, found), script })}\n`
        : `${await dryRunText(request, found, widthOf(stdout))}${script === undefined ? "" : `\n${script}`}`,
    );
    return 0;
  }
  const start = (): SweepExecutor | Promise<SweepExecutor> => executors[executor](executorStart);
  const { wait } = executorStart;
  return runAndTell({ ...request, start, fresh, retries, failFast, wait }, { stdout, ...values });
}

/** @throws InputError where an option is another executor's */
function checkOptions(executor: ExecutorName, values: object): void {
  const owners: Record<string, ExecutorName> = { redis: "bullmq", sbatch: "slurm", "task-minutes": "slurm" };
  const foreign = Object.keys(owners).find((option) => option in values && owners[option] !== executor);
  if (foreign !== undefined)
    throw new InputError(
      `sweep: got --${foreign} with --executor ${executor}, expected it with --executor ${owners[foreign]}`,
    );
}
