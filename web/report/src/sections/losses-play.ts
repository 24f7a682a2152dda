/** Both losses of one sample whose label and logit the reader chooses: values, which of them is right, a table to choose from, curves. */
import { lossVerdict } from "../comments/part-one.js";
import { nonFinite, numeral } from "../data/format.js";
import { finite } from "../data/learning-curves.js";
import { bothLosses, EXTREMES, lossCurve, sampleLosses, type BothLosses, type SampleLosses } from "../data/part-one.js";
import type { ChartSpec } from "../draw/chart-spec.js";
import { button, h, refill } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import { entryPerSeries } from "../draw/legend.js";
import { follow, NumberFields } from "../draw/number-fields.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { labelled } from "./explorer-filters.js";
import { factList } from "./section.js";

/** What the report shows until the reader chooses: the loss as written is ∞. */
const CHOSEN = { y: 0, z: 40 };
const SLIDER = { min: -40, max: 40, step: 0.1 };

export function lossesPlay(report: Report): HTMLElement {
  const label = new NumberFields({ id: "loss-y", names: ["label y"], initial: [CHOSEN.y], choices: [0, 1] });
  const logit = new NumberFields({ id: "loss-z", names: ["logit z⁽²⁾"], initial: [CHOSEN.z] });
  const slider = h("input", { type: "range", ...SLIDER, "aria-label": "logit z⁽²⁾ from −40 to 40" });
  slider.addEventListener("input", () => logit.write([Number(slider.value)]));
  const facts = h("div");
  const verdict = h("p");
  const results = h("div", { "aria-live": "polite" }, facts, verdict);
  const place = h(
    "div",
    { class: "play", role: "group", "aria-label": "Both losses of one sample" },
    h("p", { class: "note print-hide" }, "Choose a label and a logit, or press a logit of the table."),
    h(
      "div",
      { class: "play-controls" },
      labelled("label y", label.fields[0]),
      labelled("logit z⁽²⁾", logit.fields[0]),
      h("p", { class: "slider" }, slider),
      button("quiet", "Back to the report’s values", () => choose(CHOSEN.y, CHOSEN.z)),
    ),
    logit.error,
    results,
  );
  const following = follow(place, [label, logit], results, ([[y], [z]]) => {
    const losses = sampleLosses(y, z);
    slider.value = String(z);
    refill(facts, lossFacts(losses));
    verdict.textContent = lossVerdict(losses);
    chart.update(lossFigure(y, z, lossCurve(y, z)));
  });
  report.keep(following);
  // Made after `follow`, so that before printing it is drawn with what was computed just then.
  const chart = report.keep(figure(lossFigure(CHOSEN.y, CHOSEN.z, [])));
  const choose = (y: number, z: number) => {
    label.write([y]);
    logit.write([z]);
    following.update();
  };
  place.append(h("div", { class: "columns" }, extremesTable(choose), chart.element));
  return place;
}

const value = (x: number, digits?: number): HTMLElement =>
  h("span", { class: Number.isFinite(x) ? null : "nonfinite" }, numeral(x, digits));

const lossFacts = ({ yHat, written, stable, derivative }: SampleLosses): HTMLElement =>
  factList("facts compact", [
    ["ŷ = σ(z⁽²⁾)", value(yHat)],
    ["loss as written", value(written)],
    ["stable loss", value(stable)],
    ["derivative ŷ − y", value(derivative)],
  ]);

/** @param choose puts a label and a logit in the fields */
function extremesTable(choose: (y: number, z: number) => void): HTMLElement {
  return scrollTable(
    "Both losses at extreme logits",
    ["y", "z⁽²⁾", "loss as written", "stable loss"],
    EXTREMES.map(([y, z]) => {
      const { written, stable } = bothLosses(y, z);
      const choice = button("figure-link", numeral(z), () => choose(y, z), {
        "aria-label": `${numeral(z)}: choose it, with y = ${y}`,
      });
      return [String(y), choice, value(written, 4), value(stable, 4)];
    }),
    { numeric: [0, 1, 2, 3] },
  );
}

/** Both losses of a label over the logit, with the chosen sample on the stable one. */
function lossFigure(y: number, z: number, curve: readonly BothLosses[]): FigureSpec {
  const written = curve.map((at) => at.written);
  const last = written.findLastIndex(Number.isFinite);
  const series: ChartSpec["series"] = [
    { label: "stable", values: curve.map(({ stable }) => stable), colour: 0, shape: null, dashed: false },
    { label: "as written", values: written.map(finite), colour: 1, shape: null, dashed: true, divergedAt: last },
    {
      label: "the chosen sample",
      values: curve.map((at) => (at.z === z ? at.stable : null)),
      colour: 2,
      shape: 3,
      dashed: false,
      scatter: true,
    },
  ];
  return {
    id: "loss-over-z",
    title: `Logistic loss over the logit, y = ${y}`,
    caption: "The dashed line ends at the cross.",
    xName: "z",
    entries: entryPerSeries(series, "losses"),
    height: 260,
    chart: {
      x: curve.map((at) => at.z),
      xLabel: "logit z⁽²⁾",
      yLabel: "loss",
      formatX: (x) => numeral(x, 4),
      formatY: (x) => numeral(x, 4),
      series,
      remark: {
        series: 1,
        index: last,
        lines: ["as written:", `${nonFinite(written[written.length - 1])} from here on`],
      },
      log: false,
      wholeX: false,
    },
  };
}
