/** How a sweep searched, what that cost and what it found, in words computed from the records. */
import { largest } from "../../../../src/core/numeric/extremes.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { decidedRungs } from "../../../../src/core/training/halving.js";
import { accuracyAt, type Bracket, type Line } from "../data/bracket.js";
import { groupBy, type CellView } from "../data/cells.js";
import { count, list, percent, points } from "../data/format.js";
import { sameJudge } from "../data/judge.js";
import { spread } from "../data/statistics.js";
import type { SweepCells } from "../data/sweep-cells.js";
import { valueText } from "../data/selection.js";

/** Fewest cells and epochs of which a replay tells anything. */
const REPLAY = { cells: 8, epochs: 3, keep: 1 / 3 };

const placeText = (place: number, of: number): string => `${count(place + 1)} of ${count(of)}`;
const epochsOf = (cells: readonly CellView[]): number => cells.reduce((sum, { curve }) => sum + curve.length, 0);
const nameOf = ({ model, recipe }: CellView): string => `${model}, ${recipe}`;

/** A cell's places from rung to rung, and how it ended. */
export function lineText({ id, cell, places, goesOn }: Line, { rungs, halving }: Bracket): string {
  const at = places.map((place, i) => {
    const accuracy = cell ? accuracyAt(cell, rungs[i].epoch) : NaN;
    const figure = Number.isFinite(accuracy) ? ` (${percent(accuracy)})` : "";
    return `${placeText(place, rungs[i].ranked.length)} after epoch ${rungs[i].epoch}${figure}`;
  });
  const outcome = cell?.outcome === "done" || cell?.outcome === undefined ? "" : `, ${cell.outcome}`;
  const ended = goesOn ? ", goes on" : places.length === halving.rungs.length ? ", the last rung" : ", ends there";
  return `${cell ? nameOf(cell) : id}: ${list(at) || "no rung is decided yet"}${at.length > 0 ? ended : ""}${outcome}.`;
}

/** The best cell of the last rung; undefined while that is open, and where none of its cells has a sound figure. */
export function winnerOf({ rungs, halving, lines }: Bracket): Line | undefined {
  const [first] = lines;
  const done = rungs.length === halving.rungs.length && first?.places.length === rungs.length;
  return done && first.cell && (first.cell.outcome === "done" || first.cell.outcome === "collapsed")
    ? first
    : undefined;
}

const after = (epochs: string[]): string => `${epochs.length === 1 ? "epoch" : "epochs"} ${list(epochs)}`;

export function halvingComments(bracket: Bracket): string[] {
  const { halving, rungs, lines } = bracket;
  const cells = lines.flatMap(({ cell }) => cell ?? []);
  const epochs = halving.rungs[halving.rungs.length - 1];
  const whole = epochs * lines.length;
  const trained = epochsOf(cells);
  const halts = halving.rungs.slice(0, -1).map(String);
  const gone = rungs.slice(0, halts.length).map(({ epoch, ranked, promoted }) => {
    return `${count(promoted.length)} of ${count(ranked.length)} after epoch ${epoch}`;
  });
  const lost = cells.some(({ record: { status } }) => status === "diverged" || status === "failed");
  const wentOn = gone.length > 0 ? ` So ${list(gone)} went on.` : "";
  const never = lost ? ", but none that had diverged or failed by then" : "";
  const rule =
    halts.length > 0
      ? `${plural(lines.length, "cell")} began; after ${after(halts)} they were ranked by validation accuracy, and the best ${percent(halving.keep, 0)} of them, rounded up to whole cells, went on${never}.${wentOn}`
      : `${plural(lines.length, "cell")} began, with a single rung after epoch ${epochs}: none was stopped.`;
  const cost = `The records hold ${count(trained)} of the ${count(whole)} epochs that training every cell to epoch ${epochs} takes: ${percent(whole > 0 ? trained / whole : 0)}.`;
  return [rule, cost, open(bracket), found(bracket), ties(bracket)].filter(Boolean);
}

function open({ halving, rungs, lines }: Bracket): string {
  const next = halving.rungs[rungs.length];
  if (next === undefined) return "";
  const reached = rungs.length === 0 ? lines.length : rungs[rungs.length - 1].promoted.length;
  return reached === 0
    ? "No cell went on to the rungs that follow."
    : `The rung after epoch ${next} is open: not all of its ${plural(reached, "cell")} have come there.`;
}

function found(bracket: Bracket): string {
  const { halving, rungs } = bracket;
  if (rungs.length < halving.rungs.length) return "";
  const winner = winnerOf(bracket);
  if (!winner?.cell) return "No cell has a sound result at the last rung.";
  const { cell, places } = winner;
  const before = places
    .slice(0, -1)
    .map((place, i) => `${placeText(place, rungs[i].ranked.length)} after epoch ${rungs[i].epoch}`);
  const test = Number.isFinite(cell.metrics.testAccuracy)
    ? `; its test accuracy is ${percent(cell.metrics.testAccuracy)}`
    : "";
  return `Of those trained to the end, ${nameOf(cell)} is best, with a validation accuracy of ${percent(cell.judged)}${test}.${before.length > 0 ? ` It ranked ${list(before)}.` : ""}`;
}

function ties({ rungs, lines }: Bracket): string {
  const views = new Map(lines.map(({ id, cell }) => [id, cell]));
  const tied = rungs.some(({ epoch, ranked, promoted }) => {
    const [last, next] = [ranked[promoted.length - 1], ranked[promoted.length]].map((id) => views.get(id));
    return last && next && accuracyAt(last, epoch) === accuracyAt(next, epoch);
  });
  return tied ? "Where accuracies are equal, the smaller id went on." : "";
}

/** Settings drawn together: the cells that share the values of all drawn axes. */
function samplesOf({ cells }: SweepCells, paths: readonly string[]): CellView[][] {
  const drawn = (name: string) => paths.some((path) => name === path || name.startsWith(`${path}.`));
  const key = ({ fields }: CellView) =>
    JSON.stringify([...fields].flatMap(([name, value]) => (drawn(name) ? [name, valueText(value)] : [])));
  return [...groupBy(cells, key).values()];
}

/** What the best of `few` results, drawn from all of them, is on average. */
export function expectedBest(results: readonly number[], few: number): number {
  const sorted = [...results].sort((a, b) => b - a);
  const n = sorted.length;
  // The best is the i-th of all where those before it were not drawn.
  let [left, mean] = [1, 0];
  for (let i = 0; i <= n - few; i++) {
    const share = few / (n - i);
    mean += left * share * sorted[i];
    left *= 1 - share;
  }
  return mean;
}

export function sampleComments(sweep: SweepCells): string[] {
  const { samples, halving } = sweep.data.search ?? {};
  if (!samples) return [];
  const paths = samples.axes.map(({ path }) => path);
  const head = `${plural(samples.count, "sample")} of ${list(paths)} ${samples.count === 1 ? "was" : "were"} drawn with seed ${samples.seed}.`;
  const groups = samplesOf(sweep, paths);
  const cells = groups.flat();
  const seeds = groups.every((group) => new Set(group.map(({ variantKey }) => variantKey)).size === 1);
  const results = groups.map((group) => spread(group.map(({ judged }) => judged)).mean).filter(Number.isFinite);
  const few = Math.floor(results.length / 2);
  if (halving || !seeds || few < 1 || cells.some((cell) => !sameJudge(cell, cells[0]))) return [head];
  const [half, all] = [expectedBest(results, few), largest(results)];
  return [
    head,
    `The best of ${results.length} has a ${cells[0].heldOut} accuracy of ${percent(all)}; the best of any ${few} of them, on average over all choices, ${percent(half)}: the other ${results.length - few} were worth ${points(all - half)}.`,
  ];
}

/** What successive halving would have made of a grid that was trained whole; empty where that cannot be replayed. */
export function replayComments({ data, cells }: SweepCells): string[] {
  const [first] = cells;
  const epochs = first?.record.config.epochs ?? 0;
  const whole =
    !data.search?.halving &&
    cells.length >= Math.max(REPLAY.cells, data.planned.length) &&
    epochs >= REPLAY.epochs &&
    cells.every(
      (cell) => cell.heldOut === "validation" && cell.record.config.epochs === epochs && sameJudge(cell, first),
    );
  const sound = cells.filter(({ outcome, judged }) => outcome !== "diverged" && Number.isFinite(judged));
  if (!whole || sound.length === 0) return [];
  const rungs = [...new Set([epochs / 9, epochs / 3, epochs].map(Math.ceil))];
  const decided = decidedRungs(
    { rungs, keep: REPLAY.keep },
    cells.map(({ record }) => record),
  );
  const reached = new Map(decided.flatMap(({ epoch, ranked }) => ranked.map((id): [string, number] => [id, epoch])));
  const spent = cells.reduce((sum, { id, curve }) => sum + Math.min(curve.length, reached.get(id) ?? 0), 0);
  const best = largest(sound.map(({ judged }) => judged));
  const id = decided.length === rungs.length ? decided[decided.length - 1].ranked[0] : undefined;
  const winner = sound.find((cell) => cell.id === id);
  const rule = `Successive halving with rungs after ${after(rungs.map(String))}, a third of the cells going on from each, replayed on these records,`;
  const cost = `with ${percent(spent / epochsOf(cells))} of the epochs trained`;
  if (!winner) return [`${rule} would have ended without a sound result.`];
  return [
    winner.judged === best
      ? `${rule} would have found a cell as good as the best one (${percent(best)}) ${cost}.`
      : `${rule} would have ended with ${percent(winner.judged)} instead of the best ${percent(best)}, ${percent(winner.judged / best)} of it, ${cost}.`,
  ];
}
