/** One cell on demand: its record in full, curves, step losses, confusion, mistakes and first-layer filters. */
import type { Mistake } from "../../../../src/core/training/result.js";
import type { CellView } from "../data/cells.js";
import { modelInFull, optimizerInFull } from "../data/config-fields.js";
import { count, duration, loss, lossTick, percent, signedPoints } from "../data/format.js";
import { finite, type Metric } from "../data/learning-curves.js";
import { smooth } from "../data/smoothing.js";
import { decodePixels, permutePixels } from "../data/pixels.js";
import { imageCanvas, signedCanvas } from "../draw/images.js";
import { bdi, command, h, rerunCommand, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import { entryPerSeries } from "../draw/legend.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { checkPanel } from "./check-panel.js";
import { confusionView } from "./confusion-view.js";
import { wantsLog } from "../data/learning-curves.js";
import { curvePair } from "./curve-figures.js";
import { factList } from "./section.js";
import { whatIfPanel } from "./what-if.js";

type Keep = Report["keep"];

function facts(cell: CellView): HTMLElement {
  const { metrics } = cell;
  const { samplesPerSecond: speed } = metrics;
  return factList("facts compact", [
    ["status", h("span", { class: `status status-${cell.outcome}` }, cell.outcome)],
    ...accuracies(cell),
    [`train − ${cell.heldOut}`, `${signedPoints(metrics.gap)} points`],
    ["test loss", loss(metrics.testLoss)],
    ["parameters", count(metrics.parameters)],
    ["time", duration(metrics.seconds)],
    ...(Number.isFinite(speed) && speed > 0 ? [["speed", `${count(speed)} samples/s`] as const] : []),
  ]);
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
    entries: entryPerSeries(series, "lines"),
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

function stepLoss(report: Report, cell: CellView, keep: Keep): Child {
  if (cell.record.steps.loss.length === 0) return null;
  let weight = report.store.state.smoothing;
  const chart = keep(figure(stepSpec(cell, weight)));
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

/** With their images where those are at hand, else in words. */
function mistakes(report: Report, cell: CellView): Child {
  const { images, imageSize, classNames, permutations } = report.data;
  const { mistakes: wrong } = cell.record;
  if (wrong.length === 0) return null;
  const permutation = cell.permutation > 0 ? permutations[String(cell.permutation)] : undefined;
  const name = (label: number) => classNames[label] ?? String(label);
  const picture = (m: Mistake): HTMLElement | null => {
    const pixels = images?.test[String(m.index)];
    if (pixels === undefined || !imageSize) return null;
    const bytes = decodePixels(pixels);
    const shown = permutation ? permutePixels(bytes, permutation) : bytes;
    return imageCanvas(shown, imageSize, `Test image ${m.index}, ${name(m.label)}`);
  };
  const pictures = wrong.map(picture);
  const title = "Most confidently wrong";
  if (pictures.every((canvas) => canvas === null))
    return [
      h("h4", {}, title),
      scrollTable(
        title,
        ["test image", "it is", "the model’s answer", "sure"],
        wrong.map((m) => [m.index, bdi(name(m.label)), bdi(name(m.predicted)), percent(m.confidence)]),
        { numeric: [3] },
      ),
    ];
  const figures = wrong.map((m, i) =>
    h(
      "figure",
      {},
      pictures[i],
      h(
        "figcaption",
        {},
        bdi(name(m.predicted)),
        h("small", {}, `${percent(m.confidence)} sure; it is: `, bdi(name(m.label))),
      ),
    ),
  );
  return [h("h4", {}, title), h("div", { class: "mistakes" }, figures)];
}

function firstLayer(report: Report, cell: CellView): Child {
  const filters = report.data.filters?.[cell.id];
  if (!filters) return null;
  const { count: shown, width, height, values } = filters;
  const size = height * width;
  const permutation = report.data.permutations[String(cell.permutation)];
  const dense = cell.permutation > 0 && permutation?.length === size;
  const filter = (k: number): number[] => {
    const weights = values.slice(k * size, (k + 1) * size);
    if (!dense) return weights;
    const unpermuted = new Array<number>(size);
    weights.forEach((weight, i) => (unpermuted[permutation[i]] = weight));
    return unpermuted;
  };
  return [
    h("h4", {}, "First-layer filters"),
    h(
      "p",
      { class: "note" },
      `Orange is positive, blue negative, each filter on its own scale.${dense ? " Each weight stands where its pixel was before the permutation." : ""}`,
    ),
    h(
      "div",
      { class: "filters-grid" },
      Array.from({ length: shown }, (_, k) => signedCanvas(filter(k), width, height, `Filter ${k + 1}`)),
    ),
  ];
}

function curves(report: Report, cell: CellView, keep: Keep): Child {
  if (cell.record.curve.length === 0) return null;
  const groups = [{ label: cell.recipe, cells: [cell], ...report.mark(cell) }];
  const title = (metric: Metric) => (metric === "accuracy" ? "Accuracy" : "Loss");
  return curvePair(report, { id: "detail", groups, set: "cell", height: 240 }, title, keep);
}

/** Everything about a cell. @param keep told of what is made that is to be taken down with the cell */
export function cellDetails(report: Report, cell: CellView, keep: Keep): Child[] {
  const { error } = cell.record;
  return [
    h("p", { class: "kicker" }, bdi(inFull(cell))),
    command(rerunCommand(cell.id)),
    checkPanel(report, cell, keep),
    error ? null : whatIfPanel(report, cell, keep),
    error ? h("p", { class: "error-text" }, h("strong", {}, "Failed: "), error) : null,
    facts(cell),
    curves(report, cell, keep),
    stepLoss(report, cell, keep),
    confusion(report, cell),
    mistakes(report, cell),
    firstLayer(report, cell),
    h("h4", {}, "Configuration and record"),
    configuration(cell),
  ];
}

function inFull({ record: { config }, permutation, seed }: CellView): string {
  const pixels = permutation === 0 ? "original pixels" : `permutation ${permutation}`;
  return `${modelInFull(config.model)} · ${optimizerInFull(config.optimizer)} · ${pixels} · seed ${seed}`;
}

function confusion({ data }: Report, { record, outcome }: CellView): Child {
  if (record.confusion.length === 0) return h("p", { class: "absent" }, "This record carries no confusion matrix.");
  return [h("h4", {}, "Confusion matrix on the test set"), confusionView(record.confusion, data.classNames, outcome)];
}

function configuration({ fields, record }: CellView): HTMLElement {
  const all = [
    ...fields,
    ["weights digest", record.weightsDigest || "–"] as const,
    ["data digest", record.dataDigest] as const,
    ["engine version", record.engineVersion] as const,
  ];
  return factList(
    "facts compact",
    all.map(([name, value]) => [name, bdi(value), String(value).length > 40 ? "digest" : null]),
  );
}
