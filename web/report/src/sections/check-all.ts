/** Checks all cells of the page one after another, and tells how many agree. */
import { standing, tally, verdictWords } from "../comments/check.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { CellView } from "../data/cells.js";
import { bdi, button, h, paragraph, refillInPlace, replaceOthers, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { refusal, verdictOf } from "../training/verdict.js";
import { filePicker } from "./training-view.js";

/** Cells listed one by one: those with something to tell come first. */
const MOST_LISTED = 60;

/** Milliseconds from what happens to what is shown: trainings tell of themselves many times a second. */
const PAUSE = 200;

type Finding = "agrees" | "differs" | "unable" | "open";

export function checkAll(report: Report): HTMLElement {
  const { checks, cells } = report;
  const controls = h("div", { class: "training-controls" });
  const counted = h("p", { class: "verdict", "aria-live": "polite" });
  const list = h("ul", { class: "checked-cells" });
  const findingOf = (cell: CellView): Finding => {
    if (refusal(cell.record)) return "unable";
    const check = checks.of(cell.id);
    if (!check) return "open";
    const { agrees, difference } = verdictOf(cell.record, check);
    if (difference !== undefined) return "differs";
    if (agrees) return "agrees";
    if (check.fault?.reason === "record") return "differs";
    return check.phase === "ended" ? "unable" : "open";
  };
  const start = () => {
    for (const cell of cells) if (findingOf(cell) === "open") checks.start(cell);
    update();
  };
  const update = () => {
    const begun = cells.flatMap(({ id }) => checks.of(id) ?? []);
    const found = cells.map((cell) => ({ cell, finding: findingOf(cell), check: checks.of(cell.id) }));
    const number = (finding: Finding) => found.filter((one) => one.finding === finding).length;
    const waiting = begun.find(({ phase }) => phase === "files");
    const open = number("open");
    const label =
      begun.length === 0 ? `Check all ${plural(cells.length, "cell")}` : `Check the other ${plural(open, "cell")}`;
    const offered = [
      begun.some(({ awaited }) => awaited)
        ? button("quiet", "Stop", () => checks.stop())
        : open > 0 && !waiting
          ? button("action", label, start)
          : null,
      waiting && !begun.some(({ awaited }) => awaited)
        ? [h("p", { class: "note" }, standing(waiting)), filePicker(waiting, (files) => checks.give(files, waiting))]
        : null,
    ];
    refillInPlace(controls, offered, replaceOthers);
    const words = begun.length === 0 ? "" : tally(cells.length, number("agrees"), number("differs"), number("unable"));
    if (counted.textContent !== words) counted.textContent = words;
    const told = found
      .filter(({ check, finding }) => check ?? finding === "unable")
      .sort((a, b) => Number(b.finding === "differs") - Number(a.finding === "differs"));
    const rows = begun.length === 0 ? null : told.slice(0, MOST_LISTED).map((one) => row(report, one));
    refillInPlace(list, rows, replaceOthers);
  };
  let timer = 0;
  const soon = () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      update();
    }, PAUSE);
  };
  const unsubscribe = checks.trainings.subscribe(soon);
  report.keep({
    destroy() {
      unsubscribe();
      clearTimeout(timer);
    },
  });
  update();
  const opener = paragraph("Or here, in this browser. Every cell’s details have a button of its own, too.");
  return h("div", { class: "check-all print-hide" }, opener, controls, counted, list);
}

const MARKS: Record<Finding, string> = { agrees: "✓", differs: "✗", unable: "–", open: "…" };

function row(
  report: Report,
  { cell, finding, check }: { cell: CellView; finding: Finding; check: ReturnType<Report["checks"]["of"]> },
): Child {
  const verdict = check ? verdictWords(cell, check, verdictOf(cell.record, check), report.data.dataDigest) : "";
  const words = [verdict, (refusal(cell.record) ?? check?.fault)?.text, check?.runs ? standing(check) : ""];
  return h(
    "li",
    { class: `finding-${finding}` },
    h("span", { "aria-hidden": "true" }, MARKS[finding]),
    " ",
    button("cell-link", bdi(cell.id), () => report.openCell(cell.id)),
    h("span", { class: "note" }, words.filter(Boolean).join(" ")),
  );
}
