/** npm run cell: trains one recorded cell again and compares the bits. */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import type { CellExecutor } from "../../workers/executor.js";
import { startPool } from "../../workers/pool.js";
import type { CellMessage } from "../../workers/protocol.js";
import { runCell } from "../run/cell-run.js";
import type { TrainedCell } from "../run/executor.js";
import { readInit } from "../run/inits.js";
import { storeRecord } from "../run/run.js";
import { firstDifference, stoppedAt } from "../../core/check/compare-results.js";
import { datasetNames, otherData } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { stringify } from "../../core/json-text.js";
import { checkCell, type PlannedCell } from "../run/plan.js";
import { findCell } from "../run/find-cell.js";
import { createProgressView } from "./progress.js";
import { whereIs } from "../store/data-source.js";
import { hasEnded, type CellRecord } from "../store/record.js";
import type { RunDirectory } from "../store/run-directory.js";
import { SweepStatus } from "../run/status.js";
import { weightsFault } from "../run/survey.js";
import { withExecutor } from "../run/with-executor.js";
import { resultsText } from "./results-table.js";
import { summariseCell } from "./summary.js";
import {
  noteIdleThreads,
  parseOptions,
  threadsPerCellOf,
  widthOf,
  type OutputStream,
  type Streams,
} from "./command.js";

export const help = `npm run cell -- ID [options]

Trains the cell with this id (or any unambiguous beginning of it, or of the hash that ends it) again, from its record alone, and says
whether learning curve, confusion matrix and final weights have the same bits as the record.
npm run cells lists the ids. For example:
  npm run cell -- 3f9a --check

  --check             write nothing, and exit with 1 if the bits differ
  --threads-per-cell N  threads that share the shards of its batches, if it has a shardSize (default: 1)
  --out DIR           look in this run directory (default: all of runs/*)
  --data-dir DIR      folder with the images (default: where the sweep found them): IDX, .npz or PNG
  --json              print the cell as one JSON object with "identical": true, false, or null (no record yet)

Exit codes: 0 the cell ended, 1 it failed or (under --check) the bits differ, 2 wrong usage or input.
`;

const options = {
  check: { type: "boolean" },
  "threads-per-cell": { type: "string" },
  out: { type: "string" },
  "data-dir": { type: "string" },
  json: { type: "boolean" },
} as const;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parseOptions("cell", args, options, 1);
  const threadsPerCell = threadsPerCellOf(values["threads-per-cell"]);
  const {
    directory,
    cell,
    dataset: name,
    dataDigest,
    plan,
    stored,
  } = await findCell("cell", positionals[0], values.out);
  if (values.check && !stored)
    throw new InputError(`${cell.id} has no record of a finished training to check against; npm run sweep makes it`);

  const progress = values.json ? stderr : stdout;
  const unlock = values.check ? undefined : await lockForWriting(directory);
  const say = (line: string): void => void progress.write(`${line}\n`);
  const start = (): Promise<CellExecutor> => startPool(1, { threadsPerCell, say });
  return withExecutor(start, async (executor, interrupt) => {
    const { trainLimit, testLimit } = cell.config;
    const { dataset } = await loadDataset({
      data: whereIs(
        { dataset: name, dataDigest },
        { plan, dataDir: values["data-dir"], known: datasetNames, what: cell.id },
      ),
      dataDir: values["data-dir"],
      trainLimit,
      testLimit,
      onProgress: say,
    });
    if (dataset.digest !== dataDigest)
      throw new InputError(`${cell.id} ${otherData(name, dataset.digest, dataDigest)}`);
    checkCell(cell.config, dataset, cell.id);
    noteIdleThreads(threadsPerCell, [cell.config], progress);
    interrupt.setStop(() => executor.cancel());
    const trained = await trainShown(
      { directory, cell, dataset, until: stored && stoppedAt(stored) },
      executor,
      progress,
    );
    if (!trained) return interrupt.exitCode ?? 1;

    let difference = stored && hasEnded(trained.record) ? firstDifference(stored, trained.record) : undefined;
    // What was trained again mends the weights; under --check they are what they are.
    if (values.check && stored) difference ??= await weightsFault(directory, stored);
    const identical = !hasEnded(trained.record) || !stored ? null : difference === undefined;
    // A record gives way to an equal one with newer times, never to one with other numbers.
    const store = !values.check && hasEnded(trained.record) && identical !== false;
    const record = store ? await storeRecord(directory, trained.record, trained.weights) : trained.record;
    if (values.json) stdout.write(`${stringify({ ...summariseCell(record, cell), identical })}\n`);
    else
      stdout.write(
        `\n${resultsText({ cells: [summariseCell(record, cell)], width: widthOf(stdout) })}\n${verdict(record, stored, difference, store)}\n`,
      );
    return !hasEnded(record) || (values.check && identical === false) ? 1 : 0;
  }).finally(() => unlock?.());
}

/** @throws InputError where a sweep is running there, or the directory cannot be written: before the cell trains for nothing */
async function lockForWriting(directory: RunDirectory): Promise<() => Promise<void>> {
  try {
    return await directory.lock();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message}; --check compares the cell without writing`);
  }
}

/** Trains the cell, to where its record ends, and shows it meanwhile. */
async function trainShown(
  { directory, cell, dataset, until }: { directory: RunDirectory; cell: PlannedCell; dataset: Dataset; until?: number },
  executor: CellExecutor,
  progress: OutputStream,
): Promise<TrainedCell | undefined> {
  const init = await readInit(directory, cell.config, dataset);
  const status = new SweepStatus([cell], 0, 1, 1, dataset, until);
  const view = await createProgressView(progress, status);
  status.cellStarted(cell, 0);
  const onMessage = (message: CellMessage): void => {
    status.cellMessage(cell, message);
    view.cellMessage(cell, message);
  };
  return runCell({ cell, dataset, init, executor, until, onMessage }).finally(() => view.close());
}

function verdict(
  record: CellRecord,
  stored: CellRecord | undefined,
  difference: string | undefined,
  written: boolean,
): string {
  if (!hasEnded(record)) return `FAILED: ${record.error ?? "no reason given"}`;
  if (!stored) return "There was no record to compare with; this one is stored now.";
  if (difference !== undefined) return `NOT IDENTICAL to the record: ${difference}. The record was left as it is.`;
  return `Identical to the record, bit for bit: learning curve, confusion matrix, final weights.${written ? " The record has the new times." : ""}`;
}
