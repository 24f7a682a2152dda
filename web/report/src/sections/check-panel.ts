/** Trains a cell again in the page, and compares it with its record bit by bit. */
import { verdictWords } from "../comments/check.js";
import type { CellView } from "../data/cells.js";
import { button, h, visuallyHidden, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { refusal, verdictOf } from "../training/verdict.js";
import type { Training } from "../training/training.js";
import { TrainingView } from "./training-view.js";

/** Marks of epochs shown at once, at most: the last ones. */
const MOST_MARKS = 60;

export function checkPanel(report: Report, cell: CellView, keep: Report["keep"]): HTMLElement {
  const { checks } = report;
  const fault = refusal(cell.record);
  const go = () => {
    checks.start(cell);
    view.update();
  };
  const words = {
    label: "trained here",
    id: "check",
    said: (training: Training) => said(cell, training, report.data.dataDigest),
    begin: (again: boolean) =>
      fault
        ? h("p", { class: "note" }, fault.text)
        : [
            button("action", again ? "Check again" : "Check this cell", go),
            h(
              "span",
              { class: "note" },
              "Trains it again in this browser, and compares every epoch and the weights with the record, bit by bit.",
            ),
          ],
    go,
  };
  const view = new TrainingView(report, cell, words, () => checks.of(cell.id), keep);
  return h("section", { class: "check", "aria-label": "Check this cell" }, view.element);
}

function said(cell: CellView, training: Training, pageData: string): Child {
  const verdict = verdictOf(cell.record, training);
  const text = verdictWords(cell, training, verdict, pageData);
  const look = verdict.agrees ? "agrees" : verdict.difference === undefined ? "open" : "differs";
  return [
    verdict.same.length > 0 ? marks(verdict.same) : null,
    text ? h("p", { class: `verdict verdict-${look}` }, text) : null,
    training.phase === "ended" && training.fault
      ? h("p", { class: "verdict verdict-differs" }, `It could not be checked: ${training.fault.text}`)
      : null,
  ];
}

/** A mark for each epoch: whether its figures are the record's. */
function marks(epochs: readonly boolean[]): HTMLElement {
  const first = Math.max(0, epochs.length - MOST_MARKS);
  const mark = (same: boolean, i: number) =>
    h(
      "li",
      { class: same ? "same" : "other" },
      visuallyHidden("Epoch "),
      first + i + 1,
      h("span", { "aria-hidden": "true" }, same ? " ✓" : " ✗"),
      visuallyHidden(same ? " equals the record" : " differs from the record"),
    );
  return h("ol", { class: "epoch-marks", "aria-label": "Epochs trained here" }, epochs.slice(first).map(mark));
}
