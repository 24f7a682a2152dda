/** The columns of the cell table: what they are called and how their values read. */
import { metricsOfCells, type CellView, type MetricName } from "../data/cells.js";
import { count, duration, loss, percent, plain, signedPoints } from "../data/format.js";
import { columnValue, valueText, type Axis } from "../data/selection.js";

export interface Column {
  name: string;
  label: string;
  title?: string;
  numeric: boolean;
  text(cell: CellView): string;
  /** Present where a bar shows the value: in [0, 1]. */
  fraction?(cell: CellView): number;
}

interface Metric {
  label: string;
  title?: string;
  text(x: number): string;
}

const METRICS: Record<MetricName, Metric> = {
  testAccuracy: { label: "test acc.", title: "Test accuracy of the last epoch", text: (x) => percent(x, 2) },
  bestTestAccuracy: { label: "best", title: "Best test accuracy of any epoch", text: (x) => percent(x, 2) },
  validationAccuracy: {
    label: "validation",
    title: "Validation accuracy of the last epoch",
    text: (x) => (Number.isNaN(x) ? "–" : percent(x, 2)),
  },
  bestEpoch: { label: "at epoch", title: "Epoch of the best held-out accuracy", text: plain },
  trainAccuracy: { label: "train acc.", title: "Training accuracy of the last epoch", text: (x) => percent(x, 2) },
  gap: { label: "train − test", title: "Training minus held-out accuracy, in points", text: signedPoints },
  testLoss: { label: "test loss", text: loss },
  trainLoss: { label: "train loss", text: loss },
  parameters: { label: "parameters", text: count },
  epochs: { label: "epochs", text: plain },
  seconds: { label: "time", text: duration },
  samplesPerSecond: { label: "samples/s", text: (x) => (Number.isFinite(x) ? count(x) : "–") },
};

/** What a labelled cell shows of its config: the label says the rest. */
const LABELLED = new Set(["role", "label", "seed", "epochs"]);

/** The metric of a name that may be anything: it can come from the address. */
function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(METRICS, name) ? METRICS[name as MetricName] : undefined;
}

export function metricLabel(name: string): string {
  return metricOf(name)?.label ?? name;
}

export function metricText(name: string, value: number): string {
  return metricOf(name)?.text(value) ?? plain(value);
}

function metric(name: MetricName): Column {
  const { label, title, text } = METRICS[name];
  const fraction = name.endsWith("Accuracy") ? (cell: CellView) => cell.metrics[name] : undefined;
  return { name, label, title, numeric: true, text: (cell) => text(cell.metrics[name]), fraction };
}

/** Names first, then every varying field (or the label that stands for them), then the figures. */
export function tableColumns(cells: readonly CellView[], axes: readonly Axis[]): Column[] {
  const field = (name: string, label = name): Column => ({
    name,
    label,
    numeric: axes.find((a) => a.name === name)?.numeric ?? false,
    text: (cell) => valueText(columnValue(cell, name)),
  });
  const shown = new Set(["model", "optimizer", "status"]);
  const labelled = axes.some((axis) => axis.name === "label");
  const figures = metricsOfCells(cells).filter((name) =>
    ["testAccuracy", "bestTestAccuracy", "validationAccuracy", "parameters", "seconds"].includes(name),
  );
  return [
    field("model"),
    field("optimizer"),
    ...axes
      .filter((axis) => (labelled ? LABELLED.has(axis.name) : !shown.has(axis.name)))
      .map((axis) => field(axis.name, axis.label.replace(/^(model|optimizer)\./, ""))),
    field("status"),
    ...figures.map(metric),
  ];
}
