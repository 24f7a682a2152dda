/** The confusion matrix as a table, and accuracy class by class. */
import { classAccuracies, confusedPairs } from "../data/confusion.js";
import { list, percent } from "../data/format.js";
import { h, svg } from "../draw/dom.js";
import { scrollTable } from "./section.js";

/** Ten steps of shade; a class of the style sheet each. */
function shade(n: number, total: number): string {
  return n === 0 || total === 0 ? "heat-none" : `heat-${Math.min(9, Math.floor((10 * n) / total))}`;
}

export function confusionView(confusion: readonly number[][], classNames: readonly string[]): HTMLElement {
  const name = (label: number) => classNames[label] ?? String(label);
  const accuracies = classAccuracies(confusion);
  const pairs = confusedPairs(confusion, 3);
  const bar = (fraction: number) =>
    svg(
      "svg",
      { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "bar-back", width: 100, height: 8 }),
      svg("rect", { class: "bar-fill", width: Number.isFinite(fraction) ? (100 * fraction).toFixed(2) : 0, height: 8 }),
    );
  return h(
    "div",
    {},
    h(
      "div",
      { class: "table-scroll confusion", tabindex: 0, role: "region", "aria-label": "Confusion matrix" },
      h(
        "table",
        {},
        h("caption", {}, "Rows: true class. Columns: the model's answer."),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", {}),
            confusion.map((_, k) => h("th", { scope: "col" }, h("span", {}, h("bdi", {}, name(k))))),
          ),
        ),
        h(
          "tbody",
          {},
          confusion.map((row, label) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, h("bdi", {}, name(label))),
              row.map((n, k) =>
                h(
                  "td",
                  { class: `${shade(n, accuracies[label].images)}${k === label ? " diagonal" : ""}` },
                  n === 0 ? "·" : String(n),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
    pairs.length > 0
      ? h(
          "p",
          {},
          `Most often confused: ${list(pairs.map((p) => `${name(p.label)} taken for ${name(p.predicted)} (${p.count})`))}.`,
        )
      : null,
    scrollTable(
      "Accuracy by class",
      ["class", "recognised", h("span", { class: "visually-hidden" }, "as a bar"), "answers that were right"],
      accuracies.map((a) => [
        h("bdi", {}, name(a.label)),
        percent(a.recall),
        bar(a.recall),
        Number.isNaN(a.precision) ? "never answered" : percent(a.precision),
      ]),
      { numeric: [1, 3] },
    ),
  );
}
