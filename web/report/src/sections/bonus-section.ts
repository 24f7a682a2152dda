/** The bonus: the recipe and its ladder where a bonus sweep was run, else the best cell at hand and what each of its decisions is worth. */
import { ablationComments, ablationTable } from "../comments/ablation.js";
import { fullSentence } from "../comments/charts.js";
import { bonusComments, budgetText, judgedBy } from "../comments/bonus.js";
import { testBeside } from "../comments/judged.js";
import { configFields } from "../../../../src/core/config-fields.js";
import { modelInFull } from "../data/config-fields.js";
import { count, duration, percent, signedWithin, spreadText } from "../data/format.js";
import { judgedDifference } from "../data/variants.js";
import { ladderOf, lastHeldOut, type Ladder } from "../data/ladder.js";
import type { CellView } from "../data/cells.js";
import type { Metric } from "../data/learning-curves.js";
import { sharedScale } from "../data/shared-scale.js";
import { bdi, button, h, paragraph, visuallyHidden, type Child } from "../draw/dom.js";
import { scrollTable } from "../draw/table.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { curvePair } from "./curve-figures.js";
import { ladderTable } from "./ladder-table.js";
import { layersTable } from "./layers-table.js";
import { readingHelp } from "./model-section.js";
import { commentary, framed, writtenSection } from "./section.js";

const HEAD = "bonus";
const absent = (text: string): HTMLElement => h("div", { class: "absent" }, written(HEAD, {}, text));

export function bonusSection(report: Report): HTMLElement {
  const ladder = ladderOf(report.bonus.cells);
  const unfinished = report.data.sweep === "bonus";
  const parts = ladder ? ladderParts(report, ladder) : unfinished ? absent("absent") : bestAtHand(report);
  return writtenSection(HEAD, { parts }, framed(report, HEAD));
}

function ladderParts(report: Report, ladder: Ladder): Child[] {
  const { recipe } = ladder;
  const [cell] = recipe.cells;
  const foreign = report.bonus.source === "reference" && report.data.source !== "reference";
  return [
    foreign ? h("div", { class: "note" }, written(HEAD, {}, "reference")) : null,
    h(
      "p",
      { class: "result" },
      "The recipe: ",
      h("strong", {}, spreadText(recipe.test, 2)),
      ` test accuracy${recipe.test.n > 1 ? `, mean and standard deviation over ${recipe.test.n} seeds` : ""}, with a `,
      bdi(modelInFull(cell.record.config.model)),
      ` of ${count(cell.metrics.parameters)} parameters, ${duration(recipe.seconds.mean)} a cell.`,
    ),
    paragraph(judgedBy(ladder)),
    seedTable(report, recipe.cells),
    curves(report, recipe.cells),
    ladder.reference ? forest(report, ladder, ladder.reference) : absent("unfinished"),
    commentary(bonusComments(ladder, report.neutral ? [] : report.homework)),
    details("The recipe's network, layer by layer", layersTable(report, cell)),
    configuration("Full configuration of the recipe", cell),
  ];
}

function forest(report: Report, ladder: Ladder, reference: CellView): Child {
  const budget = budgetText(ladder);
  return [
    h("h4", {}, "What each decision is worth"),
    written(
      HEAD,
      {
        budget: budget ? `The ablation has a smaller budget: ${budget}.` : null,
        there: budget ? " at that budget" : null,
      },
      "ladder",
    ),
    ladderTable(report, ladder, reference),
    paragraph(fullSentence(ladder)),
  ];
}

function seedTable(report: Report, cells: readonly CellView[]): HTMLElement {
  const validated = cells.some((cell) => cell.heldOut === "validation");
  return scrollTable(
    "The recipe, seed by seed",
    [
      "seed",
      ...(validated ? ["validation accuracy"] : []),
      "test accuracy",
      "epochs",
      "time",
      visuallyHidden("details"),
    ],
    cells.map((cell) => [
      String(cell.seed),
      ...(validated ? [Number.isFinite(lastHeldOut(cell)) ? percent(lastHeldOut(cell), 2) : cell.record.status] : []),
      percent(cell.metrics.testAccuracy, 2),
      String(cell.curve.length),
      duration(cell.metrics.seconds),
      button("quiet", "Details", () => report.openCell(cell.id), { "aria-label": `Details of ${cell.id}` }),
    ]),
    { numeric: validated ? [1, 2, 3, 4, 5] : [1, 2, 3, 4] },
  );
}

function curves(report: Report, cells: CellView[]): HTMLElement {
  const groups = [{ label: "the recipe", cells, ...report.mark(cells[0]) }];
  const scale = (metric: Metric) => sharedScale(cells, metric, ["heldOut", "train"], report.classes);
  const what = {
    id: "bonus",
    groups,
    set: "cells",
    told: true,
    scales: { accuracy: scale("accuracy"), loss: scale("loss") },
  };
  const smoothed = cells[0].record.config.labelSmoothing !== undefined || cells[0].record.config.augment !== undefined;
  return h(
    "div",
    { class: "wide" },
    curvePair(report, what, (metric) => `The recipe: ${metric} by epoch`),
    h("p", { class: "note" }, readingHelp(groups, 1)),
    smoothed ? h("div", { class: "note" }, written(HEAD, {}, "altered")) : null,
  );
}

function details(summary: string, ...children: Child[]): HTMLElement {
  return h("details", { class: "data-table" }, h("summary", {}, summary), children);
}

function configuration(title: string, cell: CellView): HTMLElement {
  return details(
    title,
    scrollTable(
      title,
      ["field", "value"],
      [...configFields(cell.record.config)].map(([name, value]) => [h("code", {}, name), bdi(String(value))]),
    ),
  );
}

/** Of a sweep without a recipe: its best variant, and those one decision away. */
function bestAtHand(report: Report): Child[] {
  const table = ablationTable(report.homework);
  if (!table) return [absent("none")];
  const { best, rows } = table;
  return [
    written(HEAD, {}, "best"),
    h(
      "p",
      { class: "result" },
      "Best: ",
      h("strong", {}, spreadText(best.judged, 2)),
      ` ${best.judge.split} accuracy with the `,
      bdi(best.model),
      `, `,
      bdi(best.recipe),
      ` (${count(best.parameters)} parameters).`,
      bdi(testBeside([best], ({ recipe }) => recipe)),
      " ",
      button("quiet", "Details", () => report.openCell(best.cells[0].id)),
    ),
    rows.length > 0
      ? scrollTable(
          "Ablation: variants one decision away from the best",
          ["decision", "in the best", "changed to", `${best.judge.split} accuracy`, "difference in points"],
          rows
            .slice(0, 20)
            .map((row) => [
              h("code", {}, row.field),
              bdi(row.kept),
              bdi(row.changed),
              percent(row.other.judged.mean, 2),
              signedWithin(judgedDifference(row.other, best)),
            ]),
          { numeric: [3, 4] },
        )
      : absent("alone"),
    commentary(ablationComments(table)),
    configuration("Full configuration of the best cell", best.cells[0]),
  ];
}
