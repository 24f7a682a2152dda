/** Which images decide on a ranking, what the test set says of those chosen, and who is left out of it. */
import { plural } from "../../../../src/core/numeric/words.js";
import { list, percent, spreadText } from "../data/format.js";
import { judgeText, type Judge } from "../data/judge.js";
import { ranked, type Variant } from "../data/variants.js";

/** Words for images behind a figure; empty where they are the test set, which needs none. */
export const onImagesOf = ({ judge }: { judge: Judge }): string =>
  judge.split === "test" ? "" : " on validation images";

/** The test accuracies of variants that validation chose, after a space; empty where the test set itself is ranked by. @param variants judged alike */
export function testBeside(variants: readonly Variant[], name: (v: Variant) => string): string {
  if (variants.length === 0 || variants[0].judge.split === "test") return "";
  const figures = variants.filter(({ test }) => test.n > 0).map((v) => `${spreadText(v.test)} with ${name(v)}`);
  return ` Chosen by ${judgeText(variants[0].judge)}${figures.length > 0 ? `; test accuracy is ${list(figures)}` : ""}.`;
}

/** How far a variant gets: on the test set where that can be told, whatever it was chosen by. */
export function reachedText({ judge, judged, test }: Variant): string {
  if (judge.split === "test") return percent(judged.mean);
  return test.n > 0
    ? `a test accuracy of ${percent(test.mean)}, chosen by validation`
    : `a validation accuracy of ${percent(judged.mean)}`;
}

/** The variants that are not ranked, since other images judge them, in a sentence; empty where there are none. */
export function setApart(variants: readonly Variant[]): string[] {
  const kept = ranked(variants);
  const others = variants.filter((v) => !kept.includes(v));
  if (others.length === 0) return [];
  const judges = [...new Set(others.map(({ judge }) => judgeText(judge)))];
  return [
    `Ranked are those judged by ${judgeText(kept[0].judge)}; ${plural(others.length, "variant")} judged by ${list(judges)} cannot be compared with them.`,
  ];
}
