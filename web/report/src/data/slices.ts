/** Results along one axis, and over two: where each cell stands, and the means. */
import { RandomStream } from "../../../../src/core/numeric/random.js";
import { groupBy, type CellView } from "./cells.js";
import { columnValue, valueText, type Axis } from "./selection.js";
import { spread, type Spread } from "./statistics.js";

/** An axis whose largest value is this many times its smallest is drawn by order of magnitude. */
const DECADE = 10;

export interface SliceColumn {
  value: string;
  /** Place along the axis, 0 to 1. */
  x: number;
  cells: CellView[];
  judged: Spread;
}

/**
 * The cells value by value: in numeric order and at numeric distances; names side by side.
 * @param wantsLog whether distances are logarithmic; by default where the values span a decade
 */
export function sliceOf(
  cells: readonly CellView[],
  axis: Axis,
  wantsLog?: boolean,
): { columns: SliceColumn[]; log: boolean } {
  const groups = groupBy(cells, (cell) => valueText(columnValue(cell, axis.name)));
  const present = axis.values.filter((value) => groups.has(value));
  const numbers = present.map(Number);
  const numeric = axis.numeric && numbers.every(Number.isFinite);
  const [first, last] = [numbers[0], numbers[numbers.length - 1]];
  const log = numeric && first > 0 && (wantsLog ?? last / first >= DECADE);
  const scale = (x: number) => (log ? Math.log(x) : x);
  const columns = present.map((value, i) => {
    const group = groups.get(value) ?? [];
    const x =
      present.length === 1
        ? 0.5
        : numeric
          ? (scale(numbers[i]) - scale(first)) / (scale(last) - scale(first))
          : i / (present.length - 1);
    return { value, x, cells: group, judged: spread(group.map((cell) => cell.judged)) };
  });
  return { columns, log };
}

/** A cell's place within its column, -0.5 to 0.5: the same whenever it is drawn. */
export function jitter(id: string): number {
  return new RandomStream("permutation", ...[...id].map((c) => c.codePointAt(0) ?? 0)).uniform() - 0.5;
}

export interface HeatField {
  row: string;
  column: string;
  judged: Spread;
}

/** Mean results of the combinations of two axes' values, row by row; null where there is no cell. */
export function heatOf(
  cells: readonly CellView[],
  rows: Axis,
  columns: Axis,
): { rows: string[]; columns: string[]; fields: (HeatField | null)[][] } {
  const text = (cell: CellView, axis: Axis) => valueText(columnValue(cell, axis.name));
  const byRow = groupBy(cells, (cell) => text(cell, rows));
  const present = new Set(cells.map((cell) => text(cell, columns)));
  const across = columns.values.filter((value) => present.has(value));
  const down = rows.values.filter((value) => byRow.has(value));
  const fields = down.map((row) => {
    const groups = groupBy(byRow.get(row) ?? [], (cell) => text(cell, columns));
    return across.map((column) => {
      const group = groups.get(column);
      return group ? { row, column, judged: spread(group.map((cell) => cell.judged)) } : null;
    });
  });
  return { rows: down, columns: across, fields };
}
