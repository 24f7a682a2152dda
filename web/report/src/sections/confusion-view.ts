/** The confusion matrix as a table, and accuracy class by class. */
import { classAccuracies, commonestAnswer, confusedPairs } from "../data/confusion.js";
import { count, list, percent } from "../data/format.js";
import type { Outcome } from "../data/outcome.js";
import { bdi, h, paragraph, svg, visuallyHidden } from "../draw/dom.js";
import { scrollTable, tableFrame } from "../draw/table.js";

type Counts = readonly (readonly number[])[];
type Name = (label: number) => string;

export function confusionView(confusion: Counts, classNames: readonly string[], outcome: Outcome): HTMLElement {
  const name: Name = (label) => classNames[label] ?? String(label);
  const said = outcome === "collapsed" ? oneAnswer(confusion, name) : mostConfused(confusion, name);
  return h("div", {}, matrixTable(confusion, name), said && paragraph(said), classTable(confusion, name));
}

function oneAnswer(confusion: Counts, name: Name): string {
  const { label, answers, images } = commonestAnswer(confusion);
  const share = answers === images ? "every one" : count(answers);
  return `Collapsed: the network answers ${name(label)} for ${share} of the ${count(images)} test images, whatever they show.`;
}

function mostConfused(confusion: Counts, name: Name): string | null {
  const pairs = confusedPairs(confusion, 3).map((p) => `${name(p.label)} taken for ${name(p.predicted)} (${p.count})`);
  return pairs.length > 0 ? `Most often confused: ${list(pairs)}.` : null;
}

function matrixTable(confusion: Counts, name: Name): HTMLElement {
  const classes = classAccuracies(confusion);
  const caption = h("caption", {}, "Test images by their true class (rows) and the model’s answer (columns).");
  return tableFrame(
    { label: "Confusion matrix", caption, look: "confusion" },
    [
      h("td", {}, "true class ↓, answer →"),
      confusion.map((_, k) => h("th", { scope: "col" }, h("span", {}, bdi(name(k))))),
    ],
    confusion.map((row, label) => {
      const { images } = classes[label];
      const cell = (n: number, k: number) =>
        h("td", { class: `${shade(n, images)}${k === label ? " diagonal" : ""}` }, n === 0 ? "·" : n);
      return h("tr", {}, h("th", { scope: "row" }, bdi(name(label))), row.map(cell));
    }),
  );
}

/** Ten steps of shade; a class of the style sheet each. */
function shade(n: number, total: number): string {
  return n === 0 || total === 0 ? "heat-none" : `heat-${Math.min(9, Math.floor((10 * n) / total))}`;
}

function classTable(confusion: Counts, name: Name): HTMLElement {
  return scrollTable(
    "Accuracy by class",
    ["class", "recognised", visuallyHidden("as a bar"), "answers that were right"],
    classAccuracies(confusion).map(({ label, recall, precision }) => [
      bdi(name(label)),
      percent(recall),
      bar(recall),
      Number.isNaN(precision) ? "never answered" : percent(precision),
    ]),
    { numeric: [1, 3] },
  );
}

function bar(fraction: number): SVGElement {
  return svg(
    "svg",
    { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "bar-back", width: 100, height: 8 }),
    svg("rect", { class: "bar-fill", width: Number.isFinite(fraction) ? (100 * fraction).toFixed(2) : 0, height: 8 }),
  );
}
