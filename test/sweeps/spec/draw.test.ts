/** Drawn axes: how evenly points lie, that longer searches begin with shorter ones, and what coordinates become. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { drawnValue, rSequence } from "../../../src/sweeps/spec/draw.js";

const points = (count: number, dimensions: number, seed: number): number[][] =>
  Array.from({ length: count }, (_, i) => rSequence(dimensions, seed)(i));

/** The star discrepancy of points on a line, by the formula that sorting gives (Niederreiter, 1992). */
function lineDiscrepancy(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(...sorted.map((x, i) => Math.max(x - i / sorted.length, (i + 1) / sorted.length - x)));
}

/** The largest difference, over boxes from 0 to a corner of a grid, between a box's share of the points and its volume. */
function boxDiscrepancy(all: number[][], [a, b]: [number, number], grid = 16): number {
  let worst = 0;
  for (let i = 1; i <= grid; i++)
    for (let j = 1; j <= grid; j++) {
      const inside = all.filter((point) => point[a] < i / grid && point[b] < j / grid).length;
      worst = Math.max(worst, Math.abs(inside / all.length - (i * j) / (grid * grid)));
    }
  return worst;
}

/** Mean discrepancy over all axes, and over all faces, of sets of points. */
function discrepancies(sets: number[][][]): { axes: number; faces: number } {
  const [axes, faces]: [number[], number[]] = [[], []];
  for (const all of sets)
    for (let a = 0; a < all[0].length; a++) {
      axes.push(lineDiscrepancy(all.map((point) => point[a])));
      for (let b = 0; b < a; b++) faces.push(boxDiscrepancy(all, [a, b]));
    }
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  return { axes: mean(axes), faces: mean(faces) };
}

describe("the R-sequence", () => {
  it.each([1, 2, 3, 4, 6, 8])("lies more evenly in %i dimensions as independent points do", (dimensions) => {
    // It gains on them with their number.
    for (const [count, most] of [
      [40, 0.75],
      [256, 0.5],
    ]) {
      const seeds = [0, 1, 7, 2 ** 32 - 1];
      const independent = seeds.map((seed) => {
        const stream = new RandomStream("shuffle", seed, count);
        return Array.from({ length: count }, () => Array.from({ length: dimensions }, () => stream.uniform()));
      });
      const ours = discrepancies(seeds.map((seed) => points(count, dimensions, seed)));
      const theirs = discrepancies(independent);
      expect(ours.axes).toBeLessThan(most * theirs.axes);
      if (dimensions > 1) expect(ours.faces).toBeLessThan(most * theirs.faces);
    }
  });

  it("has points in the cube, the first of which do not depend on how many follow, and others for another seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(2 ** 32 - 1), fc.nat(99_999), (dimensions, seed, i) => {
        const point = rSequence(dimensions, seed)(i);
        expect(point).toHaveLength(dimensions);
        for (const x of point) expect(x >= 0 && x < 1).toBe(true);
        expect(points(3, dimensions, seed)).toEqual(points(9, dimensions, seed).slice(0, 3));
        expect(rSequence(dimensions, (seed + 1) % 2 ** 32)(i)).not.toEqual(point);
      }),
      { numRuns: 100 },
    );
  });

  // Steps 1 / ratio^j, with the ratios that Roberts gives: the golden one, the plastic one, 1.22074408460575947536.
  it.each([
    [1, 1.618033988749895],
    [2, 1.324717957244746],
    [3, 1.2207440846057596],
  ])("steps in %i dimensions by powers of %f", (dimensions, ratio) => {
    const [first, second] = points(2, dimensions, 5);
    first.forEach((x, j) => expect((second[j] - x + 1) % 1).toBeCloseTo(ratio ** -(j + 1), 12));
  });
});

describe("a coordinate", () => {
  const bounds = fc
    .tuple(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), fc.double({ min: 1.001, max: 1e6, noNaN: true }))
    .map(([low, factor]): [number, number] => [low, low * factor]);
  const coordinate = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it("becomes a number within the bounds, of four digits, near what the formula says", () => {
    fc.assert(
      fc.property(bounds, coordinate, fc.boolean(), ([low, high], u, isLog) => {
        const value = drawnValue(isLog ? { logUniform: [low, high] } : { uniform: [low, high] }, u) as number;
        const exact = isLog ? Math.exp(Math.log(low) + u * Math.log(high / low)) : low + u * (high - low);
        expect(value >= low && value <= high).toBe(true);
        expect(Math.abs(value - exact) / exact).toBeLessThan(6e-4);
        if (value !== low && value !== high) expect(Number(value.toPrecision(4))).toBe(value);
      }),
    );
  });

  it("takes every choice for an equal share of [0, 1)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), coordinate, (n, u) => {
        const choice = Array.from({ length: n }, (_, i) => i);
        const got = drawnValue({ choice }, u) as number;
        expect(got <= u * n && u * n < got + 1).toBe(true);
      }),
    );
  });
});
