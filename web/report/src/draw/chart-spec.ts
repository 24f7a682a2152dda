/** What a chart shows, and the range of values it needs; nothing here draws. */
import { smallest } from "../../../../src/core/numeric/extremes.js";
import { brokenTicks, linearTicks, logTicks } from "../data/ticks.js";
import { fromAxis, toAxis, type Strip } from "../data/shared-scale.js";

export interface Series {
  label: string;
  /** Aligned with the chart's x; null where there is no value. */
  values: (number | null)[];
  /** Null for the ink of axes. */
  colour: number | null;
  shape: number | null;
  dashed: boolean;
  /** Dots instead of dashes. */
  dotted?: boolean;
  /** No line between the points. */
  scatter?: boolean;
  /** The line keeps its height up to the next point. */
  stepped?: boolean;
  /** A band around the line. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** Index of the last finite value before divergence, marked with a cross. */
  divergedAt?: number;
  width?: number;
  /** Stands at the line's end; the second text only where there is room. */
  endLabel?: [name: string, value: string];
  /** The series down to which the area is shaded. */
  shadedTo?: number;
  /** Stands behind the others: told neither at the cursor nor by the keyboard, and in no table. */
  context?: boolean;
}

/** A remark on one point of a series. */
export interface Remark {
  series: number;
  index: number;
  lines: string[];
}

export interface ChartSpec {
  x: number[];
  xLabel: string;
  yLabel: string;
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  /** Ticks of the y axis, `step` apart; `formatY` unless given. */
  formatTick?: (y: number, step: number) => string;
  series: Series[];
  /** Each series has places of its own on the x axis, and nulls at those of the others. */
  sparse?: boolean;
  remark?: Remark;
  log: boolean;
  /** The part of a linear y axis that is squeezed. */
  strip?: Strip;
  logX?: boolean;
  /** Only whole numbers on the x axis. */
  wholeX: boolean;
  /** Kept in view whatever the data. */
  include?: number[];
  /** Charts with the same key share their cursor. */
  sync?: string;
  zoom?: [number, number] | null;
}

export interface ChartEvents {
  /** The cursor stands at this index of x; null when it left. */
  cursor(index: number | null, x: number, y: number): void;
  /** The series under the cursor; null where there is none. */
  hover?(series: number | null): void;
  click(index: number, series: number): void;
  zoom(range: [number, number] | null): void;
}

/** Axes end here: further out, the padding around the values or the distance between them is no longer a number. */
const FAR = 1e300;

/** Whether a value has a place on the y axis. */
export function drawable(spec: ChartSpec, value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && !(spec.log && value <= 0);
}

/** How the y axis is squeezed; undefined where it is not. */
export function stripOf({ log, strip }: ChartSpec): Strip | undefined {
  return log ? undefined : strip;
}

/** The range of x between two values: wider than them where they are one, or where points need room at the edges. */
export function xRange({ x, series, logX }: ChartSpec, min: number, max: number): [number, number] {
  if (!series.some((s) => s.scatter)) return min === max ? [min - 0.5, max + 0.5] : [min, max];
  const [first, last] = [x[0], x[x.length - 1]];
  if (logX) return [first / 1.3, last * 1.3];
  const pad = 0.08 * (last - first) + 0.5;
  return [first - pad, last + pad];
}

/** Lowest and highest visible value between two indices, padded. */
export function yRange(spec: ChartSpec, visible: readonly boolean[], from: number, to: number): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  const take = (v: number | null | undefined) => {
    if (!drawable(spec, v)) return;
    const near = Math.min(FAR, Math.max(spec.log ? 1 / FAR : -FAR, v));
    min = Math.min(min, near);
    max = Math.max(max, near);
  };
  spec.series.forEach((s, k) => {
    if (!visible[k]) return;
    for (let i = from; i <= to; i++) {
      take(s.values[i]);
      take(s.low?.[i]);
      take(s.high?.[i]);
    }
  });
  spec.include?.forEach(take);
  if (min > max) return spec.log ? [0.1, 1] : [0, 1];
  // What differs by rounding alone is level: no axis has room for ticks so close.
  const size = Math.max(Math.abs(min), Math.abs(max));
  const level = max - min <= 1e-12 * size;
  if (spec.log) return level ? [min / 2, max * 2] : [min / 1.15, max * 1.15];
  const strip = stripOf(spec);
  const [low, high] = strip ? [toAxis(strip, min), toAxis(strip, max)] : [min, max];
  const pad = level ? 0.1 * size || 0.5 : 0.06 * (high - low);
  const [least, most] = strip ? [fromAxis(strip, low - pad), fromAxis(strip, high + pad)] : [low - pad, high + pad];
  return [min >= 0 && least < 0 ? 0 : least, most];
}

/** Ticks of the x axis. @param most about how many at most */
export function xTicks({ logX, wholeX }: ChartSpec, min: number, max: number, most: number): number[] {
  return logX ? logTicks(min, max, most) : linearTicks(min, max, most, wholeX);
}

/** Ticks of the y axis. @param most about how many at most */
export function yTicks(spec: ChartSpec, min: number, max: number, most: number): number[] {
  const strip = stripOf(spec);
  return strip ? brokenTicks(strip, min, max, most) : (spec.log ? logTicks : linearTicks)(min, max, most);
}

/** The least distance between neighbours; 0 where there are none. */
export function least(ticks: readonly number[]): number {
  return ticks.length < 2 ? 0 : smallest(ticks.slice(1).map((tick, i) => tick - ticks[i]));
}

/** First and last index of the values between two. */
export function indicesWithin(x: readonly number[], min = -Infinity, max = Infinity): [number, number] {
  const first = x.findIndex((value) => value >= min);
  const last = x.findLastIndex((value) => value <= max);
  return [Math.max(0, first), last < 0 ? x.length - 1 : last];
}

/** First and last value, 0 and 1 where there is none. */
export function endsOf(x: readonly number[]): [number, number] {
  return [x[0] ?? 0, x.at(-1) ?? 1];
}
