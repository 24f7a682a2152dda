/** Learning curves as figures: one series per variant (or cell) and split. */
import { curvePoint, stripSentence } from "../comments/charts.js";
import {
  curveOf,
  epochAxis,
  overTime,
  secondsPerEpoch,
  wantsLog,
  type Curve,
  type Metric,
  type Split,
} from "../data/learning-curves.js";
import { loss, lossTick, percent, percentTick, plain } from "../data/format.js";
import { heldOutWord, type CellView } from "../data/cells.js";
import type { SharedScale } from "../data/shared-scale.js";
import type { CurveGroup } from "../data/shown-models.js";
import type { Series } from "../draw/chart-spec.js";
import { button, h } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import type { LegendEntry } from "../draw/legend.js";
import type { Report } from "../report.js";

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
  /** Shared with other charts. */
  scale?: SharedScale | null;
  /** Names at the lines' ends, the area between training and held-out lines shaded, and the chart's point remarked on. */
  told?: boolean;
  /** Over seconds instead of epochs. */
  overTime?: boolean;
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
    width: group.width ?? (curve.split === "heldOut" ? 2.2 : 1.6),
  };
}

export function curveFigure(report: Report, what: CurveFigure): FigureSpec {
  const { groups, metric, scale, splits = ["heldOut", "train"] } = what;
  const accuracy = metric === "accuracy";
  const epochs = epochAxis(groups.flatMap((group) => group.cells));
  // Group by group, split by split: the k-th series is of the group at k / splits.
  const byEpoch = groups.flatMap((group) => splits.map((split) => curveOf(group.cells, metric, split, epochs)));
  const paces = groups.flatMap((group) => splits.map(() => secondsPerEpoch(group.cells)));
  const { x, curves } = what.overTime ? overTime(byEpoch, epochs, paces) : { x: epochs, curves: byEpoch };
  const ofGroup = (k: number) => groups[Math.floor(k / splits.length)];
  const series = curves.map((curve, k) => seriesOf(curve, ofGroup(k)));
  const format = accuracy ? (v: number) => percent(v, 2) : loss;
  if (what.told) tellSeries(series, groups, splits, accuracy ? percent : loss);
  const point = what.told ? curvePoint(groups, metric) : null;
  const remark = point ? { ...point.at, series: point.at.group * splits.length } : undefined;
  return {
    id: what.id,
    title: what.title,
    caption: what.caption ?? [point?.sentence, stripSentence(groups, metric, scale ?? null)].filter(Boolean).join(" "),
    xName: what.overTime ? "seconds" : "epoch",
    canLog: !accuracy,
    height: what.height,
    onZoom: what.onZoom,
    entries: legendEntries(groups, splits, what.set),
    cellIds: (k) => ofGroup(k).cells.map((cell) => cell.id),
    openCell: report.openCell,
    chart: {
      x,
      xLabel: what.overTime ? "seconds since the start" : "epoch",
      yLabel: accuracy ? "accuracy" : "cross-entropy loss (nats)",
      formatX: what.overTime ? (v) => plain(Number(v.toPrecision(3))) : String,
      formatY: format,
      formatTick: accuracy ? percentTick : lossTick,
      series,
      sparse: what.overTime,
      remark: remark && { ...remark, index: x.indexOf(remark.epoch * (what.overTime ? paces[remark.series] : 1)) },
      log:
        what.log ??
        (!accuracy &&
          wantsLog(
            series.map((s) => s.values),
            40,
          )),
      wholeX: !what.overTime,
      include: scale?.include,
      strip: scale?.strip,
      sync: what.sync,
      zoom: what.zoom,
    },
  };
}

/** Names at the ends of the first split's lines, and the area from there to the second's. */
function tellSeries(
  series: Series[],
  groups: readonly CurveGroup[],
  splits: readonly Split[],
  format: (value: number) => string,
): void {
  groups.forEach(({ label }, g) => {
    const first = series[g * splits.length];
    const end = first.values.findLast((v) => v !== null) ?? NaN;
    first.endLabel = [label, Number.isFinite(end) ? format(end) : ""];
    if (splits.length > 1) first.shadedTo = g * splits.length + 1;
  });
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

type PairFigure = Pick<CurveFigure, "id" | "groups" | "set" | "height" | "told"> & {
  scales?: Record<Metric, SharedScale | null>;
};

/** Accuracy and loss by epoch, side by side; a cursor in one stands in the other, too. @param title of either */
export function curvePair(
  report: Report,
  what: PairFigure,
  title: (metric: Metric) => string,
  keep = report.keep,
): HTMLElement {
  const spec = (metric: Metric, time = false) =>
    curveFigure(report, {
      ...what,
      id: `${what.id}-${metric}`,
      title: title(metric),
      metric,
      scale: what.scales?.[metric],
      sync: what.id,
      overTime: time,
    });
  const charts = (["accuracy", "loss"] as const).map((metric) => ({ metric, chart: keep(figure(spec(metric))) }));
  const timed = what.groups.every(({ cells }) => secondsPerEpoch(cells) > 0);
  const change = (time: boolean) => charts.forEach(({ metric, chart }) => chart.update(spec(metric, time)));
  return h(
    "div",
    {},
    what.told && what.groups.length > 1 && timed ? axisSwitch(change) : null,
    h(
      "div",
      { class: "columns" },
      charts.map(({ chart }) => chart.element),
    ),
  );
}

/** Whether charts run over epochs or seconds. */
function axisSwitch(change: (time: boolean) => void): HTMLElement {
  const choices = ["epochs", "seconds"].map((name, i) =>
    button("quiet", name, () => choose(i), { "aria-pressed": String(i === 0) }),
  );
  const choose = (chosen: number) => {
    choices.forEach((choice, i) => choice.setAttribute("aria-pressed", String(i === chosen)));
    change(chosen === 1);
  };
  return h(
    "p",
    { class: "axis-switch print-hide" },
    "Over ",
    h("span", { class: "switch", role: "group", "aria-label": "Horizontal axis" }, choices),
  );
}
