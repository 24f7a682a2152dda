/** The homework's first part: code, typeset derivation, and what its functions return for the reader's values. */
import formulas from "virtual:formulas";
import { numeral } from "../data/format.js";
import { askedLosses, SHAPES } from "../data/part-one.js";
import { h, trusted, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { lossesPlay } from "./losses-play.js";
import { networkPlay } from "./network-play.js";
import { partHeading, writtenSection } from "./section.js";
import { sectionCode } from "./section-code.js";

/** Samples, inputs and hidden units of the batch. */
const [B, D] = SHAPES.X;
const [, K] = SHAPES.w_1;

export function partOneSections(report: Report): Child[] {
  return [
    partHeading("part-1", "Part 1", "Backpropagation with logistic loss"),
    predictSection(),
    logisticLossSection(),
    stableLossSection(report),
    derivationSection(),
    gradientSection(report),
  ];
}

const predictSection = (): HTMLElement =>
  writtenSection("predict", {
    forward: formula("forward"),
    code: sectionCode("predict"),
    samples: B,
    inputs: D,
    units: K,
  });

const logisticLossSection = (): HTMLElement =>
  writtenSection("logistic-loss", {
    loss: formula("loss"),
    code: sectionCode("logistic-loss"),
    result: result(askedLosses.written()),
  });

const stableLossSection = (report: Report): HTMLElement =>
  writtenSection("stable-loss", {
    stable: formula("stable"),
    logaddexp: formula("logaddexp"),
    code: sectionCode("stable-loss"),
    result: result(askedLosses.stable()),
    play: lossesPlay(report),
  });

const derivationSection = (): HTMLElement =>
  writtenSection("derivation", {
    delta2: formula("delta2"),
    dw2: formula("dw2"),
    delta1: formula("delta1"),
    dw1: formula("dw1"),
  });

const gradientSection = (report: Report): HTMLElement =>
  writtenSection("gradient", {
    batch: formula("batch"),
    code: sectionCode("gradient"),
    samples: B,
    inputs: D,
    units: K,
    play: networkPlay(report),
  });

const formula = (name: string): HTMLElement =>
  trusted("div", { class: "formula", tabindex: 0, role: "group", "aria-label": "Formula" }, formulas[name]);

/** A figure that the text asks for, set to be found. */
const result = (value: number): HTMLElement => h("span", { class: "result" }, h("strong", {}, numeral(value)));
