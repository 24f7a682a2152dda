/** Learning curves as figures: one series per variant (or cell) and split. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { curveOf, epochAxis, type Curve, type Metric, type Split } from "../data/learning-curves.js";
import { loss, lossTick, percent, percentTick } from "../data/format.js";
import { heldOutWord, type CellView } from "../data/cells.js";
import type { Series } from "../draw/chart-spec.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import type { LegendEntry } from "../draw/legend.js";
import type { Report } from "../report.js";

/** What one legend entry stands for: cells whose mean is drawn. */
export interface CurveGroup {
  label: string;
  cells: CellView[];
  colour: number;
  shape: number;
}

export interface CurveFigure {
  id: string;
  title: string;
  caption?: string;
  metric: Metric;
  splits: Split[];
  groups: CurveGroup[];
  /** Name of the legend's set. */
  set: string;
  sync?: string;
  /** Values kept in view, so that neighbouring charts share their scale. */
  include?: number[];
  log?: boolean;
  height?: number;
  zoom?: [number, number] | null;
  onZoom?: FigureSpec["onZoom"];
}

function splitWord(split: Split, cells: readonly CellView[]): string {
  return split === "train" ? "training" : heldOutWord(cells);
}

function seriesOf(curve: Curve, group: CurveGroup): Series {
  return {
    label: `${group.label}, ${splitWord(curve.split, group.cells)}`,
    values: curve.mean,
    colour: group.colour,
    shape: group.shape,
    dashed: curve.split === "train",
    low: curve.low,
    high: curve.high,
    divergedAt: curve.divergedAt,
    width: curve.split === "heldOut" ? 2.2 : 1.6,
  };
}

/** True where the losses span so much that a linear axis would show only the largest. */
export function wantsLog(losses: readonly (number | null)[][], span: number): boolean {
  const positive = losses.flat().filter((v): v is number => v !== null && v > 0);
  return positive.length > 1 && largest(positive) / smallest(positive) > span;
}

export function curveFigure(report: Report, what: CurveFigure): FigureSpec {
  const epochs = epochAxis(what.groups.flatMap((group) => group.cells));
  const series: Series[] = [];
  const owners: CurveGroup[] = [];
  const entries: LegendEntry[] = [];
  const bySplit: Record<Split, number[]> = { heldOut: [], train: [] };
  for (const group of what.groups) {
    const entry: LegendEntry = {
      label: group.label,
      colour: group.colour,
      shape: group.shape,
      dashed: false,
      series: [],
      set: what.set,
    };
    for (const split of what.splits) {
      entry.series.push(series.length);
      bySplit[split].push(series.length);
      series.push(seriesOf(curveOf(group.label, group.cells, what.metric, split, epochs), group));
      owners.push(group);
    }
    entries.push(entry);
  }
  if (what.splits.length > 1)
    for (const split of what.splits)
      entries.push({
        label: splitWord(
          split,
          what.groups.flatMap((group) => group.cells),
        ),
        colour: null,
        shape: null,
        dashed: split === "train",
        series: bySplit[split],
        set: "lines",
      });
  const format = what.metric === "accuracy" ? (v: number) => percent(v, 2) : loss;
  return {
    id: what.id,
    title: what.title,
    caption: what.caption,
    xName: "epoch",
    canLog: true,
    height: what.height,
    onZoom: what.onZoom,
    entries,
    cellIds: (k) => owners[k].cells.map((cell) => cell.id),
    openCell: report.openCell,
    chart: {
      x: epochs,
      xLabel: "epoch",
      yLabel: what.metric === "accuracy" ? "accuracy" : "cross-entropy loss (nats)",
      formatX: String,
      formatY: format,
      formatTick: what.metric === "accuracy" ? percentTick : lossTick,
      series,
      log:
        what.log ??
        (what.metric === "loss" &&
          wantsLog(
            series.map((s) => s.values),
            40,
          )),
      wholeX: true,
      include: what.include,
      sync: what.sync,
      zoom: what.zoom,
    },
  };
}
