/** Which cells the explorer shows, in which order and groups. One pass over at most some thousand cells. */
import { METRIC_NAMES, groupBy, varyingFields, type CellView, type MetricName } from "./cells.js";
import { judgedAlike, type Judge } from "./judge.js";
import type { FieldValue } from "../../../../src/core/config-fields.js";
import type { ViewState } from "./hash-state.js";
import { spread, type Spread } from "./statistics.js";

/** A config field that varies among the cells, and its values in order. */
export interface Axis {
  name: string;
  label: string;
  values: string[];
  numeric: boolean;
}

/** A value of a cell by column name: a metric, a config field, or one of the cell's names. */
export function columnValue(cell: CellView, column: string): FieldValue | undefined {
  if ((METRIC_NAMES as readonly string[]).includes(column)) return cell.metrics[column as MetricName];
  switch (column) {
    case "judged":
      return cell.judged;
    case "id":
      return cell.id;
    case "model":
      return cell.model;
    case "optimizer":
      return cell.optimizerWord;
    case "status":
      return cell.outcome;
    case "role":
    case "label":
      return cell[column];
    default:
      return cell.fields.get(column);
  }
}

/** A value as filter text; a field that a config lacks reads "–". */
export function valueText(value: FieldValue | undefined): string {
  return value === undefined ? "–" : String(value);
}

const compareText = new Intl.Collator("en", { numeric: true }).compare;

/** Model, optimizer, status, role and label first, then every other config field that varies. */
export function axesOf(cells: readonly CellView[]): Axis[] {
  const varying = varyingFields(cells.map((cell) => cell.fields)).filter(
    (name) =>
      !/^(model|optimizer)\.kind$|^model\.(hidden|channels|name|layers)$/.test(name) && !followsKind(cells, name),
  );
  return ["model", "optimizer", "status", "role", "label", ...varying].flatMap((name) => {
    const seen = new Map<string, FieldValue | undefined>();
    for (const cell of cells) {
      const value = columnValue(cell, name);
      seen.set(valueText(value), value);
    }
    if (seen.size < 2) return [];
    const numeric = [...seen.values()].every((v) => v === undefined || typeof v === "number");
    const values = [...seen]
      .sort(([a, x], [b, y]) => (typeof x === "number" && typeof y === "number" ? x - y : compareText(a, b)))
      .map(([text]) => text);
    return [{ name, label: name, values, numeric }];
  });
}

/** True for a setting of an optimizer, a model or a schedule that says no more than its kind does. */
function followsKind(cells: readonly CellView[], name: string): boolean {
  const kind = `${name.split(".")[0]}.kind`;
  if (!name.includes(".") || name === kind || !cells.some((cell) => cell.fields.has(kind))) return false;
  const settings = new Map<FieldValue | undefined, FieldValue | undefined>();
  for (const cell of cells) {
    const key = cell.fields.get(kind);
    const value = cell.fields.get(name);
    if (settings.has(key) && settings.get(key) !== value) return false;
    settings.set(key, value);
  }
  return true;
}

/** The cells that pass the filters, the ranges and the search, in the state's order; ties by id. */
export function selectCells(cells: readonly CellView[], state: ViewState): CellView[] {
  const filters = Object.entries(state.filters).map(([name, values]) => [name, new Set(values)] as const);
  const ranges = Object.entries(state.ranges);
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = cells.filter((cell) => {
    for (const [name, allowed] of filters) if (!allowed.has(valueText(columnValue(cell, name)))) return false;
    for (const [name, [low, high]] of ranges) {
      const value = columnValue(cell, name);
      if (typeof value !== "number" || !(value >= low && value <= high)) return false;
    }
    if (words.length === 0) return true;
    const text = `${cell.id} ${cell.model} ${cell.recipe} ${cell.outcome}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const { column, descending } = state.sort;
  const alike = new Set(column === "judged" ? judgedAlike(kept) : kept);
  const others = kept.filter((cell) => !alike.has(cell));
  return [[...alike], others].flatMap((some) => sortCells(some, column, descending));
}

/** The column of the accuracy that cells are ranked by. */
export function judgedColumn(cells: readonly CellView[]): MetricName {
  return judgedAlike(cells).at(0)?.heldOut === "validation" ? "validationAccuracy" : "testAccuracy";
}

/** Sorted by a column; values that are missing or not numbers come last in either direction. */
export function sortCells(cells: readonly CellView[], column: string, descending: boolean): CellView[] {
  const keyed = cells.map((cell) => ({ cell, value: columnValue(cell, column) }));
  const absent = (v: FieldValue | undefined) => v === undefined || (typeof v === "number" && Number.isNaN(v));
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => {
    const missing = Number(absent(a.value)) - Number(absent(b.value));
    if (missing !== 0) return missing;
    let order = 0;
    if (!absent(a.value))
      order =
        typeof a.value === "number" && typeof b.value === "number"
          ? a.value - b.value
          : compareText(String(a.value), String(b.value));
    return order !== 0 ? direction * order : a.cell.id < b.cell.id ? -1 : 1;
  });
  return keyed.map((k) => k.cell);
}

export interface CellGroup {
  value: string;
  cells: CellView[];
  judge: Judge;
  judged: Spread;
  best: Spread;
  seconds: Spread;
}

/** More cells than this are shown variant by variant unless the reader asks for single ones. */
const MANY = 60;

export interface Rows {
  /** The column that rows are grouped by; "" for none. */
  by: string;
  /** Whether there are rows of single cells. */
  single: boolean;
}

/** What the table's rows are. @param group of the state */
export function rowsOf(cells: readonly CellView[], group: string): Rows {
  if (group !== "") return { by: group === "none" ? "" : group, single: true };
  const seeds = cells.length > new Set(cells.map((cell) => cell.variantKey)).size;
  const aggregate = isMany(cells) && seeds;
  return { by: aggregate ? "variant" : "", single: !aggregate };
}

export const isMany = (cells: readonly CellView[]): boolean => cells.length > MANY;

/** The cell that did best of those judged alike. */
export function bestCell(cells: readonly CellView[]): CellView | undefined {
  const ended = judgedAlike(cells.filter(({ outcome, judged }) => outcome === "done" && Number.isFinite(judged)));
  return sortCells(ended, "judged", true).at(0);
}

/** The filters that keep just one cell's variant, all seeds of it. */
export function variantFilters(cell: CellView, axes: readonly Axis[]): Record<string, string[]> {
  const settings = axes.filter(({ name }) => name !== "seed" && name !== "status");
  return Object.fromEntries(settings.map(({ name }) => [name, [valueText(columnValue(cell, name))]]));
}

/** The state without the filters of some columns: what could be chosen along them. */
export function unfiltered(state: ViewState, ...columns: string[]): ViewState {
  const filters = Object.entries(state.filters).filter(([name]) => !columns.includes(name));
  return { ...state, filters: Object.fromEntries(filters) };
}

/** The cells grouped by a column (or over seeds by variant), groups best first, behind them those that other images judge. */
export function groupCells(cells: readonly CellView[], by: string): CellGroup[] {
  const key =
    by === "variant" ? (cell: CellView) => variantName(cell) : (cell: CellView) => valueText(columnValue(cell, by));
  const groups = [...groupBy(cells, key)].map(([value, group]) => ({
    value,
    cells: group,
    judge: judgedAlike(group)[0].judge,
    judged: spread(judgedAlike(group).map((cell) => cell.judged)),
    best: spread(group.filter(({ outcome }) => outcome !== "stopped").map((cell) => cell.metrics.bestTestAccuracy)),
    seconds: spread(group.map((cell) => cell.metrics.seconds)),
  }));
  const alike = new Set(judgedAlike(groups));
  return groups.sort(
    (a, b) =>
      Number(alike.has(b)) - Number(alike.has(a)) ||
      (b.judged.n > 0 ? b.judged.mean : -1) - (a.judged.n > 0 ? a.judged.mean : -1),
  );
}

/** Model, recipe and permutation: everything but the seed. */
export function variantName(cell: CellView): string {
  return `${cell.model}, ${cell.recipe}${cell.permutation === 0 ? "" : `, permutation ${cell.permutation}`}`;
}

/** Config fields in which the cells differ, each with its value per cell. */
export function configDifferences(cells: readonly CellView[]): { field: string; values: string[] }[] {
  return varyingFields(cells.map((cell) => cell.fields)).map((field) => ({
    field,
    values: cells.map((cell) => valueText(cell.fields.get(field))),
  }));
}
