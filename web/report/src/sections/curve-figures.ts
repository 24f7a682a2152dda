/** Learning curves as figures: one series per variant (or cell) and split. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { curveOf, epochAxis, type Curve, type Metric, type Split } from "../data/learning-curves.js";
import { loss, lossTick, percent, percentTick } from "../data/format.js";
import { heldOutWord, type CellView } from "../data/cells.js";
import type { Series } from "../draw/chart-spec.js";
import { h } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
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

interface CurveFigure {
  id: string;
  title: string;
  caption?: string;
  metric: Metric;
  /** Held out and training unless given. */
  splits?: Split[];
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

/** True where the largest loss is more than `span` times the smallest: a linear axis would show only the largest ones. */
export function wantsLog(losses: readonly (number | null)[][], span: number): boolean {
  const positive = losses.flat().filter((v): v is number => v !== null && v > 0);
  return positive.length > 1 && largest(positive) / smallest(positive) > span;
}

export function curveFigure(report: Report, what: CurveFigure): FigureSpec {
  const { groups, metric, splits = ["heldOut", "train"] } = what;
  const accuracy = metric === "accuracy";
  const epochs = epochAxis(groups.flatMap((group) => group.cells));
  // Group by group, split by split: the k-th series is of the group at k / splits.
  const series = groups.flatMap((group) =>
    splits.map((split) => seriesOf(curveOf(group.cells, metric, split, epochs), group)),
  );
  const losses = series.map((s) => s.values);
  return {
    id: what.id,
    title: what.title,
    caption: what.caption,
    xName: "epoch",
    canLog: true,
    height: what.height,
    onZoom: what.onZoom,
    entries: legendEntries(groups, splits, what.set),
    cellIds: (k) => groups[Math.floor(k / splits.length)].cells.map((cell) => cell.id),
    openCell: report.openCell,
    chart: {
      x: epochs,
      xLabel: "epoch",
      yLabel: accuracy ? "accuracy" : "cross-entropy loss (nats)",
      formatX: String,
      formatY: accuracy ? (v) => percent(v, 2) : loss,
      formatTick: accuracy ? percentTick : lossTick,
      series,
      log: what.log ?? (!accuracy && wantsLog(losses, 40)),
      wholeX: true,
      include: what.include,
      sync: what.sync,
      zoom: what.zoom,
    },
  };
}

/** An entry a group, and where there are several splits an entry each. */
function legendEntries(groups: readonly CurveGroup[], splits: readonly Split[], set: string): LegendEntry[] {
  const cells = groups.flatMap((group) => group.cells);
  const ofGroups = groups.map(({ label, colour, shape }, g) => ({
    label,
    colour,
    shape,
    dashed: false,
    series: splits.map((_, s) => g * splits.length + s),
    set,
  }));
  const ofSplits = splits.map((split, s) => ({
    label: splitWord(split, cells),
    colour: null,
    shape: null,
    dashed: split === "train",
    series: groups.map((_, g) => g * splits.length + s),
    set: "lines",
  }));
  return splits.length > 1 ? [...ofGroups, ...ofSplits] : ofGroups;
}

/** Accuracy and loss by epoch, side by side; a cursor in one stands in the other, too. @param title of either */
export function curvePair(
  report: Report,
  what: Pick<CurveFigure, "id" | "groups" | "set" | "height">,
  title: (metric: Metric) => string,
  keep = report.keep,
): HTMLElement {
  const chart = (metric: Metric) => {
    const spec = { ...what, id: `${what.id}-${metric}`, title: title(metric), metric, sync: what.id };
    return keep(figure(curveFigure(report, spec))).element;
  };
  return h("div", { class: "columns" }, chart("accuracy"), chart("loss"));
}
