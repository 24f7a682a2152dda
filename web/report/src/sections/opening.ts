/** The answers at first sight: what was done, what was found, where to go on, and every recipe's accuracy in one figure. */
import { plural } from "../../../../src/core/numeric/words.js";
import { findings, title } from "../comments/findings.js";
import { byline, datasetName } from "../comments/scope.js";
import type { Table } from "../../../../src/core/csv.js";
import type { CellView } from "../data/cells.js";
import { capital, list } from "../data/format.js";
import { judgeText, sameJudge } from "../data/judge.js";
import type { Spread } from "../data/statistics.js";
import { cellsOf, resultRows, troubleOf, type ResultRow } from "../data/result-rows.js";
import { dataTable } from "../draw/data-table.js";
import { bdi, command, h, paragraphs, rerunCommand, svg, type Child } from "../draw/dom.js";
import { dotPlot } from "../draw/dot-plot.js";
import { shapeMark } from "../draw/marks.js";
import type { Report } from "../report.js";

const ROWS = 12;
/** More names than these are counted. */
const NAMES = 4;

/** What the page is about, in a sentence. */
function about({ cells, data, neutral }: Report): Child[] {
  const named = (of: string[], word: string) => {
    const names = [...new Set(of)];
    return names.length > NAMES ? plural(names.length, word) : list(names);
  };
  const models = named(
    cells.map((cell) => cell.model),
    "model",
  );
  const optimizers = named(
    cells.map((cell) => cell.optimizerWord),
    "optimizer",
  );
  return [
    neutral ? "Networks" : "Small networks",
    models && [" (", bdi(models), ")"],
    " trained on ",
    data.dataset === "fashion-mnist"
      ? h("a", { href: "#ref-fashion-mnist" }, datasetName(data))
      : bdi(datasetName(data)),
    optimizers && [" with ", bdi(optimizers)],
    "; every gradient comes from a ",
    neutral ? "backward pass written by hand" : h("a", { href: "#part-1" }, "backward pass written by hand"),
    ".",
  ];
}

/** Where a reader goes from here. @param cell one that is worth another look */
function next({ data }: Report, cell: CellView | undefined): HTMLElement {
  const rerun = data.source === "reference" ? "After a sweep of your own, rerun any cell:" : "Rerun any cell:";
  return h(
    "div",
    { class: "next" },
    h("a", { class: "action print-hide", href: "#explorer" }, "Explore every cell"),
    cell ? [h("span", {}, rerun), command(rerunCommand(cell.id))] : null,
  );
}

function tableOf(rows: readonly ResultRow[]): Table {
  const validated = rows.some(({ judge }) => judge.split === "validation");
  const sides = ({ original, permuted }: ResultRow) => [original, permuted];
  const mean = ({ n, mean: of }: Spread) => (n > 0 ? of : null);
  const figures = (row: ResultRow) =>
    sides(row).flatMap(({ judged }) => [mean(judged), judged.n > 1 ? judged.std : null, judged.n]);
  const beside = (row: ResultRow) =>
    validated ? [judgeText(row.judge), ...sides(row).map(({ test }) => mean(test))] : [];
  const word = validated ? "accuracy" : "test accuracy";
  const columns = ["original", "permuted"].flatMap((side) => [
    `${word}, ${side}`,
    `standard deviation, ${side}`,
    `seeds, ${side}`,
  ]);
  return {
    columns: [
      "model",
      "recipe",
      ...columns,
      ...(validated ? ["judged by", "test accuracy, original", "test accuracy, permuted"] : []),
      "ended",
    ],
    rows: rows.map((row) => [row.model, row.recipe, ...figures(row), ...beside(row), troubleOf(row) || "done"]),
  };
}

/** What the marks are, as far as they occur. */
function caption(rows: readonly ResultRow[], models: readonly string[], all: number): Child[] {
  const first = rows[0].judge;
  const apart = rows.filter((row) => !sameJudge(row, rows[0])).length;
  const several = rows.some(({ original, permuted }) => Math.max(original.cells.length, permuted.cells.length) > 1);
  const shapes = models.map((model, i) => [
    i > 0 ? ", " : "",
    svg("svg", { class: "dot-key", viewBox: "-7 -7 14 14", "aria-hidden": "true" }, shapeMark(i, 0, 0, 5)),
    bdi(model),
  ]);
  return [
    `${capital(first.split)} accuracy after the last epoch, the best recipe first. `,
    first.split === "validation" && `Chosen by ${judgeText(first)}; the data table has the test accuracies. `,
    apart > 0 &&
      `The last ${apart === 1 ? "recipe is" : `${apart} are`} judged by other images and not ranked with these. `,
    rows.some((row) => row.permuted.cells.length > 0) && "Filled: original pixels; hollow: permuted ones. ",
    several && "Marks are means, small dots single seeds. ",
    models.length > 1 && ["Shape: ", shapes, "; colour: the optimizer. "],
    rows.some((row) => troubleOf(row).includes("collapsed")) && "▬ collapsed: one class for every image. ",
    all > rows.length && [
      `The ${rows.length} best of ${all} recipes; `,
      h("a", { href: "#explorer" }, "the explorer has all"),
      ". ",
    ],
    h("span", { class: "print-hide" }, "Choose a row to open its cell."),
  ];
}

function results(report: Report, cells: readonly CellView[], rows: readonly ResultRow[]): HTMLElement | null {
  if (rows.length === 0) return null;
  const shown = rows.slice(0, ROWS);
  const drawn = new Set(shown.map((row) => row.model));
  const models = [...new Set(cells.map((cell) => cell.model))].filter((model) => drawn.has(model));
  const label = `${capital(shown[0].judge.split)} accuracy of each recipe, best first`;
  return h(
    "figure",
    { class: "wide results", "aria-label": label },
    dotPlot({
      rows: shown,
      chance: 1 / report.classes,
      label,
      colour: (row) => report.mark(row).colour,
      shape: (row) => models.indexOf(row.model),
      openCell: report.openCell,
    }),
    h("figcaption", {}, caption(shown, models, rows.length)),
    dataTable(`Data table: ${label}`, () => tableOf(rows)),
  );
}

export function opening(report: Report): HTMLElement {
  const { homework } = report;
  const ownBonus = report.neutral ? [] : report.ownBonus;
  // Of a bonus sweep only the recipe is judged by the test set; its ablation is a matter of validation images.
  const cells = [...homework, ...ownBonus.filter((cell) => cell.role === "final")];
  const rows = resultRows(cells);
  // A cell of the homework is trained again in seconds.
  const again = [...resultRows(homework), ...rows].flatMap(cellsOf)[0];
  return h(
    "section",
    { class: "opening", "aria-labelledby": "title" },
    h("h1", { id: "title" }, bdi(title(report))),
    h("p", { class: "about" }, about(report)),
    h("p", { class: "byline" }, bdi(byline(report))),
    next(report, again),
    results(report, cells, rows),
    h(
      "div",
      { class: "found" },
      h("h2", { id: "findings" }, "What was found"),
      h("div", {}, paragraphs(findings(homework, ownBonus))),
    ),
  );
}
