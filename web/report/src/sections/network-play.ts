/** The network of part one on a batch that the reader edits: what it returns, its loss, and the gradient beside finite differences. */
import { gradientVerdict } from "../comments/part-one.js";
import { numeral } from "../data/format.js";
import { batchResults, elementNames, reportBatch, SHAPES, type BatchResults, type Compared } from "../data/part-one.js";
import { button, h, refill, type Child } from "../draw/dom.js";
import { matrix } from "../draw/matrix.js";
import { follow, NumberFields } from "../draw/number-fields.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { factList } from "./section.js";

/** Weights that the gradient check shows at once, and decimals of their derivatives. */
const SHOWN_ERRORS = 5;
const DIGITS = 7;

const NAMES = ["X", "y", "w_1", "w_2"] as const;

export function networkPlay(report: Report): HTMLElement {
  const batch = reportBatch();
  const groups = NAMES.map((name) => {
    const spec = { id: `batch-${name}`, names: elementNames(name), initial: batch[name] };
    return new NumberFields(name === "y" ? { ...spec, choices: [0, 1] } : { ...spec, columns: SHAPES[name][1] });
  });
  const [outputs, facts, worst, all] = [h("div", FRAME), h("div"), h("div"), h("div")];
  const verdict = h("p");
  const folded = h("details", { class: "data-table" }, h("summary", {}, "All weights"), all);
  const results = h(
    "div",
    { class: "computed" },
    outputs,
    h("div", { "aria-live": "polite" }, facts, verdict),
    worst,
    folded,
  );
  const scaleWeights = (by: number) => {
    for (const weights of groups.slice(2)) {
      const read = weights.read();
      if (read) weights.write(read.map((weight) => Number((by * weight).toPrecision(12))));
    }
    following.update();
  };
  const reset = () => {
    for (const group of groups) group.write(group.initial);
    following.update();
  };
  const place = h(
    "div",
    { class: "play", role: "group", "aria-label": "The network on a batch" },
    h("p", { class: "note print-hide" }, "Change any value; arrow keys move within a matrix."),
    h(
      "div",
      { ...FRAME, class: "matrices entries", "aria-label": "The batch and its weights" },
      NAMES.map((name, i) => matrix(name, SHAPES[name][1], groups[i].fields)),
    ),
    groups.map((group) => group.error),
    h(
      "div",
      { class: "play-controls" },
      button("quiet", "Weights × 10", () => scaleWeights(10)),
      button("quiet", "Weights ÷ 10", () => scaleWeights(0.1)),
      button("quiet", "Back to the report’s values", reset),
    ),
    results,
  );
  const following = follow(place, groups, results, ([X, y, w_1, w_2]) => {
    const found = batchResults({ X, y, w_1, w_2 });
    const byError = [...found.compared].sort((a, b) => b.error - a.error).slice(0, SHOWN_ERRORS);
    refill(outputs, outputMatrices(found));
    refill(
      facts,
      factList("facts compact", [
        ["average loss, stable", numeral(found.loss)],
        ["average loss as written", numeral(found.written)],
      ]),
    );
    verdict.textContent = gradientVerdict(found);
    refill(worst, checkTable("The largest errors of the gradient", byError));
    refill(all, checkTable("Gradient check", found.compared));
  });
  report.keep(following);
  return place;
}

const FRAME = { class: "matrices", tabindex: 0, role: "region", "aria-label": "What predict returns" };

const outputMatrices = ({ z_1, z_2, y_hat }: BatchResults): Child => [
  matrix("z_1", SHAPES.w_1[1], z_1.map(decimals(3))),
  matrix("z_2", 1, z_2.map(decimals(3))),
  matrix("ŷ", 1, y_hat.map(decimals(4))),
];

/** Writes a number with these decimals, a large one by its power of ten. */
const decimals =
  (digits: number) =>
  (x: number): string =>
    Math.abs(x) < 1e5 ? x.toFixed(digits).replace("-", "−") : numeral(x, digits);

/** Derivatives both ways, weight by weight. */
function checkTable(label: string, rows: readonly Compared[]): HTMLElement {
  return scrollTable(
    label,
    ["weight", "analytic", "numeric", "relative error"],
    rows.map(({ weight, analytic, numeric, error }) => [
      h("span", { class: "nowrap" }, weight),
      decimals(DIGITS)(analytic),
      decimals(DIGITS)(numeric),
      numeral(error, 4),
    ]),
    { numeric: [1, 2, 3] },
  );
}
