/** npm run verify: trains recorded cells again and compares the bits. */
import os from "node:os";
import pLimit from "p-limit";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import type { CellExecutor } from "../../workers/executor.js";
import { startPool } from "../../workers/pool.js";
import { runCell } from "../run/cell-run.js";
import { readInit } from "../run/inits.js";
import { firstDifference, stoppedAt } from "../../core/check/compare-results.js";
import { datasetNames, isDrawn, otherData } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { withExecutor } from "../run/with-executor.js";
import { stringify } from "../../core/json-text.js";
import { jsonDigest } from "../spec/json.js";
import { sampleLimits } from "../run/plan.js";
import { whereIs } from "../store/data-source.js";
import type { PlanFile } from "../store/plan-file.js";
import { hasEnded, type CellRecord } from "../store/record.js";
import { failureReason } from "../store/files.js";
import type { RunDirectory } from "../store/run-directory.js";
import { existingRun } from "../store/runs.js";
import { formatTable } from "./table.js";
import { noteIdleThreads, parseOptions, threadsPerCellOf, wholeNumber, workersOf, type Streams } from "./command.js";

export const help = `npm run verify -- [options]

Trains the recorded cells of a run directory again and compares every bit: learning curves, step losses,
confusion matrices, final weights. Stops at the first cell that trains to other bits and names the first
epoch and quantity that differ; damaged records and weights are named, too. Writes nothing.

  --out DIR           the run directory (default: that of the latest sweep)
  --sample N          N cells only, drawn at random (the same N each time)
  --workers N         cells trained at once (default: the number of processor cores, ${os.availableParallelism()} here)
  --threads-per-cell N  threads that share the shards of a cell's batches, for cells with a shardSize (default: 1)
  --data-dir DIR      folder with the images (default: where the sweep found them): IDX, .npz or PNG
  --json              print one JSON object

Exit codes: 0 all that could be compared are identical, 1 a difference or a damaged record, 2 wrong usage or input, or
nothing to compare, 130 interrupted.
`;

const options = {
  out: { type: "string" },
  sample: { type: "string" },
  workers: { type: "string" },
  "threads-per-cell": { type: "string" },
  "data-dir": { type: "string" },
  json: { type: "boolean" },
} as const;

interface Verdict {
  id: string;
  /** Null where the cell was not compared. */
  identical: boolean | null;
  /** The first difference, or why the cell was not compared. */
  reason?: string;
}

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseOptions("verify", args, options, 0);
  const sample = wholeNumber("sample", values.sample, 1, 1_000_000);
  const threadsPerCell = threadsPerCellOf(values["threads-per-cell"]);
  const workers = workersOf(values.workers, threadsPerCell);
  const directory = await existingRun(values.out);
  const plan = await directory.readPlan().catch(() => undefined);
  const ids = drawn(await directory.cellIds(), sample);
  if (ids.length === 0) throw new InputError(`${directory.folder} has no cells; npm run sweep trains them`);

  const verdicts = new Map<string, Verdict>();
  const judge = (verdict: Verdict): void => void verdicts.set(verdict.id, verdict);
  const records = await readRecords(directory, ids, judge);
  const progress = values.json ? stderr : stdout;
  const say = (line: string): void => void progress.write(`${line}\n`);
  const start = (): Promise<CellExecutor> =>
    startPool(Math.min(workers, Math.max(1, records.length)), { threadsPerCell, say });
  const interrupted = await withExecutor(start, async (executor, interrupt) => {
    const datasets = await loadDatasets(records, { plan, dataDir: values["data-dir"] }, say, judge);
    noteIdleThreads(
      threadsPerCell,
      records.map(({ config }) => config),
      progress,
    );
    let different = false;
    interrupt.setStop(() => executor.cancel());
    const limit = pLimit(workers);
    const compare = async (stored: CellRecord): Promise<void> => {
      const { id } = stored;
      const dataset = datasets.get(stored.dataDigest);
      if (!dataset || different || interrupt.exitCode !== undefined) return;
      const verdict = await trainAgain(directory, stored, dataset, executor);
      if (!verdict) return;
      judge(verdict);
      say(`[${verdicts.size}/${ids.length}] ${id}: ${verdict.reason ?? "identical"}`);
      if (verdict.identical) return;
      different = true;
      executor.cancel();
    };
    await Promise.all(records.map((record) => limit(compare, record)));
    return interrupt.exitCode;
  });

  const summary = summarise(
    directory.folder,
    ids.map((id) => verdicts.get(id) ?? { id, identical: null, reason: "not compared" }),
  );
  stdout.write(values.json ? `${stringify(summary)}\n` : verdictText(summary));
  if (interrupted !== undefined) return interrupted;
  if (summary.identical + summary.different > 0) return summary.different > 0 ? 1 : 0;
  const why = summary.cells[0].reason ?? "no reason given";
  throw new InputError(
    `${directory.folder}: got no cell that could be compared (${summary.cells[0].id}: ${why}), expected one with a record; npm run sweep trains them`,
  );
}

/** Undefined when cancelled. */
async function trainAgain(
  directory: RunDirectory,
  stored: CellRecord,
  dataset: Dataset,
  executor: CellExecutor,
): Promise<Verdict | undefined> {
  const { id, config } = stored;
  const init = await readInit(directory, config, dataset);
  const until = stoppedAt(stored);
  const trained = await runCell({ cell: { id, config }, dataset, init, executor, until, onMessage: () => undefined });
  if (!trained) return undefined;
  const reason = hasEnded(trained.record)
    ? firstDifference(stored, trained.record)
    : `failed: ${trained.record.error ?? "no reason given"}`;
  return { id, identical: reason === undefined, reason };
}

/** All ids, or a sample of them that depends on nothing but them. */
function drawn(ids: string[], sample = ids.length): string[] {
  const lots = ids.map((id) => ({ id, lot: jsonDigest(id) })).sort((a, b) => (a.lot < b.lot ? -1 : 1));
  return lots
    .slice(0, sample)
    .map(({ id }) => id)
    .sort();
}

/** The records that can be compared; the others are judged at once. */
async function readRecords(
  directory: RunDirectory,
  ids: string[],
  judge: (verdict: Verdict) => void,
): Promise<CellRecord[]> {
  const records: CellRecord[] = [];
  for (const id of ids) {
    const found = await directory.readRecord(id);
    if (found.kind === "damaged") judge({ id, identical: false, reason: found.reason });
    else if (found.kind === "none") judge({ id, identical: null, reason: "no record" });
    else if (!hasEnded(found.record)) judge({ id, identical: null, reason: "failed when it was trained" });
    else {
      const { record } = found;
      const { digest } = record.config.init ?? {};
      const lost = digest && (await directory.readInit(digest).then(() => undefined, failureReason));
      if (lost) {
        judge({ id, identical: null, reason: `cannot start again: ${lost}` });
        continue;
      }
      await directory.readWeights(record).then(
        () => records.push(record),
        (error: Error) => judge({ id, identical: false, reason: error.message }),
      );
    }
  }
  return records;
}

/** By digest. Records of data that no version draws any longer are judged at once. @throws InputError where the data of a record cannot be had */
async function loadDatasets(
  records: CellRecord[],
  { plan, dataDir }: { plan?: PlanFile; dataDir?: string },
  onProgress: (line: string) => void,
  judge: (verdict: Verdict) => void,
): Promise<Map<string, Dataset>> {
  const datasets = new Map<string, Dataset>();
  for (const dataDigest of new Set(records.map((record) => record.dataDigest))) {
    const ofDigest = records.filter((record) => record.dataDigest === dataDigest);
    const [{ id, dataset: name }] = ofDigest;
    const data = whereIs({ dataset: name, dataDigest }, { plan, dataDir, known: datasetNames, what: id });
    const limits = sampleLimits(ofDigest.map(({ config }) => config));
    const { dataset } = await loadDataset({ data, dataDir, ...limits, onProgress });
    if (dataset.digest === dataDigest) {
      datasets.set(dataDigest, dataset);
      continue;
    }
    const reason = otherData(name, dataset.digest, dataDigest);
    if (!isDrawn(name)) throw new InputError(`${id} ${reason}`);
    for (const record of ofDigest) judge({ id: record.id, identical: null, reason });
  }
  return datasets;
}

function summarise(folder: string, cells: Verdict[]) {
  const number = (identical: boolean | null): number => cells.filter((cell) => cell.identical === identical).length;
  return { folder, identical: number(true), different: number(false), notCompared: number(null), cells };
}

function verdictText({ folder, identical, different, notCompared, cells }: ReturnType<typeof summarise>): string {
  const word = (value: boolean | null): string => (value === null ? "not compared" : value ? "identical" : "DIFFERENT");
  const table = formatTable([
    { title: "cell", texts: cells.map(({ id }) => id), words: "whole" },
    { title: "bits", texts: cells.map((cell) => word(cell.identical)), words: "whole" },
    { title: "first difference", texts: cells.map(({ reason = "" }) => reason), words: "whole" },
  ]);
  return `\n${table}\n${folder}: ${identical} identical, ${different} different, ${notCompared} not compared\n`;
}
