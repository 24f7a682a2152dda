/** How numbers are written on the page, and read. A value that is not finite is written as what it is. */
import { count as wholeNumber } from "../../../../src/core/numeric/words.js";
import type { Spread } from "./statistics.js";
import type { Difference } from "./uncertainty.js";

/** A table as people read it. */
export interface WordTable {
  columns: string[];
  rows: string[][];
}

/** Narrow no-break space, between a number and its unit. */
const GAP = "\u202f";

export function nonFinite(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  return x > 0 ? "∞" : "−∞";
}

function fixed(x: number, digits: number): string {
  return x.toFixed(digits).replace("-", "−");
}

/** A fraction as a percentage: 0.9012 → 90.1 %. */
export function percent(fraction: number, digits = 1): string {
  if (!Number.isFinite(fraction)) return nonFinite(fraction);
  return fixed(100 * fraction, digits) + GAP + "%";
}

/** The mean of fractions, or with several seeds mean and standard deviation: 90.1 ± 0.2 %. */
export function spreadText({ n, mean, std }: Spread, digits = 1): string {
  return n < 2 ? percent(mean, digits) : `${(100 * mean).toFixed(digits)} ± ${percent(std, digits)}`;
}

/** An axis label, with as many digits as neighbours that lie `step` apart need to differ. */
export function percentTick(fraction: number, step: number): string {
  const digits = [0, 1, 2].find(
    (d) => Math.abs(step * 100 * [1, 10, 100][d] - Math.round(step * 100 * [1, 10, 100][d])) < 0.01 && step > 0,
  );
  return percent(fraction, digits ?? 3);
}

/** A difference of two fractions in percentage points, without sign. */
export function points(difference: number): string {
  if (!Number.isFinite(difference)) return nonFinite(difference);
  const size = Math.abs(100 * difference);
  return `${fixed(size, size < 0.95 && size >= 0.005 ? 2 : 1)} points`;
}

/** A difference in points with half its 95 % interval: −3.7 ± 0.9, 0.0 ± 0.9. */
export function signedWithin({ value, high }: Difference): string {
  const half = 100 * (high - value);
  const digits = half < 0.095 ? 2 : 1;
  const size = fixed(Math.abs(100 * value), digits);
  return `${Number(size) === 0 ? "" : value < 0 ? "−" : "+"}${size} ± ${fixed(half, digits)}`;
}

/** The same without its sign: 3.7 ± 0.9 points. */
export const pointsWithin = (difference: Difference): string =>
  `${signedWithin(difference).replace(/^[−+]/, "")} points`;

/** A difference in points with its sign. */
export function signedPoints(difference: number, digits = 1): string {
  if (!Number.isFinite(difference)) return nonFinite(difference);
  const text = fixed(Math.abs(100 * difference), digits);
  return `${Number(text) === 0 ? "±" : difference < 0 ? "−" : "+"}${text}`;
}

/** A loss, to three or four significant digits. */
export function loss(x: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const size = Math.abs(x);
  if (size === 0) return "0";
  if (size >= 1e5 || size < 1e-4) return x.toExponential(2).replace("-", "−").replace("e+", "e");
  return fixed(x, size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** An axis label, with three significant digits or as many as neighbours that lie `step` apart need to differ. */
export function lossTick(x: number, step: number): string {
  const digits = step > 0 && x !== 0 ? Math.ceil(Math.log10(Math.abs(x) / step)) + 1 : 3;
  return String(Number(x.toPrecision(Math.min(17, Math.max(3, digits))))).replace("-", "−");
}

/** A whole number with thousands separators. */
export const count = (n: number): string => (Number.isFinite(n) ? wholeNumber(Math.round(n)) : nonFinite(n));

/** Seconds as 12.3 s, 4 min 05 s or 1 h 02 min. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 60) return fixed(seconds, seconds < 10 ? 1 : 0) + GAP + "s";
  const whole = Math.round(seconds);
  const pad = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}${GAP}min ${pad(whole % 60)}${GAP}s`;
  return `${Math.floor(whole / 3600)}${GAP}h ${pad(Math.floor((whole % 3600) / 60))}${GAP}min`;
}

/** Any number for a table cell: at most six significant digits. */
export function plain(x: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return Math.abs(x) >= 10_000 ? count(x) : String(x).replace("-", "−");
  return String(Number(x.toPrecision(6))).replace("-", "−");
}

/** A number far from 1 as −2.5 × 10¹⁰, a power of ten alone as 10¹⁰. @param digits decimals at most; all there are unless given */
export function numeral(x: number, digits?: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const size = Math.abs(x);
  if (size === 0 || (size < 1e5 && size >= 1e-4))
    return String(digits === undefined ? x : Number(x.toFixed(digits))).replace("-", "−");
  const [mantissa, exponent] = size.toExponential(digits === undefined ? undefined : 2).split("e");
  const raised = [...exponent.replace("+", "")].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
  return `${x < 0 ? "−" : ""}${Number(mantissa) === 1 ? "" : `${mantissa} × `}10${raised}`;
}

/** The number that a text writes, with any of the two minus signs; undefined where it writes none that Float64 can hold. */
export function readNumber(text: string): number | undefined {
  const plain = text.trim().replaceAll("−", "-");
  const value = Number(plain);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) && Number.isFinite(value) ? value : undefined;
}

/** "a", "a and b", "a, b and c". */
export function list(items: string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/** A sentence with a large first letter. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The text with every control and direction mark written out, so that no name can reorder or hide what stands around it. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}
