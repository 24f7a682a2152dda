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
}

export interface ChartSpec {
  x: number[];
  xLabel: string;
  yLabel: string;
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  /** Ticks of the y axis; `formatY` unless given. */
  /** `step` is the distance of two ticks. */
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
  click(index: number, series: number): void;
  zoom(range: [number, number] | null): void;
}

/** Lowest and highest visible value between two indices, padded. */
export function yRange(spec: ChartSpec, visible: readonly boolean[], from: number, to: number): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  const take = (v: number | null | undefined) => {
    if (v === null || v === undefined || (spec.log && v <= 0)) return;
    min = Math.min(min, v);
    max = Math.max(max, v);
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
  if (spec.log) return min === max ? [min / 2, max * 2] : [min / 1.15, max * 1.15];
  const pad = min === max ? Math.abs(min) * 0.1 || 0.5 : 0.06 * (max - min);
  const floor = min >= 0 && min - pad < 0 ? 0 : min - pad;
  return [floor, max + pad];
}
