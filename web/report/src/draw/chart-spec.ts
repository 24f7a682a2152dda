/** What a chart shows, and the range of values it needs; nothing here draws. */

export interface Series {
  label: string;
  /** Aligned with the chart's x; null where there is no value. */
  values: (number | null)[];
  colour: number;
  shape: number | null;
  dashed: boolean;
  /** No line between the points. */
  scatter?: boolean;
  /** A band around the line. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** Index of the last finite value before divergence, marked with a cross. */
  divergedAt?: number;
  width?: number;
  /** Stands behind the others: told neither at the cursor nor by the keyboard, and in no table. */
  context?: boolean;
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
  log: boolean;
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
  const pad = level ? 0.1 * size || 0.5 : 0.06 * (max - min);
  const floor = min >= 0 && min - pad < 0 ? 0 : min - pad;
  return [floor, max + pad];
}
