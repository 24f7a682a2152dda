/** The homework's first part: its formulas, its code, and what its functions return. */
import formulas from "virtual:formulas";
import { gradientVerdict, lossVerdict } from "../comments/part-one.js";
import { numeral } from "../data/format.js";
import {
  askedLosses,
  batchResults,
  bothLosses,
  EXTREMES,
  reportBatch,
  sampleLosses,
  SHAPES,
} from "../data/part-one.js";
import { escaped, markdown, tableText, type Cell } from "./cells.js";
import { sectionCells } from "./words.js";

/** Samples, inputs and hidden units of the batch. */
const [B, D] = SHAPES.X;
const [, K] = SHAPES.w_1;
/** Weights that the gradient check shows. */
const SHOWN_ERRORS = 5;

const places = Object.fromEntries(Object.entries(formulas).map(([name, latex]) => [name, `$$\n${latex}\n$$`]));
const result = (value: number): string => `**${numeral(value)}**`;

export const partOneCells = (): Cell[] => [
  markdown("part-1", "## Part 1: Backpropagation with logistic loss"),
  ...sectionCells("predict", { ...places, samples: B, inputs: D, units: K }),
  ...sectionCells("logistic-loss", { ...places, result: result(askedLosses.written()) }),
  ...sectionCells("stable-loss", { ...places, result: result(askedLosses.stable()), play: losses() }),
  ...sectionCells("derivation", places),
  ...sectionCells("gradient", { ...places, samples: B, inputs: D, units: K, play: gradientCheck() }),
];

function losses(): string {
  const rows = EXTREMES.map(([y, z]) => {
    const { written, stable } = bothLosses(y, z);
    return [String(y), numeral(z), numeral(written, 4), numeral(stable, 4)];
  });
  const table = tableText({ columns: ["y", "z⁽²⁾", "loss as written", "stable loss"], rows });
  return `${table}\n\n${escaped(lossVerdict(sampleLosses(0, 40)))}`;
}

function gradientCheck(): string {
  const found = batchResults(reportBatch());
  const { z_1, z_2, y_hat, compared } = found;
  const outputs = tableText({
    columns: ["sample", ...Array.from({ length: K }, (_, k) => `z_1[·, ${k + 1}]`), "z_2", "ŷ"],
    rows: z_2.map((z, i) => [i + 1, ...z_1.slice(K * i, K * (i + 1)), z, y_hat[i]].map((value) => numeral(value, 4))),
  });
  const errors = tableText({
    columns: ["weight", "analytic", "numeric", "relative error"],
    rows: [...compared]
      .sort((a, b) => b.error - a.error)
      .slice(0, SHOWN_ERRORS)
      .map(({ weight, analytic, numeric, error }) => [
        weight,
        numeral(analytic, 7),
        numeral(numeric, 7),
        numeral(error, 4),
      ]),
  });
  return [outputs, escaped(gradientVerdict(found)), errors].join("\n\n");
}
