/** The bonus: the recipe and its ladder where a bonus sweep was run, else the best cell at hand and what each of its decisions is worth. */
import { ablationComments, ablationTable } from "../comments/ablation.js";
import { bonusComments, budgetText, judgedBy } from "../comments/bonus.js";
import { configFields, modelInFull } from "../data/config-fields.js";
import { count, duration, percent, signedWithin, spreadText } from "../data/format.js";
import { testDifference } from "../data/variants.js";
import { ladderOf, lastHeldOut, type Ladder } from "../data/ladder.js";
import type { CellView } from "../data/cells.js";
import { bdi, button, h, paragraph, prose, visuallyHidden, type Child } from "../draw/dom.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { curvePair } from "./curve-figures.js";
import { ladderTable } from "./ladder-table.js";
import { layersTable } from "./layers-table.js";
import { readingHelp } from "./model-section.js";
import { commentary, section } from "./section.js";

const HEAD = {
  id: "bonus",
  number: "2.6",
  title: "Bonus: the best test accuracy",
  asked:
    "Optimise the test performance on the original data with any trick, and explain each decision. Did you manage to improve, and why?",
};

export function bonusSection(report: Report): HTMLElement {
  const ladder = ladderOf(report.bonus.cells);
  if (ladder) return section(HEAD, ladderParts(report, ladder));
  if (report.data.sweep === "bonus")
    return section(HEAD, h("p", { class: "absent" }, "No cell of the recipe has ended yet."));
  return section(HEAD, bestAtHand(report));
}

function ladderParts(report: Report, ladder: Ladder): Child[] {
  const { recipe } = ladder;
  const [cell] = recipe.cells;
  const foreign = report.bonus.source === "reference" && report.data.source !== "reference";
  return [
    foreign
      ? h(
          "p",
          { class: "note" },
          prose(
            "Reference results, committed with the project: this sweep has no bonus cells. `npm run sweep -- bonus` trains them here.",
          ),
        )
      : null,
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
    ladder.reference
      ? [
          h("h4", {}, "From the homework's CNN to the recipe"),
          paragraph(ladderHelp(ladder)),
          ladderTable(report, ladder, ladder.reference),
        ]
      : h(
          "p",
          { class: "absent" },
          "The ablation's cells have not ended yet, so there is no telling what each decision is worth.",
        ),
    commentary(bonusComments(ladder, report.homework)),
    details("The recipe's network, layer by layer", layersTable(report, cell)),
    configuration("Full configuration of the recipe", cell),
  ];
}

function ladderHelp(ladder: Ladder): string {
  const budget = budgetText(ladder);
  return `${budget ? `The ablation has a smaller budget: ${budget}. ` : ""}Each rung is the recipe${budget ? " at that budget" : ""} with one decision changed, all with the same seed; the line marks it with none changed, and the difference is from there. So the further left a rung, the more its decision is worth.`;
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
  const groups = [{ label: "the recipe", cells, colour: 0, shape: 0 }];
  const smoothed = cells[0].record.config.labelSmoothing !== undefined || cells[0].record.config.augment !== undefined;
  return h(
    "div",
    { class: "wide" },
    curvePair(report, { id: "bonus", groups, set: "cells" }, (metric) => `The recipe: ${metric} by epoch`),
    h(
      "p",
      { class: "note" },
      `${readingHelp(groups, 1)}${smoothed ? " Training figures are of altered images and softened labels, so they lie below what the same network reaches on plain ones." : ""}`,
    ),
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
  if (!table)
    return [h("p", { class: "absent" }, prose("No cell on original pixels has ended with a finite result yet."))];
  const { best, rows } = table;
  return [
    paragraph(
      prose(
        "No recipe was searched for in this sweep. The best of the records at hand, and what one change at a time makes of it:",
      ),
    ),
    h(
      "p",
      { class: "result" },
      "Best: ",
      h("strong", {}, spreadText(best.test, 2)),
      ` test accuracy with the `,
      bdi(best.model),
      `, `,
      bdi(best.recipe),
      ` (${count(best.parameters)} parameters). `,
      button("quiet", "Details", () => report.openCell(best.cells[0].id)),
    ),
    rows.length > 0
      ? scrollTable(
          "Ablation: variants one decision away from the best",
          ["decision", "in the best", "changed to", "test accuracy", "difference in points"],
          rows
            .slice(0, 20)
            .map((row) => [
              h("code", {}, row.field),
              bdi(row.kept),
              bdi(row.changed),
              percent(row.other.test.mean, 2),
              signedWithin(testDifference(row.other, best)),
            ]),
          { numeric: [3, 4] },
        )
      : h("p", { class: "absent" }, "No record differs from it in a single decision, so there is no ablation to show."),
    commentary(ablationComments(table)),
    configuration("Full configuration of the best cell", best.cells[0]),
  ];
}
