/** What a comparison of A and B shows, in words computed from their pairs. */
import { points, signedPoints } from "../data/format.js";
import { FEWEST, type Pairs } from "../data/pairs.js";
import { mayBeChance } from "../data/uncertainty.js";
import { plural } from "../../../../src/core/numeric/words.js";

/** A p value: two significant digits, or a bound. */
export function pText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${Number(p.toPrecision(2))}`;
}

/** Sentences on B against A. @param a what A is called, such as "SGD" or "lr 0.1" */
export function versusText({ differences, difference, judge, p, left }: Pairs, a: string, b: string): string[] {
  const n = differences.length;
  if (!difference || !judge) return [`No cell with ${a} has a partner with ${b} that equals it in all else.`];
  const { value, low, high } = difference;
  const direction = Math.abs(value) < 5e-5 ? "the same as" : `${points(value)} ${value > 0 ? "higher" : "lower"} than`;
  // Ends within a point of 0 would read ±0.0.
  const digits = Math.max(Math.abs(low), Math.abs(high)) < 0.01 ? 2 : 1;
  const interval = `95 % interval ${signedPoints(low, digits)} to ${signedPoints(high, digits)}`;
  const few = n < FEWEST;
  return [
    `With ${b}, ${judge.split} accuracy is ${direction} with ${a} over ${plural(n, "pair")}, ${interval}${few ? "" : `, ${pText(p)}`}.`,
    few
      ? `${n === 1 ? "One pair can show nothing yet: even if it" : `${n} pairs can show nothing yet: even if all`} agreed, p would be ${Number((2 / 2 ** n).toPrecision(2))}.`
      : p > 0.05 || mayBeChance(difference)
        ? "Chance alone may explain it."
        : "",
    left > 0 ? `${plural(left, "cell")} ${left === 1 ? "has" : "have"} no partner judged alike, or no result.` : "",
  ].filter(Boolean);
}
