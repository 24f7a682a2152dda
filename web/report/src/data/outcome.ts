/** How a cell ended, as readers need to know it: its record's status, and whether a network that is done answers anything but one class. */
import type { CellRecord } from "../../../../src/sweeps/store/record.js";

/** "collapsed": done, with finite figures, but the network gives nearly every image the same class, whatever its accuracy. */
export type Outcome = CellRecord["status"] | "collapsed";

/** Best ending first. */
export const OUTCOMES: readonly Outcome[] = ["done", "collapsed", "diverged", "failed"];

/** Answers of one class above which nothing but rounding is left of the others. */
const NEARLY_ALL = 0.99;

/** Judged by the confusion matrix; a record without one counts as its status. */
export function outcomeOf({ status, confusion }: Pick<CellRecord, "status" | "confusion">): Outcome {
  return status === "done" && answersOneClass(confusion) ? "collapsed" : status;
}

/** True where nearly all answers are one class, though the images are of several. */
function answersOneClass(confusion: readonly (readonly number[])[]): boolean {
  const labels = confusion.map((row) => row.reduce((sum, n) => sum + n, 0));
  const images = labels.reduce((sum, n) => sum + n, 0);
  const answers = confusion.map((_, predicted) => confusion.reduce((sum, row) => sum + (row[predicted] ?? 0), 0));
  const most = (counts: readonly number[]) => counts.reduce((max, n) => Math.max(max, n), 0);
  return images > 0 && most(answers) >= NEARLY_ALL * images && most(labels) < NEARLY_ALL * images;
}
