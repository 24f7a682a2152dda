/** The results of cells as tables for people: best first, the fields that differ, and means over seeds. */
import { canonicalJson } from "../../core/json-text.js";
import { count, plural } from "../../core/numeric/words.js";
import { axisColumns, type ConfiguredCell } from "./axis-columns.js";
import { loss, percent, seconds } from "./format.js";
import type { CellSummary } from "./summary.js";
import { formatTable, type Column } from "./table.js";

/** A planned cell without a record. */
export interface WaitingCell extends ConfiguredCell {
  /** Epochs that its checkpoint keeps. */
  keptEpochs: number;
}

export interface ResultsTable {
  cells: CellSummary[];
  waiting?: WaitingCell[];
  /** How a cell is called in the table. */
  nameOf?: (id: string) => string;
  /** Of the terminal; without one, nothing is left out. */
  width?: number;
}

type Row = CellSummary | WaitingCell;

/** On a terminal, more rows than this give way to the means over their seeds. */
const MOST_ROWS = 20;

const isWaiting = (row: Row): row is WaitingCell => "keptEpochs" in row;

/** The figure that cells are ranked by; undefined of one that is not ranked. */
function rankOf(row: Row): number | undefined {
  if (isWaiting(row) || (row.status !== "done" && row.status !== "stopped")) return undefined;
  return (row.config.validation === undefined ? row.testAccuracy : row.validationAccuracy) ?? undefined;
}

/** Best first; then those that were stopped, the furthest first, diverged, failed, and did not run. */
export function ranked<T extends Row>(rows: readonly T[]): T[] {
  const reached = (row: Row): number => (!isWaiting(row) && row.status === "stopped" ? row.epochs : 0);
  const place = (row: Row): number =>
    isWaiting(row) ? 4 : ["done", "stopped", "diverged", "failed"].indexOf(row.status);
  return [...rows].sort(
    (a, b) =>
      place(a) - place(b) || reached(b) - reached(a) || (rankOf(b) ?? 0) - (rankOf(a) ?? 0) || (a.id < b.id ? -1 : 1),
  );
}

/** Cells with a validation split are ranked by it, and apart from those without, which only the test set can rank. */
export function resultsText({ cells, waiting = [], nameOf = (id) => id, width = Infinity }: ResultsTable): string {
  const rows = [...cells, ...waiting];
  return [true, false]
    .map((validated) => rows.filter(({ config }) => (config.validation !== undefined) === validated))
    .filter((group) => group.length > 0)
    .map((group) => groupText(ranked(group), nameOf, width))
    .join("\n");
}

function groupText(rows: Row[], nameOf: (id: string) => string, width: number): string {
  const validated = rows[0].config.validation !== undefined;
  const order = validated
    ? "best first, by validation accuracy of the last epoch"
    : "best first, by test accuracy (no validation split)";
  const means = meansTable(rows, validated, width);
  const hidden = means !== undefined && rows.length > MOST_ROWS && width < Infinity;
  const parts: string[] = [];
  if (!hidden)
    parts.push(`${rows.length > 1 ? `${order}\n` : ""}${formatTable(rowColumns(rows, validated, nameOf), width)}`);
  if (means !== undefined) parts.push(`means ± standard deviation over seeds, best first\n${means}`);
  if (hidden) parts.push(`${plural(rows.length, "cell")} not shown; npm run cells | cat lists them\n`);
  return parts.join("\n");
}

function rowColumns(rows: Row[], validated: boolean, nameOf: (id: string) => string): Column[] {
  const figure = (title: string, text: (cell: CellSummary) => string, spare?: number): Column => ({
    title,
    texts: rows.map((row) => (isWaiting(row) ? "" : text(row))),
    spare,
  });
  const known = (value: number | null | undefined, text: (value: number) => string): string =>
    typeof value === "number" ? text(value) : "";
  const statuses = rows.map((row) =>
    !isWaiting(row)
      ? row.status
      : row.keptEpochs === 0
        ? "not run"
        : `epoch ${row.keptEpochs} of ${row.config.epochs} kept`,
  );
  const reason = figure("why", ({ error = "" }) => error);
  return [
    { title: "cell", texts: rows.map(({ id }) => nameOf(id)), words: "whole" },
    ...axisColumns(rows),
    {
      title: "status",
      texts: statuses,
      words: "whole",
      spare: statuses.every((word) => word === "done") ? 0 : undefined,
    },
    ...(validated ? [figure("validation", ({ validationAccuracy }) => known(validationAccuracy, percent))] : []),
    figure("test acc.", ({ testAccuracy }) => known(testAccuracy, percent), validated ? 7 : undefined),
    figure("best", (cell) => known(cell.bestValidationAccuracy ?? cell.bestTestAccuracy, percent), 4),
    figure("epochs", ({ epochs }) => String(epochs), 5),
    figure("train loss", ({ trainLoss }) => known(trainLoss, loss), 3),
    figure("test loss", ({ testLoss }) => known(testLoss, loss), 2),
    figure("parameters", ({ parameters }) => count(parameters), 1),
    figure("time", (cell) => seconds(cell.seconds), 6),
    ...(reason.texts.some((text) => text !== "") ? [{ ...reason, words: "long" as const }] : []),
  ];
}

/** One row a config, over its seeds; undefined where no config has several. */
function meansTable(rows: Row[], validated: boolean, width: number): string | undefined {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = canonicalJson({ ...row.config, seed: 0, label: row.label ?? "" });
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  if (groups.size === rows.length) return undefined;
  const figures = (group: Row[], of: (cell: CellSummary) => number | null | undefined): number[] =>
    group.flatMap((row) => (isWaiting(row) || row.status !== "done" ? [] : (of(row) ?? [])));
  const rankedBy = (cell: CellSummary) => (validated ? cell.validationAccuracy : cell.testAccuracy);
  const sorted = [...groups.values()].sort(
    (a, b) => (mean(figures(b, rankedBy)) || 0) - (mean(figures(a, rankedBy)) || 0),
  );
  const others = (group: Row[]): string => {
    const words = group.flatMap((row) => (isWaiting(row) ? ["not run"] : row.status === "done" ? [] : [row.status]));
    return [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`).join(", ");
  };
  const column = (title: string, text: (group: Row[]) => string, spare?: number): Column => ({
    title,
    texts: sorted.map(text),
    spare,
  });
  const notDone = column("not counted", others);
  return formatTable(
    [
      ...axisColumns(
        sorted.map(([row]) => row),
        "seed",
      ),
      column("seeds", (group) => String(figures(group, rankedBy).length)),
      ...(validated ? [column("validation", (group) => spread(figures(group, rankedBy)))] : []),
      column(
        "test acc.",
        (group) => spread(figures(group, ({ testAccuracy }) => testAccuracy)),
        validated ? 1 : undefined,
      ),
      ...(notDone.texts.some((text) => text !== "") ? [{ ...notDone, words: "long" as const }] : []),
    ],
    width,
  );
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** "87.65 ± 0.21 %": the standard deviation is that of a sample, and one value has none. */
function spread(values: number[]): string {
  if (values.length === 0) return "";
  const middle = mean(values);
  if (values.length === 1) return percent(middle);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  return `${(100 * middle).toFixed(2)} ± ${(100 * Math.sqrt(variance)).toFixed(2)} %`;
}
