/** Like with like: the images that a result is ranked by, and which results share them. */
import { count } from "../../../../src/core/numeric/words.js";
import type { EvaluatedSplit } from "../../../../src/core/data/splits.js";
import { groupBy } from "./cells.js";

/** Images that a cell was not trained on: those held out for it where it has such, else the test set. */
export interface Judge {
  split: EvaluatedSplit;
  images: number;
}

/** "1,000 validation images", or "the test set". */
export const judgeText = ({ split, images }: Judge): string =>
  split === "test" ? "the test set" : `${count(images)} validation images`;

export const sameJudge = (a: { judge: Judge }, b: { judge: Judge }): boolean =>
  judgeText(a.judge) === judgeText(b.judge);

/** Those of the items that most are judged by, in their order: they alone can be ranked against each other. Of equally many, the first that appear. */
export function judgedAlike<T extends { judge: Judge }>(items: readonly T[]): T[] {
  const groups = [...groupBy(items, ({ judge }) => judgeText(judge)).values()];
  return groups.reduce<T[]>((most, group) => (group.length > most.length ? group : most), []);
}
