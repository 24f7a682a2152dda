/** How many parameters each model has, where they sit, and whether more of them, or more time, helped. */
import { frontierSentence } from "../comments/charts.js";
import { parameterComments } from "../comments/parameters.js";
import type { CellView } from "../data/cells.js";
import { modelInFull } from "../data/config-fields.js";
import { count, percent, percentTick, plain } from "../data/format.js";
import { judgedAlike } from "../data/judge.js";
import { paretoFrontier } from "../data/pareto.js";
import { SHAPES } from "../data/shown-models.js";
import { competing, scaleOf } from "../data/shared-scale.js";
import type { Series } from "../draw/chart-spec.js";
import { bdi, h, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import type { LegendEntry } from "../draw/legend.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { layersTable } from "./layers-table.js";
import { sectionCode } from "./section-code.js";
import { commentary, framed, writtenSection } from "./section.js";

/** Models whose layers are shown. */
const MODELS = 4;

export function parametersSection(report: Report): HTMLElement {
  const models = [...new Map(report.homework.map((cell) => [cell.modelKey, cell])).values()].slice(0, MODELS);
  const tables = models.map((cell) =>
    h("div", {}, h("h4", {}, bdi(modelInFull(cell.record.config.model))), layersTable(report, cell)),
  );
  const slots = {
    tables: h("div", { class: "wide columns tables" }, tables),
    code: sectionCode("parameters"),
    charts: charts(report),
    comments: commentary(parameterComments(report.variants)),
  };
  return writtenSection("parameters", slots, framed(report, "parameters"));
}

/** What a chart has on its x axis. */
interface Cost {
  id: string;
  title: string;
  name: string;
  of(cell: CellView): number;
  format(value: number): string;
}

const COSTS: Cost[] = [
  {
    id: "parameters-accuracy",
    title: "Accuracy and parameters",
    name: "parameters",
    of: (cell) => cell.metrics.parameters,
    format: count,
  },
  {
    id: "time-accuracy",
    title: "Accuracy and time",
    name: "seconds",
    of: (cell) => cell.metrics.seconds,
    format: (v) => plain(Number(v.toPrecision(3))),
  },
];

function charts(report: Report): Child {
  const figures = COSTS.map((cost) => costFigure(report, cost));
  if (!figures[0]) return null;
  return [
    h(
      "div",
      { class: "wide columns" },
      figures.map((spec) => spec && report.keep(figure(spec)).element),
    ),
    figures[1] ? null : written("parameters", {}, "timeless"),
  ];
}

/** Every cell on original pixels as a point, and their frontier; null where fewer than two have a place. */
export function costFigure(report: Report, cost: Cost): FigureSpec | null {
  const cells = judgedAlike(
    report.homework.filter((cell) => cell.permutation === 0 && cost.of(cell) > 0 && Number.isFinite(cell.judged)),
  ).sort((a, b) => cost.of(a) - cost.of(b));
  if (cells.length < 2) return null;
  const x = cells.map(cost.of);
  const accuracies = cells.map((cell) => cell.judged);
  const frontier = paretoFrontier(cells.map((_, i) => ({ cost: x[i], gain: accuracies[i] })));
  const { series, entries } = pointsOf(report, cells);
  const line: Series = {
    label: "frontier",
    values: cells.map((_, i) => (frontier.includes(i) ? accuracies[i] : null)),
    colour: null,
    shape: null,
    dashed: false,
    stepped: true,
    width: 1.4,
  };
  const best = frontier[frontier.length - 1];
  const { include, strip } = scaleOf(
    accuracies,
    competing(cells, report.classes).map((cell) => cell.judged),
    false,
  );
  return {
    id: cost.id,
    title: cost.title,
    caption: frontierSentence(
      frontier.map((i) => cells[i]),
      cells.length,
      (cell) => `${cost.format(cost.of(cell))} ${cost.name}`,
      strip?.edge,
    ),
    xName: cost.name,
    entries: [...entries, { ...line, series: [series.length], set: "lines" }],
    cellIds: (_, index) => [cells[index].id],
    openCell: report.openCell,
    height: 280,
    chart: {
      x,
      xLabel: cost.name,
      yLabel: `${cells[0].judge.split} accuracy`,
      formatX: cost.format,
      formatY: (v) => percent(v, 2),
      formatTick: percentTick,
      series: [...series, line],
      sparse: true,
      remark: {
        series: series.length,
        index: best,
        lines: [`${cells[best].model}, ${cells[best].recipe}`, percent(accuracies[best])],
      },
      log: false,
      logX: x[x.length - 1] / x[0] > 20,
      wholeX: false,
      include,
      strip,
    },
  };
}

/** A series for each model and optimizer: a hue an optimizer, a shape a model, or a kind of model where there are more than shapes. */
function pointsOf(report: Report, cells: readonly CellView[]): { series: Series[]; entries: LegendEntry[] } {
  const few = new Set(cells.map((cell) => cell.model)).size <= SHAPES;
  const modelOf = (cell: CellView) => (few ? cell.model : cell.modelKind);
  // In the homework's order, so that both charts have the same marks.
  const ordered = report.homework.filter((cell) => cells.includes(cell));
  const optimizers = [...new Set(ordered.map((cell) => cell.optimizerWord))];
  const models = [...new Set(report.homework.map(modelOf))].filter((model) =>
    ordered.some((cell) => modelOf(cell) === model),
  );
  const pairs = optimizers.flatMap((optimizer) => models.map((model) => ({ optimizer, model })));
  const colourOf = (optimizer: string) => {
    const cell = cells.find(({ optimizerWord }) => optimizerWord === optimizer);
    return cell ? report.mark(cell).colour : 0;
  };
  const series = pairs.map(({ optimizer, model }): Series => ({
    label: `${model}, ${optimizer}`,
    values: cells.map((cell) => (cell.optimizerWord === optimizer && modelOf(cell) === model ? cell.judged : null)),
    colour: colourOf(optimizer),
    shape: models.indexOf(model),
    dashed: false,
    scatter: true,
  }));
  const which = (is: (pair: { optimizer: string; model: string }) => boolean) =>
    pairs.flatMap((pair, k) => (is(pair) ? [k] : []));
  const entries: LegendEntry[] = [
    ...optimizers.map((optimizer) => ({
      label: optimizer,
      colour: colourOf(optimizer),
      shape: null,
      dashed: false,
      series: which((pair) => pair.optimizer === optimizer),
      set: "optimizers",
    })),
    ...models.map((model, shape) => ({
      label: model,
      colour: null,
      shape,
      dashed: false,
      scatter: true,
      series: which((pair) => pair.model === model),
      set: "models",
    })),
  ];
  return { series, entries };
}
