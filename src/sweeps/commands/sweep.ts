/** npm run sweep: trains all cells of a sweep that are not trained yet. */
import os from "node:os";
import { kernelsSchema } from "../../core/config.js";
import { plural } from "../../core/numeric/words.js";
import { DEFAULT_STALL_SECONDS } from "../../workers/executor.js";
import { dataChoices, datasets, preferred } from "../data/datasets.js";
import { DEFAULT_SWEEP, builtInSweeps } from "../spec/built-in.js";
import { expandGrid } from "../spec/grid.js";
import { stringify } from "../../core/json-text.js";
import { duration } from "./format.js";
import type { RunDirectory } from "../store/run-directory.js";
import { runDirectoryOf } from "../store/runs.js";
import { overrideSpec } from "../spec/spec.js";
import { shortNames, waitingCells } from "./cells.js";
import { ranked, resultsText, type WaitingCell } from "./results-table.js";
import { summariseSweep, type CellSummary } from "./summary.js";
import { dryRunSummary, dryRunText } from "./dry-run.js";
import { executorNames, executors } from "../executors/table.js";
import { withExecutor } from "../run/with-executor.js";
import { outputOn } from "./progress.js";
import { DEFAULT_RETRIES } from "../run/run.js";
import { expectedSeconds } from "../run/forecast.js";
import { surveyCells } from "../run/survey.js";
import { chooseSpec, specChoice } from "./spec-choice.js";
import { planSweep, type PlanRequest } from "../run/plan-sweep.js";
import { runSweep, type SweepResult } from "../run/sweep.js";
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

Trains every cell of a sweep that has no record yet, several at a time, and updates the run's page
index.html beside its records (web/report/index.html shows the latest run). Run it again to go on after an interrupt, a crash or a kill: finished cells are kept,
the others go on after their newest epoch that was kept, and the numbers are those of an uninterrupted run.

NAME is ${Object.keys(builtInSweeps).join(" or ")} (without one: ${DEFAULT_SWEEP}); SPEC.json is a file like
  { "name": "rates", "base": { "model": "mlp", "optimizer": "sgd", "epochs": 5 },
    "axes": { "optimizer.lr": [0.1, 0.01], "model.hidden": [[50], [100, 100]], "seed": [0, 1] } }
where an axis may sit on any field of a cell's config (docs/config.md lists them). "variants" are grids over the same base, with fields set otherwise.

  --workers N         cells trained at once (default: the number of processor cores, ${os.availableParallelism()} here)
  --threads-per-cell N  threads that share the shards of a cell's batches, for cells with a shardSize (default: 1;
                      with N, --workers is the number of cores divided by N); the numbers do not depend on it
  --epochs N          epochs of every cell
  --seeds 0,1,2       the axis "seed" (of the variants that have one); 0..9 is a range, 0..4,10 a mixture
  --train-limit N     train on the first N images only
  --test-limit N      test on the first N images only
  --kernels NAME      simd (fast) or reference (plain TypeScript, slow, to compare with)
  --data NAME         auto (${preferred.text.title}, the synthetic set if it cannot be had), ${names.slice(0, -1).join(", ")}, or ${names.at(-1)}
  --data-dir DIR      folder with labelled images: IDX files, .npz, or PNG files in a folder for each class
  --out DIR           run directory (default: runs/NAME)
  --fresh             train cells again although they have records or checkpoints
  --executor NAME     where cells train: local (threads of this process)
  --retries N         attempts of a cell after one that failed (default: ${DEFAULT_RETRIES}), from its newest epoch that was kept
  --stall-timeout N   abort an attempt after N seconds without a finished batch (default: ${DEFAULT_STALL_SECONDS})
  --fail-fast         stop at the first cell that failed for good
  --wait              wait while another sweep runs in the same run directory (default: say so and exit)
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
  const workers = workersOf(values.workers, threadsPerCell);
  const data = oneOf("data", values.data, dataChoices);
  const spec = overrideSpec(await chooseSpec("sweep", name), overrides);
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
  noteIdleThreads(threadsPerCell, configs, progress);
  if (values["dry-run"]) {
    const { dataset, cells } = await planSweep({ ...request, download: false });
    const surveys = await surveyCells(request.directory, cells, fresh);
    const toTrain = surveys.filter(({ train }) => train).map(({ cell }) => cell.config);
    const expected = expectedSeconds({ ...request, configs: toTrain, dataset });
    stdout.write(
      values.json
        ? `${stringify(dryRunSummary(request, dataset, surveys, expected))}\n`
        : await dryRunText(request, surveys, expected, widthOf(stdout)),
    );
    return 0;
  }
  const executorName = oneOf("executor", values.executor, executorNames) ?? "local";
  const start = () => executors[executorName]({ ...request, stallSeconds, retries, fresh, redis: values.redis });
  const result = await withExecutor(start, (executor, interrupt) =>
    runSweep({ ...request, executor, interrupt, fresh, retries, failFast, wait: values.wait ?? false }),
  );
  const summary = summariseSweep(result.plan, result.wallSeconds, result.records.values());
  if (values.json) stdout.write(`${stringify(summary)}\n`);
  else {
    const waiting = await waitingCells(request.directory, result.plan, notRun(result));
    const nameOf = await shortNames(request.directory);
    const table = resultsText({ cells: summary.cells, waiting, nameOf, width: widthOf(stdout) });
    const ending = { result, cells: summary.cells, waiting, nameOf };
    stdout.write(`\n${table}\n${closingWords(ending, request.directory, values)}`);
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
}

function closingWords(
  { result: { plan, records, wallSeconds, pageWritten, ownPage, exitCode }, cells, waiting, nameOf }: Ending,
  { folder }: RunDirectory,
  { out, "fail-fast": failFast = false }: { out?: string; "fail-fast"?: boolean },
): string {
  const failed = cells.filter(({ status }) => status === "failed");
  const lines: string[] = [];
  const begun = waiting.filter(({ keptEpochs }) => keptEpochs > 0);
  const kept = begun.length > 0 ? `, ${begun.length} more kept some of their epochs` : "";
  if (exitCode >= 128)
    lines.push(
      `Interrupted: ${records.size} of ${plural(plan.cells.length, "cell")} have records${kept}; the same command goes on from there.`,
    );
  else if (failFast && failed.length > 0)
    lines.push(
      `Stopped at the first failure (--fail-fast): ${records.size} of ${plural(plan.cells.length, "cell")} have records in ${folder}`,
    );
  else lines.push(`${plural(plan.cells.length, "cell")} in ${duration(wallSeconds)}; records in ${folder}`);
  if (failed.length > 0)
    lines.push(
      `${failed.length} FAILED: ${failed.map(({ id, error }) => `${id} (${error ?? "no reason given"})`).join("; ")}`,
    );
  lines.push(
    pageWritten
      ? `Report: open ${ownPage ?? "web/report/index.html"}`
      : "Report: web/report/index.html does NOT show this sweep (see above)",
  );
  // The best by validation, where some cells have that.
  const validated = cells.filter(({ config, status }) => config.validation !== undefined && status === "done");
  const best = ranked(validated.length > 0 ? validated : cells).at(0);
  if (best && best.status !== "failed")
    lines.push(
      `One cell again, bits compared: npm run cell -- ${nameOf(best.id)}${out === undefined ? "" : ` --out ${folder}`}`,
    );
  return lines.map((line) => `${line}\n`).join("");
}
