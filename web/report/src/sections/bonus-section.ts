/** The best cell, and what each of its decisions is worth. */
import { ablationTable } from "../comments/ablation.js";
import { accuracyText } from "../comments/learning.js";
import { configFields } from "../data/config-fields.js";
import { count, percent, signedPoints } from "../data/format.js";
import { h, prose } from "../draw/dom.js";
import type { Report } from "../report.js";
import { commentary, scrollTable, section } from "./section.js";

export function bonusSection(report: Report): HTMLElement {
  const head = { id: "bonus", number: "2.6", title: "Bonus: the best test accuracy", asked: "Optimise the test performance on the original data with any trick, and explain each decision. Did you manage to improve, and why?" };
  const table = ablationTable(report.cells);
  if (!table) return section(head, h("p", { class: "absent" }, prose("No cell on original pixels has ended with a finite result yet.")));
  const { best, rows } = table;
  const isBonus = report.data.sweep === "bonus";
  const worth = rows.filter((row) => row.cost >= 0.002);
  const against = rows.filter((row) => row.cost < 0);
  return section(
    head,
    isBonus ? null : h("p", {}, prose("No recipe was searched for in this sweep. The best of the records at hand, and what one change at a time makes of it:")),
    h("p", { class: "result" }, "Best: ", h("strong", {}, accuracyText(best, 2)), ` test accuracy with the `, h("bdi", {}, best.model), `, `, h("bdi", {}, best.recipe), ` (${count(best.parameters)} parameters). `, h("button", { type: "button", class: "quiet", onclick: () => report.openCell(best.cells[0].id) }, "Details")),
    rows.length > 0
      ? scrollTable(
          "Ablation: variants one decision away from the best",
          ["decision", "in the best", "changed to", "test accuracy", "difference in points"],
          rows.slice(0, 20).map((row) => [h("code", {}, row.field), h("bdi", {}, row.kept), h("bdi", {}, row.changed), percent(row.other.test.mean, 2), signedPoints(-row.cost)]),
          { numeric: [3, 4] },
        )
      : h("p", { class: "absent" }, "No record differs from it in a single decision, so there is no ablation to show."),
    rows.length > 0
      ? commentary([
          worth.length > 0
            ? `The decision that matters most is ${worth[0].field}: with ${worth[0].changed} instead of ${worth[0].kept}, ${signedPoints(-worth[0].cost)} points.`
            : "No single decision is worth more than a fifth of a point, less than what a change of seed can do.",
          against.length > 0 ? `${against[0].field} set to ${against[0].changed} would have been better by ${signedPoints(-against[0].cost)} points.` : "",
        ])
      : null,
    h("details", { class: "data-table" }, h("summary", {}, "Full configuration of the best cell"), scrollTable("Configuration of the best cell", ["field", "value"], [...configFields(best.cells[0].record.config)].map(([name, value]) => [h("code", {}, name), h("bdi", {}, String(value))]))),
  );
}
