/** How a cell ended, as readers need to know it: its record's status, and whether a network that is done answers anything but one class. */
import { largest } from "../../../../src/core/numeric/extremes.js";
import type { CellRecord } from "../../../../src/sweeps/store/record.js";
import { commonestAnswer } from "./confusion.js";

/** "collapsed": done, with finite figures, but the network gives nearly every image the same class, whatever its accuracy. */
export type Outcome = CellRecord["status"] | "collapsed";

/** Best ending first. */
export const OUTCOMES: readonly Outcome[] = ["done", "collapsed", "stopped", "diverged", "failed"];

/** Answers of one class above which nothing but rounding is left of the others. */
const NEARLY_ALL = 0.99;

/** Judged by the confusion matrix; a record without one counts as its status. */
export function outcomeOf({ status, confusion }: Pick<CellRecord, "status" | "confusion">): Outcome {
  return status === "done" && answersOneClass(confusion) ? "collapsed" : status;
}

/** True where nearly all answers are one class, though the images are of several. */
function answersOneClass(confusion: readonly (readonly number[])[]): boolean {
  const { answers, images } = commonestAnswer(confusion);
  const most = largest(
    confusion.map((row) => row.reduce((sum, n) => sum + n, 0)),
    0,
  );
  return images > 0 && answers >= NEARLY_ALL * images && most < NEARLY_ALL * images;
}

/** How many cells ended in each way that is not simply done, where some did; best ending first. */
export function troubles(cells: readonly { outcome: Outcome }[]): [outcome: Outcome, cells: number][] {
  return endings(cells).filter(([outcome]) => outcome !== "done");
}

/** How many cells ended in each way that occurs, best ending first. */
export function endings(cells: readonly { outcome: Outcome }[]): [outcome: Outcome, cells: number][] {
  return OUTCOMES.map((outcome): [Outcome, number] => [
    outcome,
    cells.filter((cell) => cell.outcome === outcome).length,
  ]).filter(([, n]) => n > 0);
}
