/** Chosen cells side by side: results, and the config fields in which they differ. */
import type { CellView } from "../data/cells.js";
import { configDifferences } from "../data/selection.js";
import { duration, loss, percent } from "../data/format.js";
import { bdi, button, h, visuallyHidden } from "../draw/dom.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";

const SHOWN = 8;

export function comparePanel(report: Report, cells: readonly CellView[]): HTMLElement | null {
  if (cells.length === 0) return null;
  const shown = cells.slice(0, SHOWN);
  const differences = configDifferences(shown);
  const result = (name: string, text: (cell: CellView) => string) => [name, ...shown.map((cell) => bdi(text(cell)))];
  return h(
    "div",
    { class: "compare" },
    h(
      "div",
      { class: "figure-head" },
      h("h4", {}, `Comparing ${cells.length} ${cells.length === 1 ? "cell" : "cells"}`),
      button("quiet", "Clear", () => report.store.change({ compare: [] })),
    ),
    scrollTable(
      "Compared cells",
      [visuallyHidden("field"), ...shown.map(({ id }) => button("cell-link", bdi(id), () => report.openCell(id)))],
      [
        ...differences.map(({ field, values }) => [
          h("code", {}, field),
          ...values.map((value) => h("mark", {}, bdi(value))),
        ]),
        result("status", (cell) => cell.outcome),
        result("test accuracy", (cell) => percent(cell.metrics.testAccuracy, 2)),
        ...(shown.some((cell) => cell.heldOut === "validation")
          ? [
              result("validation accuracy", (cell) =>
                cell.heldOut === "validation" ? percent(cell.metrics.validationAccuracy, 2) : "–",
              ),
            ]
          : []),
        result("best of any epoch", (cell) => percent(cell.metrics.bestTestAccuracy, 2)),
        result("train accuracy", (cell) => percent(cell.metrics.trainAccuracy, 2)),
        result("test loss", (cell) => loss(cell.metrics.testLoss)),
        result("time", (cell) => duration(cell.metrics.seconds)),
      ],
    ),
    h(
      "p",
      { class: "note" },
      differences.length > 0 && shown.length > 1
        ? "Marked: the settings in which they differ; all others are equal."
        : shown.length > 1
          ? "Their settings are all equal."
          : "Tick further cells in the table to compare them.",
      cells.length > SHOWN ? ` The first ${SHOWN} are shown.` : "",
    ),
  );
}
