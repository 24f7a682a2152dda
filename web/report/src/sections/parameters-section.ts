/** How many parameters each model has, where they sit, and whether more of them helped. */
import { bestByModel, parameterComments } from "../comments/parameters.js";
import { modelInFull } from "../data/config-fields.js";
import { count, percent, percentTick } from "../data/format.js";
import { figure } from "../draw/figure.js";
import { bdi, h, paragraph } from "../draw/dom.js";
import { entryPerSeries } from "../draw/legend.js";
import { SERIES_COLOURS } from "../draw/theme.js";
import type { Report } from "../report.js";
import { layersTable } from "./layers-table.js";
import { commentary, section } from "./section.js";

const MODELS = 4;

export function parametersSection(report: Report): HTMLElement {
  const models = [...new Map(report.homework.map((cell) => [cell.modelKey, cell])).values()].slice(0, MODELS);
  const tables = models.map((cell) =>
    h("div", {}, h("h4", {}, bdi(modelInFull(cell.record.config.model))), layersTable(report, cell)),
  );
  return section(
    {
      id: "parameters",
      number: "2.4",
      title: "Parameters",
      asked:
        "Create a function that computes the number of parameters of a model. Show it for both models. Does more parameters translate to better performance?",
    },
    paragraph(
      "Every unit of a dense layer has one weight per input and a bias; every channel of a convolution has one weight per input channel and filter tap, and a bias. ReLU, pooling and flattening have none. The counts below are derived from the model's description and agree with what each record counted.",
    ),
    h("div", { class: "wide columns tables" }, tables),
    scatter(report),
    commentary(parameterComments(report.variants)),
  );
}

/** Parameters against accuracy, one point per model. */
function scatter(report: Report): HTMLElement | null {
  const best = bestByModel(report.variants).sort((a, b) => a.parameters - b.parameters);
  if (best.length < 2) return null;
  const x = [...new Set(best.map((v) => v.parameters))];
  const shown = best.length <= 12 ? best.map((v) => [v]) : [best];
  const series = shown.map((group, k) => ({
    label: group.length === 1 ? group[0].model : "best of each model",
    values: x.map((n) =>
      group.filter((v) => v.parameters === n).reduce<number | null>((top, v) => Math.max(top ?? 0, v.test.mean), null),
    ),
    colour: k % SERIES_COLOURS,
    shape: k,
    dashed: false,
    scatter: true,
  }));
  return report.keep(
    figure({
      id: "parameters-accuracy",
      title: "Parameters against test accuracy",
      caption: "The best recipe of each model on original pixels, last epoch.",
      xName: "parameters",
      entries: entryPerSeries(series, "models"),
      cellIds: (k) => shown[k].flatMap((v) => v.cells.map((cell) => cell.id)),
      openCell: report.openCell,
      height: 260,
      chart: {
        x,
        xLabel: "parameters",
        yLabel: "test accuracy",
        formatX: count,
        formatY: (v) => percent(v, 2),
        formatTick: percentTick,
        series,
        log: false,
        logX: x[x.length - 1] / x[0] > 20,
        wholeX: false,
      },
    }),
  ).element;
}
