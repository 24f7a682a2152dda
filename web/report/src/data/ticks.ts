/** Where an axis has its ticks: few, in order and between its ends, whatever these are. */
import { toAxis, type Strip } from "./shared-scale.js";

/** The number as it is written, so that no multiple of a power of ten carries a rounding error. */
const times = (factor: number, exponent: number): number => Number(`${factor}e${exponent}`);

/** Multiples of 1, 2 or 5 times a power of ten. @param most about how many at most @param whole only whole numbers */
export function linearTicks(min: number, max: number, most: number, whole = false): number[] {
  const least = (max - min) / Math.max(1, most);
  if (!(least > 0 && least < Infinity)) return [];
  const magnitude = Math.floor(Math.log10(least));
  const exponent = whole ? Math.max(0, magnitude) : magnitude;
  const factor = [1, 2, 5].find((digit) => times(digit, exponent) >= least) ?? 10;
  const step = times(factor, exponent);
  const first = Math.ceil(min / step);
  const count = Math.floor(max / step) - first + 1;
  const ticks: number[] = [];
  // Counted, not added up: where a step is less than the rounding of a tick, adding it would lead nowhere.
  for (let i = 0; i < count; i++) {
    const tick = times((first + i) * factor, exponent);
    if (tick >= min && tick <= max && tick !== ticks.at(-1)) ticks.push(tick);
  }
  return ticks;
}

/** Leading digits of the ticks within a power of ten, from many to few. */
const DIGITS = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 5],
  [1, 3],
];

/**
 * Ticks of a logarithmic axis: round numbers in every power of ten where there is room for them, else some powers of ten;
 * multiples of a step where it spans less than one and would have few.
 *
 * @param most how many have room at equal distances
 */
export function logTicks(min: number, max: number, most: number): number[] {
  if (!(min > 0 && min < max && max < Infinity)) return [];
  const [low, high] = [Math.log10(min), Math.log10(max)];
  const ticksAt = (digits: number[], every: number): number[] => {
    const ticks: number[] = [];
    for (let exponent = every * Math.ceil(Math.floor(low) / every); exponent <= high; exponent += every)
      for (const digit of digits) {
        const tick = times(digit, exponent);
        if (tick >= min && tick <= max) ticks.push(tick);
      }
    return ticks;
  };
  const apart = (ticks: number[]): boolean =>
    ticks.every((tick, i) => i === 0 || (Math.log10(tick) - Math.log10(ticks[i - 1])) * most >= high - low);
  const ticks =
    DIGITS.map((digits) => ticksAt(digits, 1)).find(apart) ?? ticksAt([1], Math.max(1, Math.ceil((high - low) / most)));
  return ticks.length > 2 || high - low > 1 ? ticks : linearTicks(min, max, most);
}

/** Ticks of an axis of which a part is squeezed: those of either part, none of the strip's too near to its edge. @param most as above */
export function brokenTicks(strip: Strip, min: number, max: number, most: number): number[] {
  const { edge, above } = strip;
  const [low, high] = [toAxis(strip, min), toAxis(strip, max)];
  const apart = (high - low) / most;
  const main = above ? [min, Math.min(edge, max)] : [Math.max(edge, min), max];
  const rest = above ? [Math.max(edge, min), max] : [min, Math.min(edge, max)];
  const share = (from: number, to: number) => (most * (toAxis(strip, to) - toAxis(strip, from))) / (high - low);
  const squeezed = linearTicks(rest[0], rest[1], 1.6 * share(rest[0], rest[1])).filter(
    (tick) => Math.abs(toAxis(strip, tick) - edge) > 0.6 * apart,
  );
  const ticks = linearTicks(main[0], main[1], share(main[0], main[1]));
  return above ? [...ticks, ...squeezed] : [...squeezed, ...ticks];
}
