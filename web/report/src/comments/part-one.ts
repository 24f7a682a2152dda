/** What part one's results for the reader's values show: which loss is right and why, and how well the gradient agrees. */
import type { BatchResults, SampleLosses } from "../data/part-one.js";
import { numeral } from "../data/format.js";

/** Losses closer than this to the exact value, relative to it, are right. */
const RIGHT = 1e-9;

/** Why the loss as written is not finite. */
function brokenOff({ y, yHat, written }: SampleLosses): string {
  const rounded = yHat === 0 ? "ŷ underflows to 0" : "ŷ is rounded to exactly 1";
  if (!Number.isNaN(written))
    return `${rounded}, and as written the loss is −log${y === 0 ? "(1 − ŷ)" : " ŷ"} = −log 0 = ∞.`;
  const term = y === 0 ? "y log ŷ" : "(1 − y) log(1 − ŷ)";
  return `${rounded}, and as written the term ${term} is 0 · log 0 = 0 · (−∞), which is NaN.`;
}

/** Why the stable loss is right where the other is not finite. */
function held({ z, stable, exact }: SampleLosses): string {
  if (exact === 0) return "The exact value is positive but below the smallest that Float64 can hold, and rounds to 0.";
  if (Math.abs(stable - exact) > RIGHT * exact)
    return `The exact value, ${numeral(exact, 2)}, is lost beside z⁽²⁾, which the stable loss adds and takes away again: less than the rounding of z⁽²⁾.`;
  const overflow = z > 709.782712893384 ? "e^z would overflow to ∞, but is never computed: " : "";
  return `${overflow}${numeral(stable)} is the exact value, rounded to Float64.`.replace(/^./, (c) => c.toUpperCase());
}

/** Which of the two losses of a sample is right, and why. */
export function lossVerdict(sample: SampleLosses): string {
  const { y, z, written, stable, exact } = sample;
  const of = `For y = ${y} and z⁽²⁾ = ${numeral(z)}`;
  if (!Number.isFinite(written)) return `${of} the stable loss is right. ${brokenOff(sample)} ${held(sample)}`;
  const [off, stableOff] = [Math.abs(written - exact), Math.abs(stable - exact)];
  if (off <= RIGHT * exact && stableOff <= RIGHT * exact) {
    const apart = Math.abs(written - stable);
    return `${of} both losses are right: ${apart === 0 ? "they are equal to the last bit" : `they differ by ${numeral(apart, 2)}, which is rounding`}.`;
  }
  if (y === 1 && z > 0)
    return `${of} both losses are right but for rounding. The exact value is ${numeral(exact, 2)}. As written, ŷ is rounded just below 1, which puts the loss off by ${numeral(off, 2)}; the stable loss adds z⁽²⁾ and takes it away again, which puts it off by ${numeral(stableOff, 2)}.`;
  const why =
    y === 0
      ? "1 − ŷ is rounded to a multiple of 1.1 × 10⁻¹⁶"
      : "ŷ lies below 2.2 × 10⁻³⁰⁸, where Float64 holds fewer digits";
  return `${of} the stable loss is right. As written, ${why}, and the loss has a relative error of ${numeral(off / exact, 2)}.`;
}

/** How far gradient and finite differences lie apart. */
export function gradientVerdict({ loss, compared }: BatchResults): string {
  const average = `The average loss is ${numeral(loss, 6)}.`;
  const apart = compared.map(({ analytic, numeric }) => Math.abs(analytic - numeric));
  if (!apart.every(Number.isFinite))
    return `${average} The values are so large that their products overflow, and ∞ − ∞ is NaN: there is nothing to compare.`;
  const most = apart.reduce((at, difference, i) => (difference > apart[at] ? i : at), 0);
  return `${average} Gradient and finite differences of all ${compared.length} weights differ by at most ${numeral(apart[most], 2)}, at ${compared[most].weight}.`;
}
