// How Winograd's tiles of four and six outputs a side cover an axis, and the scratch that their transforms need.
import { roundUp } from "../numeric/math.js";

/** Bytes of a line of the transforms' scratch, which has eight (LINE in assembly/winograd-lines.ts). */
export const LINE = 256;

/** Tiles of one length along an axis: `count` of them from pixel `start`. */
interface Run {
  start: number;
  length: 4 | 6;
  count: number;
}

/** An even length ≥ 4 as sixes, which need the fewest products, then fours. */
export function cover(pixels: number): Run[] {
  const fours = pixels % 6 === 0 ? 0 : pixels % 6 === 4 ? 1 : 2;
  const sixes = (pixels - 4 * fours) / 6;
  const runs: Run[] = [
    { start: 0, length: 6, count: sixes },
    { start: 6 * sixes, length: 4, count: fours },
  ];
  return runs.filter(({ count }) => count > 0);
}

/** Tiles along an axis, of which the first `skip` outputs belong to the tile before. */
export interface Tiles extends Run {
  skip: number;
}

/** Any length ≥ 4 as sixes and fours; of an odd length the last tile overlaps its neighbour by one. */
export function tilesOf(pixels: number): Tiles[] {
  if (pixels === 5)
    return [
      { start: 0, length: 4, count: 1, skip: 0 },
      { start: 1, length: 4, count: 1, skip: 3 },
    ];
  const runs = cover(roundUp(pixels, 2)).map((run) => ({ ...run, skip: 0 }));
  if (pixels % 2 === 0) return runs;
  const last = runs[runs.length - 1];
  last.count -= 1;
  const overlapping = { start: pixels - last.length, length: last.length, count: 1, skip: 1 };
  return [...runs, overlapping].filter(({ count }) => count > 0);
}
