/** The homework's first part: source, outputs, typeset derivation and gradient check, all made at build. */
import part from "virtual:part-one";
import { largest } from "../../../../src/core/numeric/extremes.js";
import { nonFinite } from "../data/format.js";
import { finite } from "../data/learning-curves.js";
import { toNumber } from "../data/page-data.js";
import { figure } from "../draw/figure.js";
import { h, paragraph, prose, trusted, type Child } from "../draw/dom.js";
import { entryPerSeries } from "../draw/legend.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { partHeading, section, writtenSection } from "./section.js";

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
  return section(
    {
      id: "predict",
      number: "1.1",
      title: "Forward pass",
      asked: "Implement `predict(X, W)` for a batch, without loops over the samples.",
    },
    formula("forward"),
    paragraph(
      prose(
        "A batch is one matrix product per layer; there is no loop over samples. `X` is B×D, `w_1` D×K, `w_2` K×1. The sigmoid only ever takes the exponential of −|z|, so it overflows for no z.",
      ),
    ),
    code("Source of sigmoid and predict", "sigmoid", "predict"),
    paragraph(`Its outputs for a batch of ${X.length} samples, with D = 5 and K = 6:`),
    h("div", { class: "matrices", tabindex: 0, role: "region", "aria-label": "Inputs and outputs of predict" }, [
      matrix("X (4×5)", X),
      matrix("w_1 (5×6)", w_1),
      matrix("w_2 (6×1)", w_2),
      matrix("z_1 (4×6)", z_1, 3),
      matrix("z_2 (4)", column(z_2), 3),
      matrix("ŷ (4)", column(y_hat), 4),
    ]),
  );
}

function logisticLossSection(): HTMLElement {
  return section(
    {
      id: "logistic-loss",
      number: "1.2",
      title: "Logistic loss, as written",
      asked: "Implement `logistic_loss(y, y_hat)`. What is the average loss for ŷ = 0 and y = 0, and why?",
    },
    formula("loss"),
    code("Source of logisticLoss", "logisticLoss"),
    h("p", { class: "result" }, "For ŷ = 0 and y = 0 the result is ", h("strong", {}, number(part.naiveAtZero)), "."),
    paragraph(
      prose(
        "The prediction is perfect and the loss should be 0. But the term −y log ŷ is computed as 0 · log 0 = 0 · (−∞), which IEEE arithmetic defines as NaN, although its limit for ŷ → 0 is 0. One such sample makes the average of the whole batch NaN, and a gradient taken through it as well.",
      ),
    ),
  );
}

function stableLossSection(report: Report): HTMLElement {
  return section(
    {
      id: "stable-loss",
      number: "1.3",
      title: "Logistic loss, stable",
      asked:
        "Implement `stable_logistic_loss(y, z_2)` from the logits. What is the loss for z⁽²⁾ = −10¹⁰ · 1 and y = 0, and why?",
    },
    paragraph("Both logarithms can be written in terms of the logit, and the loss becomes a log-add-exp:"),
    formula("stable"),
    paragraph("The larger exponent is taken out first, so that the exponential that remains lies between 0 and 1:"),
    formula("logaddexp"),
    code("Source of logAddExp and stableLogisticLoss", "logAddExp", "stableLogisticLoss"),
    h(
      "p",
      { class: "result" },
      prose(`For z⁽²⁾ = −10¹⁰ · 1 and y = 0 the loss is `),
      h("strong", {}, number(part.stableAtExtreme)),
      ". ",
    ),
    paragraph(
      prose(
        "The exact value, log(1 + exp(−10¹⁰)), is a positive number far below the smallest that Float64 can hold, and rounds to 0. The model is as sure as can be, and right, so nothing is lost. No step on the way overflowed: max(0, z) is 0, exp(−|z|) underflows to 0, and log(1 + 0) is 0. A confident wrong answer, z⁽²⁾ = +10¹⁰ with y = 0, costs 10¹⁰, also exactly.",
      ),
    ),
    lossChart(report),
    scrollTable(
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
  );
}

const derivationSection = (): HTMLElement =>
  writtenSection("derivation", {
    delta2: formula("delta2"),
    dw2: formula("dw2"),
    delta1: formula("delta1"),
    dw1: formula("dw1"),
  });

function gradientSection(): HTMLElement {
  const worst = largest(part.check.map((row) => row.error));
  return section(
    {
      id: "gradient",
      number: "1.5",
      title: "Gradient of a batch",
      asked: "Implement `gradient(X, y, W)`, the gradient of the average loss with respect to all weights, vectorised.",
    },
    paragraph(
      "Stacking the samples as rows turns the sums over the batch into matrix products; ∘ is the element-wise product, and X⁽¹⁾ holds the hidden activations, B×K:",
    ),
    formula("batch"),
    code("Source of gradient", "gradient"),
    h(
      "p",
      { class: "result" },
      `Checked against central differences (step 10⁻⁶) on the batch above, y = (${part.example.y.join(", ")}): over all ${part.check.length} weights the largest relative error is `,
      h("strong", {}, number(worst)),
      ".",
    ),
    h(
      "div",
      { class: "table-tall" },
      scrollTable(
        "Gradient check",
        ["weight", "analytic", "numeric", "relative error"],
        part.check.map((row) => [
          h("span", { class: "nowrap" }, row.weight),
          row.analytic.toFixed(9).replace("-", "−"),
          row.numeric.toFixed(9).replace("-", "−"),
          number(row.error),
        ]),
        { numeric: [1, 2, 3] },
      ),
    ),
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

function code(label: string, ...names: string[]): HTMLElement {
  const pre = trusted(
    "pre",
    { tabindex: 0, role: "region", "aria-label": label },
    names.map((name) => part.sources[name]).join("\n\n"),
  );
  return h("div", { class: "code" }, pre);
}

function matrix(label: string, rows: number[][], digits = 2): HTMLElement {
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
            row.map((x) => h("td", {}, number(x, digits))),
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
      caption:
        "The dashed lines end at the crosses. From z of about 37 on, ŷ is rounded to exactly 1 and log(1 − ŷ) is −∞: the loss as written is then ∞ for y = 0, and for y = 1, where it should be 0, it is 0 · ∞ = NaN.",
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
