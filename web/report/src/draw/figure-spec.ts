/** What a figure shows: a chart, its legend, and the cells behind its points. */
import type { Table } from "../../../../src/core/csv.js";
import type { ChartSpec } from "./chart-spec.js";
import type { LegendEntry } from "./legend.js";

export interface FigureSpec {
  /** Unique on the page; names its parts and its downloads. */
  id: string;
  title: string;
  caption?: string;
  chart: ChartSpec;
  /** What the legend shows: each entry toggles its series. */
  entries: LegendEntry[];
  /** Column header of the table's first column. */
  xName: string;
  /** Ids of the cells behind a point; the point panel shows them. */
  cellIds?: (series: number, index: number) => string[];
  openCell?: (id: string) => void;
  height?: number;
  canLog?: boolean;
  /** Called with the series under the cursor, and null where there is none. */
  onHover?: (series: number | null) => void;
  onZoom?: (range: [number, number] | null) => void;
}

/** The chart's numbers, one row per x. */
export function chartTable(spec: FigureSpec): Table {
  const { x } = spec.chart;
  const series = spec.chart.series.filter(({ context }) => !context);
  return {
    columns: [
      spec.xName,
      ...series.flatMap((s) => [s.label, ...(s.low ? [`${s.label}, lowest`, `${s.label}, highest`] : [])]),
    ],
    rows: x.map((value, i) => [
      value,
      ...series.flatMap((s) => [s.values[i] ?? null, ...(s.low ? [s.low[i] ?? null, s.high?.[i] ?? null] : [])]),
    ]),
  };
}
