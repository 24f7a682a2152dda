/** One sweep from spec to merged report: data, plan, survey, run loop, plan file, page. */
import { performance } from "node:perf_hooks";
import type { Dataset } from "../../core/data/dataset.js";
import { count, plural } from "../../core/numeric/words.js";
import { decidedRungs, type Halving } from "../../core/training/halving.js";
import { readFilters } from "../page/filters.js";
import { LivePage } from "../page/live-page.js";
import { mergeReport } from "../page/merge.js";
import { imagesPart, weightsPart } from "../page/part-contents.js";
import { writePages, type WrittenPages } from "../page/page-data.js";
import type { PlanFile } from "../store/plan-file.js";
import { hasEnded, type CellRecord } from "../store/record.js";
import type { SweepExecutor } from "./executor.js";
import type { Stopper } from "./interrupt.js";
import type { PlannedCell } from "./plan.js";
import { recordPlan, planSweep, type PlannedSweep, type PlanRequest } from "./plan-sweep.js";
import { runCells } from "./run.js";
import { samplesOf } from "../spec/spec.js";
import { SweepStatus } from "./status.js";
import { keptRecords, surveyCells, type CellSurvey } from "./survey.js";

/** Of an interrupt, where thousands of cells may have to be stopped on other machines. */
const ELSEWHERE_LIMIT_MILLISECONDS = 60_000;

/** What a sweep is run from. */
export interface SweepRequest extends PlanRequest {
  executor: SweepExecutor;
  interrupt: Stopper;
  fresh: boolean;
  /** Attempts of a cell after a first one that failed. */
  retries: number;
  /** Stop at the first cell that failed for good. */
  failFast: boolean;
  /** Wait for another sweep in the same directory instead of giving up. */
  wait: boolean;
}

export interface SweepResult {
  plan: PlanFile;
  /** By id; a cell that did not get to run has none. */
  records: Map<string, CellRecord>;
  /** Of this run. */
  wallSeconds: number;
  /** Whether a page shows these records; if not, the user was told why. */
  pageWritten: boolean;
  /** The run's own page; absent where it could not be written, or where another file stands in its place. */
  ownPage?: string;
  /** 0, 1, 130 or 143. */
  exitCode: number;
}

/** A sweep that runs. */
interface RunningSweep {
  request: SweepRequest;
  dataset: Dataset;
  cells: PlannedCell[];
  first: Stage;
  /** Its seconds are those of earlier runs until the cells have ended. */
  plan: PlanFile;
  /** What the user is to know before the cells train. */
  notes: string[];
  /** Seconds of this run. */
  elapsed: () => number;
}

/** What trains together: all cells, or those that go on from a rung. */
interface Stage {
  surveys: CellSurvey[];
  /** The epoch up to which they train; to their last by default. */
  until?: number;
}

/** Runs the sweep to its end or to the first interrupt. */
export async function runSweep(request: SweepRequest): Promise<SweepResult> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const { directory, output } = request;
  const planned = await planSweep(request);
  await directory.prepare();
  const waiting = (holder: string): void =>
    output.say(`waiting for the sweep that runs in ${directory.folder} (${holder}) …`);
  const unlock = await directory.lock(request.wait ? waiting : undefined);
  try {
    const sweep = await beginSweep(request, planned, elapsed);
    const { found, trained } = await trainSweep(sweep);
    // Where nothing was trained, the survey has just read them.
    const records = trained ? await keptRecords(directory, found) : found;
    if (trained) sweep.plan.wallSeconds += elapsed();
    const { planWritten, pages } = await endSweep(sweep, records);
    const pageWritten = (pages?.own ?? pages?.data) !== undefined;
    const succeeded = planWritten && pageWritten && [...records.values()].every(hasEnded);
    const exitCode = request.interrupt.exitCode ?? (succeeded ? 0 : 1);
    return { plan: sweep.plan, records, wallSeconds: elapsed(), pageWritten, ownPage: pages?.own, exitCode };
  } finally {
    await unlock();
  }
}

/** Finds out what is left to train, and writes the spec and the plan. What another sweep left is known only under the lock. */
async function beginSweep(request: SweepRequest, planned: PlannedSweep, elapsed: () => number): Promise<RunningSweep> {
  const { spec, directory, workers, executor, fresh, output } = request;
  const { dataset, cells } = planned;
  const { halving } = spec;
  const until = halving?.rungs[0];
  const surveys = await surveyCells(directory, cells, fresh, until);
  const ended = surveys.filter(({ stored, train }) => !train && stored?.status !== "stopped");
  await directory.tidy(new Set(ended.map(({ cell }) => cell.id)));
  const toTrain = surveys.filter(({ train }) => train);
  const skipped = cells.length - toTrain.length;
  const samples = samplesOf(spec).count;
  output.say(
    `sweep ${spec.name}: ${plural(cells.length, "cell")}${samples > 0 ? `, from ${plural(samples, "sample")}` : ""}, ${skipped === 0 ? "none" : count(skipped)} done already${skipped > 0 ? " and skipped" : ""}, ` +
      `${count(toTrain.length)} to train on ${executor.words}${halving ? `, up to the first of the rungs at the epochs ${halving.rungs.join(", ")}` : ""}`,
  );

  const here = executor.place === "here";
  const { plan, notes } = await recordPlan(request, planned, { workers: here ? workers : 0, fresh });
  return { request, dataset, cells, first: { surveys, until }, plan, notes, elapsed };
}

/** Trains all cells, rung by rung where there are rungs. @returns the records that there are now, by id, and whether any cell was to be trained */
async function trainSweep(sweep: RunningSweep): Promise<{ found: Map<string, CellRecord>; trained: boolean }> {
  const { halving } = sweep.request.spec;
  const found = new Map<string, CellRecord>();
  let trained = false;
  let stage: Stage | undefined = sweep.first;
  for (let rung = 0; stage; rung++) {
    for (const [id, record] of await trainStage(sweep, stage, found)) found.set(id, record);
    trained ||= stage.surveys.some(({ train }) => train);
    stage = halving && (await nextStage(sweep, halving, rung, found));
  }
  return { found: new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1))), trained };
}

/** The cells that go on from a rung; undefined where that is not known yet, nobody does, or the sweep is to stop. */
async function nextStage(
  { request: { directory, interrupt, failFast, output }, cells }: RunningSweep,
  halving: Halving,
  rung: number,
  found: ReadonlyMap<string, CellRecord>,
): Promise<Stage | undefined> {
  const known = cells.map(({ id }) => found.get(id) ?? { id, curve: [] });
  const decided = decidedRungs(halving, known).at(rung);
  if (interrupt.exitCode !== undefined || (failFast && ![...found.values()].every(hasEnded))) return undefined;
  if (!decided)
    output.warn(
      `rung ${rung + 1} of ${halving.rungs.length}: not all of its cells have come to epoch ${halving.rungs[rung]}; the same command goes on from there`,
    );
  const { ranked, promoted } = decided ?? { ranked: [], promoted: [] };
  if (promoted.length === 0) return undefined;
  const until = halving.rungs[rung + 1];
  const going = new Set(promoted);
  const surveys = await surveyCells(
    directory,
    cells.filter(({ id }) => going.has(id)),
    false,
    until,
  );
  output.say(
    `rung ${rung + 2} of ${halving.rungs.length}: ${promoted.length} of ${plural(ranked.length, "cell")} ${promoted.length === 1 ? "goes" : "go"} on to epoch ${until}`,
  );
  return { surveys, until };
}

/** Trains what is to be trained, and shows it on the terminal and on the page. @param found records of earlier stages @returns those that the stage's cells have now, by id */
async function trainStage(
  { request, dataset, first, plan, notes, elapsed }: RunningSweep,
  stage: Stage,
  found: ReadonlyMap<string, CellRecord>,
): Promise<Map<string, CellRecord>> {
  const { directory, executor, interrupt, retries, failFast, output } = request;
  const { surveys, until } = stage;
  const fresh = request.fresh && stage === first;
  const cells = surveys.filter(({ train }) => train).map(({ cell }) => cell);
  const skipped = surveys.length - cells.length;
  const status = new SweepStatus(cells, skipped, surveys.length, executor.inFlight, dataset, until);
  const view = await output.show(status);
  if (stage === first) for (const line of notes) view.note(line);
  for (const { train, reason } of surveys) if (train && reason !== undefined) view.note(reason);
  const ended = new Map(found);
  for (const { cell, stored } of surveys) if (stored) ended.set(cell.id, stored);
  const page = new LivePage(
    directory.folder,
    (live) => mergeReport({ ...plan, wallSeconds: plan.wallSeconds + elapsed() }, ended.values(), dataset, live),
    () => status.live(),
  );
  const stop = (signal: NodeJS.Signals): void => {
    const [ending, words] =
      signal === "SIGINT"
        ? [() => executor.cancel(), "stopping all cells there, and waiting for what they have reached"]
        : [() => executor.detach(), "letting go of the cells: they go on there, and the same command collects them"];
    if (executor.place !== "here") view.note(`${executor.words}: ${words}; Ctrl-C ends this at once`);
    ending();
  };
  interrupt.setStop(stop, executor.place === "here" ? undefined : ELSEWHERE_LIMIT_MILLISECONDS);
  if (cells.length > 0) page.start();

  const records = await runCells({
    directory,
    surveys,
    dataset,
    executor,
    until,
    fresh,
    retries,
    failFast,
    cancelled: () => interrupt.exitCode !== undefined,
    observer: {
      cellStarted: (cell, epochs) => status.cellStarted(cell, epochs),
      cellMessage: (cell, message) => {
        status.cellMessage(cell, message);
        view.cellMessage(cell, message);
      },
      cellEnded: (cell, record) => {
        status.cellEnded(cell, record);
        view.cellEnded(record);
        ended.set(cell.id, record);
      },
      note: (line) => view.note(line),
    },
  }).finally(() => view.close());
  await page.close();
  return records;
}

/** Writes what the sweep took and the page's final data; tells what cannot be written. */
async function endSweep(
  { request: { spec, source, directory, output }, dataset, plan }: RunningSweep,
  records: Map<string, CellRecord>,
): Promise<{ planWritten: boolean; pages?: WrittenPages }> {
  const warn = (line: string): void => output.warn(line);
  const written = <T>(writing: Promise<T>): Promise<T | undefined> =>
    writing.catch((error: Error) => {
      warn(error.message);
      return undefined;
    });
  const planWritten = (await written(directory.writePlanAndSpec(plan, spec, source, plan))) !== undefined;
  const filters = await readFilters(directory, records.values(), dataset, warn);
  const data = { ...mergeReport(plan, records.values(), dataset), filters };
  const parts = { images: imagesPart(data, dataset), weights: await weightsPart(directory, data.cells) };
  const pages = await written(writePages(directory.folder, data, parts));
  pages?.notes.forEach(warn);
  return { planWritten, pages };
}
