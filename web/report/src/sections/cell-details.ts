/** One cell on demand: its record in full, curves, step losses, confusion, mistakes and first-layer filters. */
import type { CellView } from "../data/cells.js";
import { modelInFull, optimizerInFull } from "../data/config-fields.js";
import { count, duration, loss, lossTick, percent, signedPoints } from "../data/format.js";
import { smooth } from "../data/smoothing.js";
import { decodePixels, imageCanvas, permutePixels, signedCanvas } from "../draw/images.js";
import { copyButton, h, rerunCommand, type Child } from "../draw/dom.js";
import { figure, type Figure } from "../draw/figure.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import type { Report } from "../report.js";
import { confusionView } from "./confusion-view.js";
import { curveFigure, wantsLog } from "./curve-figures.js";

const FILTERS = 64;

function facts(cell: CellView): HTMLElement {
  const { record, metrics } = cell;
  const rows: [string, Child][] = [
    ["status", h("span", { class: `status status-${record.status}` }, record.status)],
    ...accuracies(cell),
    [`train − ${cell.heldOut}`, `${signedPoints(metrics.gap)} points`],
    ["test loss", loss(metrics.testLoss)],
    ["parameters", count(metrics.parameters)],
    ["time", duration(metrics.seconds)],
    [
      "speed",
      Number.isFinite(metrics.samplesPerSecond) && metrics.samplesPerSecond > 0
        ? `${count(metrics.samplesPerSecond)} samples/s`
        : "–",
    ],
  ];
  return h(
    "dl",
    { class: "facts compact" },
    rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function accuracies({ heldOut, metrics, curve }: CellView): [string, Child][] {
  const best = curve.find((row) => row.epoch === metrics.bestEpoch);
  const bestText = best ? `${percent(best.heldOutAccuracy, 2)}, epoch ${best.epoch}` : percent(NaN);
  if (heldOut === "test")
    return [
      ["test accuracy", percent(metrics.testAccuracy, 2)],
      ["best of any epoch", bestText],
    ];
  return [
    ["validation accuracy", percent(metrics.validationAccuracy, 2)],
    ["best of any epoch", bestText],
    ["test accuracy, read once", percent(metrics.testAccuracy, 2)],
  ];
}

function stepSpec(cell: CellView, smoothing: number): FigureSpec {
  const { steps } = cell.record;
  const finite = (v: number) => (Number.isFinite(v) ? v : null);
  const smoothed = smooth(steps.loss, smoothing).map(finite);
  const raw = steps.loss.map(finite);
  const series = [
    { label: "each step", values: raw, colour: 7, shape: null, dashed: false, width: 1 },
    ...(smoothing > 0
      ? [{ label: "smoothed", values: smoothed, colour: 0, shape: null, dashed: false, width: 2.2 }]
      : []),
  ];
  return {
    id: "detail-steps",
    title: "Training loss by step",
    caption:
      steps.every > 1 ? `Every ${steps.every}th step is recorded; one step is one batch.` : "One step is one batch.",
    xName: "step",
    canLog: true,
    entries: series.map((s, k) => ({
      label: s.label,
      colour: s.colour,
      shape: null,
      dashed: false,
      series: [k],
      set: "lines",
    })),
    cellIds: () => [cell.id],
    height: 240,
    chart: {
      x: raw.map((_, i) => i * steps.every),
      xLabel: "step",
      yLabel: "loss (nats)",
      formatX: count,
      formatY: loss,
      formatTick: lossTick,
      series,
      log: wantsLog([raw], 1000),
      wholeX: true,
    },
  };
}

function stepLoss(report: Report, cell: CellView, figures: Figure[]): Child {
  if (cell.record.steps.loss.length === 0) return null;
  let weight = report.store.state.smoothing;
  const chart = figure(stepSpec(cell, weight));
  figures.push(chart);
  const shown = h("output", { for: "smoothing" }, weight.toFixed(2));
  const slider = h("input", { type: "range", id: "smoothing", min: 0, max: 0.99, step: 0.01, value: weight });
  slider.addEventListener("input", () => {
    weight = Number(slider.value);
    shown.textContent = weight.toFixed(2);
    chart.update(stepSpec(cell, weight));
  });
  slider.addEventListener("change", () => report.store.change({ smoothing: weight }));
  return [chart.element, h("p", { class: "slider" }, h("label", { for: "smoothing" }, "Smoothing"), slider, shown)];
}

function mistakes(report: Report, cell: CellView): Child {
  const { images, imageSize, classNames, permutations } = report.data;
  const { mistakes: wrong } = cell.record;
  if (wrong.length === 0) return null;
  const permutation = cell.permutation > 0 ? permutations[String(cell.permutation)] : undefined;
  const name = (label: number) => classNames[label] ?? String(label);
  return [
    h("h4", {}, "Most confidently wrong"),
    h(
      "div",
      { class: "mistakes" },
      wrong.map((m) => {
        const pixels = images?.test[String(m.index)];
        const bytes = pixels === undefined ? null : decodePixels(pixels);
        return h(
          "figure",
          {},
          bytes && imageSize
            ? imageCanvas(
                permutation ? permutePixels(bytes, permutation) : bytes,
                imageSize,
                `Test image ${m.index}, ${name(m.label)}`,
              )
            : null,
          h(
            "figcaption",
            {},
            h("bdi", {}, name(m.predicted)),
            h("small", {}, `${percent(m.confidence)} sure; it is: `, h("bdi", {}, name(m.label))),
          ),
        );
      }),
    ),
  ];
}

function firstLayer(report: Report, cell: CellView): Child {
  const filters = report.data.filters?.[cell.id];
  if (!filters) return null;
  const size = filters.height * filters.width;
  return [
    h("h4", {}, "First-layer filters"),
    h(
      "p",
      { class: "note" },
      `Orange is positive, blue negative, each filter on its own scale.${filters.count > FILTERS ? ` The first ${FILTERS} of ${filters.count}.` : ""}`,
    ),
    h(
      "div",
      { class: "filters-grid" },
      Array.from({ length: Math.min(FILTERS, filters.count) }, (_, k) =>
        signedCanvas(filters.values.slice(k * size, (k + 1) * size), filters.width, filters.height, `Filter ${k + 1}`),
      ),
    ),
  ];
}

function curves(report: Report, cell: CellView, figures: Figure[]): Child {
  if (cell.record.curve.length === 0) return null;
  const group = { label: cell.recipe, cells: [cell], ...report.mark(cell.recipe) };
  return h(
    "div",
    { class: "columns" },
    (["accuracy", "loss"] as const).map((metric) => {
      const chart = figure(
        curveFigure(report, {
          id: `detail-${metric}`,
          title: metric === "accuracy" ? "Accuracy" : "Loss",
          metric,
          splits: ["heldOut", "train"],
          groups: [group],
          set: "cell",
          sync: "detail",
          height: 240,
        }),
      );
      figures.push(chart);
      return chart.element;
    }),
  );
}

/** Everything about a cell; the figures it makes are pushed to `figures`, to be taken down with it. */
export function cellDetails(report: Report, cell: CellView, figures: Figure[]): Child[] {
  const { record } = cell;
  const command = rerunCommand(cell.id);
  return [
    h(
      "p",
      { class: "kicker" },
      h(
        "bdi",
        {},
        `${modelInFull(record.config.model)} · ${optimizerInFull(record.config.optimizer)} · ${cell.permutation === 0 ? "original pixels" : `permutation ${cell.permutation}`} · seed ${cell.seed}`,
      ),
    ),
    h("p", { class: "command" }, h("code", {}, h("bdi", {}, command)), copyButton(command)),
    record.error ? h("p", { class: "error-text" }, h("strong", {}, "Failed: "), record.error) : null,
    facts(cell),
    curves(report, cell, figures),
    stepLoss(report, cell, figures),
    record.confusion.length > 0
      ? [h("h4", {}, "Confusion matrix on the test set"), confusionView(record.confusion, report.data.classNames)]
      : h(
          "p",
          { class: "absent" },
          report.data.source === "reference"
            ? "Reference results carry curves and figures only; confusion matrix, mistakes and step losses appear once the cell was run here."
            : "This record carries no confusion matrix.",
        ),
    mistakes(report, cell),
    firstLayer(report, cell),
    h("h4", {}, "Configuration and record"),
    h(
      "dl",
      { class: "facts compact" },
      [
        ...cell.fields,
        ["weights digest", record.weightsDigest || "–"] as const,
        ["data digest", record.dataDigest] as const,
        ["engine version", record.engineVersion] as const,
      ].map(([name, value]) =>
        h(
          "div",
          {},
          h("dt", {}, name),
          h("dd", { class: String(value).length > 40 ? "digest" : null }, h("bdi", {}, String(value))),
        ),
      ),
    ),
  ];
}
