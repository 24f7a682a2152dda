/** The homework's first part: code, outputs, typeset derivation and gradient check, all made at build. */
import part from "virtual:part-one";
import { nonFinite } from "../data/format.js";
import { finite } from "../data/learning-curves.js";
import { toNumber } from "../data/page-data.js";
import { code } from "../draw/code.js";
import { h, trusted, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import { entryPerSeries } from "../draw/legend.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { partHeading, writtenSection } from "./section.js";

/** Weights that the gradient check shows at once, and decimals of their derivatives. */
const SHOWN_ERRORS = 5;
const DIGITS = 7;

export function partOneSections(report: Report): Child[] {
  return [
    partHeading("part-1", "Part 1", "Backpropagation with logistic loss"),
    predictSection(),
    logisticLossSection(),
    stableLossSection(report),
    derivationSection(),
    gradientSection(),
  ];
}

function predictSection(): HTMLElement {
  const { X, w_1, w_2, z_1, z_2, y_hat } = part.example;
  return writtenSection("predict", {
    forward: formula("forward"),
    code: [code("The sigmoid", "sigmoid"), code("The forward pass", "predict")],
    samples: X.length,
    inputs: w_1.length,
    units: w_2.length,
    matrices: h(
      "div",
      { class: "matrices", tabindex: 0, role: "region", "aria-label": "Inputs and outputs of predict" },
      [
        matrix("X", X),
        matrix("w_1", w_1),
        matrix("w_2", w_2),
        matrix("z_1", z_1, 3),
        matrix("z_2", column(z_2), 3),
        matrix("ŷ", column(y_hat), 4),
      ],
    ),
  });
}

const logisticLossSection = (): HTMLElement =>
  writtenSection("logistic-loss", {
    loss: formula("loss"),
    code: code("The loss as written", "logisticLoss"),
    result: result(part.naiveAtZero),
  });

const stableLossSection = (report: Report): HTMLElement =>
  writtenSection("stable-loss", {
    stable: formula("stable"),
    logaddexp: formula("logaddexp"),
    code: code("The stable loss", "logAddExp", "stableLogisticLoss"),
    result: result(part.stableAtExtreme),
    chart: lossChart(report),
    table: scrollTable(
      "Both losses at extreme logits",
      ["y", "z⁽²⁾", "loss as written", "stable loss"],
      part.extremes.map((row) => [
        String(row.y),
        number(row.z),
        h("span", { class: Number.isFinite(toNumber(row.naive)) ? null : "nonfinite" }, number(row.naive)),
        number(row.stable),
      ]),
      { numeric: [0, 1, 2, 3] },
    ),
  });

const derivationSection = (): HTMLElement =>
  writtenSection("derivation", {
    delta2: formula("delta2"),
    dw2: formula("dw2"),
    delta1: formula("delta1"),
    dw1: formula("dw1"),
  });

function gradientSection(): HTMLElement {
  const worst = [...part.check].sort((a, b) => b.error - a.error).slice(0, SHOWN_ERRORS);
  return writtenSection("gradient", {
    batch: formula("batch"),
    code: code("The gradient", "gradient"),
    labels: part.example.y.join(", "),
    weights: part.check.length,
    result: result(worst[0].error),
    shown: worst.length,
    worst: checkTable("The largest errors of the gradient", worst),
    all: h(
      "details",
      { class: "data-table" },
      h("summary", {}, `All ${part.check.length} weights`),
      checkTable("Gradient check", part.check),
    ),
  });
}

/** Derivatives both ways, weight by weight. */
function checkTable(label: string, rows: typeof part.check): HTMLElement {
  return scrollTable(
    label,
    ["weight", "analytic", "numeric", "relative error"],
    rows.map((row) => [
      h("span", { class: "nowrap" }, row.weight),
      row.analytic.toFixed(DIGITS).replace("-", "−"),
      row.numeric.toFixed(DIGITS).replace("-", "−"),
      number(row.error),
    ]),
    { numeric: [1, 2, 3] },
  );
}

function number(value: number | string, digits = 4): string {
  const x = toNumber(value);
  if (!Number.isFinite(x)) return nonFinite(x);
  if (x !== 0 && (Math.abs(x) >= 1e5 || Math.abs(x) < 1e-4)) return scientific(x);
  return String(Number(x.toFixed(digits))).replace("-", "−");
}

/** −2.5 × 10¹⁰; a power of ten alone as 10¹⁰. */
function scientific(x: number): string {
  const [mantissa, exponent] = x.toExponential(2).split("e");
  const raised = [...exponent.replace("+", "")].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
  const size = mantissa.replace("-", "");
  return `${x < 0 ? "−" : ""}${size === "1.00" ? "" : `${size} × `}10${raised}`;
}

const formula = (name: string): HTMLElement =>
  trusted("div", { class: "formula", tabindex: 0, role: "group", "aria-label": "Formula" }, part.formulas[name]);

/** A figure that the text asks for, set to be found. */
const result = (value: number | string): HTMLElement => h("span", { class: "result" }, h("strong", {}, number(value)));

function matrix(name: string, rows: number[][], digits = 2): HTMLElement {
  const label = `${name} (${rows.length}×${rows[0].length})`;
  return h(
    "figure",
    { class: "matrix" },
    h("figcaption", {}, label),
    h(
      "table",
      { "aria-label": label },
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((x) => h("td", {}, x.toFixed(digits).replace("-", "−"))),
          ),
        ),
      ),
    ),
  );
}

const column = (values: number[]): number[][] => values.map((v) => [v]);

function lossChart(report: Report): HTMLElement {
  const { z, ...curves } = part.lossOverZ;
  const lines = [
    { label: "stable, y = 0", values: curves.stable0, colour: 0, shape: 0, dashed: false },
    { label: "as written, y = 0", values: curves.naive0, colour: 1, shape: 1, dashed: true },
    { label: "stable, y = 1", values: curves.stable1, colour: 2, shape: 2, dashed: false },
    { label: "as written, y = 1", values: curves.naive1, colour: 3, shape: 3, dashed: true },
  ].map((line) => ({
    ...line,
    values: line.values.map((v) => finite(toNumber(v))),
    divergedAt: line.dashed ? lastFinite(line.values.map(toNumber)) : undefined,
  }));
  return report.keep(
    figure({
      id: "loss-over-z",
      title: "Logistic loss over the logit, both ways",
      xName: "z",
      entries: entryPerSeries(lines, "losses"),
      height: 280,
      chart: {
        x: z,
        xLabel: "logit z⁽²⁾",
        yLabel: "loss",
        formatX: (v) => number(v),
        formatY: (v) => number(v),
        series: lines,
        log: false,
        wholeX: false,
      },
    }),
  ).element;
}

/** Index of the last finite value, when others follow it. */
function lastFinite(values: number[]): number | undefined {
  const at = values.findLastIndex(Number.isFinite);
  return at === values.length - 1 ? undefined : at;
}
