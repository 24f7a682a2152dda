/** Where parallel coordinates stand on their canvas, in CSS pixels: axes from left to right, values from bottom to top. */

const TOP = 44;
const BOTTOM = 22;
const SIDE = 64;
/** Least distance between neighbours: their names stand side by side. */
const GAP = 100;
/** How far beside an axis a pointer still means it. */
const REACH = 24;

export interface ParallelLayout {
  width: number;
  height: number;
  top: number;
  bottom: number;
  /** Of the i-th axis. */
  x(axis: number): number;
  /** Of a position in [0, 1] on an axis. */
  y(position: number): number;
  /** Inverse of `y`, cut to [0, 1]. */
  position(y: number): number;
  /** The axis at a place, or -1. */
  axisAt(x: number): number;
}

/** @param room width that is there; the canvas is wider where its axes need more */
export function parallelLayout(room: number, axes: number): ParallelLayout {
  const width = Math.max(room, 2 * SIDE + (axes - 1) * GAP);
  const height = 300;
  const span = height - TOP - BOTTOM;
  const x = (axis: number) => (axes < 2 ? width / 2 : SIDE + (axis * (width - 2 * SIDE)) / (axes - 1));
  return {
    width,
    height,
    top: TOP,
    bottom: height - BOTTOM,
    x,
    y: (position) => TOP + (1 - position) * span,
    position: (y) => Math.min(1, Math.max(0, 1 - (y - TOP) / span)),
    axisAt: (place) => Array.from({ length: axes }, (_, i) => x(i)).findIndex((at) => Math.abs(at - place) < REACH),
  };
}
