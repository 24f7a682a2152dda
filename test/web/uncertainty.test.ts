/** Intervals of differences, against simulation: they hold the true difference about 19 times in 20. */
import { expect, it } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import { differenceOf, mayBeChance, minus, verdictOf, type Measured } from "../../web/report/src/data/uncertainty.js";

const stream = new RandomStream("init", 22);
const normal = () => Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform());
const seeds = (values: number[], first = 0): Measured => ({
  bySeed: new Map(values.map((value, i) => [first + i, value])),
  images: 10_000,
});

/** Fraction of 4,000 draws whose interval holds the true difference. */
function coverage(draw: () => [Measured, Measured], truth: number): number {
  let held = 0;
  for (let i = 0; i < 4000; i++) {
    const { low, high } = differenceOf(...draw());
    if (low <= truth && truth <= high) held++;
  }
  return held / 4000;
}

it("of one seed each: by the number of images", () => {
  const judged = (p: number, images: number) => {
    let right = 0;
    for (let i = 0; i < images; i++) if (stream.uniform() < p) right++;
    return { bySeed: new Map([[0, right / images]]), images };
  };
  expect(coverage(() => [judged(0.88, 200), judged(0.84, 200)], 0.04)).toBeCloseTo(0.95, 1.5);
  const { by, standardError } = differenceOf(seeds([0.9]), seeds([0.88]));
  expect([by, standardError.toFixed(5)]).toEqual(["images", Math.sqrt((0.09 + 0.1056) / 10_000).toFixed(5)]);
});

it.each([2, 3, 5, 10])("of %d shared seeds: by their paired differences", (n) => {
  const draw = (): [Measured, Measured] => {
    const base = Array.from({ length: n }, () => 0.88 + 0.05 * normal());
    return [seeds(base.map((x) => x + 0.01 + 0.002 * normal())), seeds(base)];
  };
  expect(coverage(draw, 0.01)).toBeCloseTo(0.95, 1.5);
});

it("of seeds that are not shared: by either spread", () => {
  const some = (n: number, mean: number, std: number, first: number) =>
    seeds(
      Array.from({ length: n }, () => mean + std * normal()),
      first,
    );
  const covered = coverage(() => [some(5, 0.9, 0.004, 0), some(4, 0.88, 0.01, 100)], 0.02);
  expect(covered).toBeGreaterThan(0.93);
  expect(covered).toBeLessThan(0.99);
});

it("says when chance may explain a difference", () => {
  expect(mayBeChance(differenceOf(seeds([0.88]), seeds([0.878])))).toBe(true);
  expect(mayBeChance(differenceOf(seeds([0.9]), seeds([0.87])))).toBe(false);
  expect(mayBeChance(differenceOf(seeds([0.9, 0.91]), seeds([0.9, 0.91])))).toBe(true);
  expect(mayBeChance(differenceOf(seeds([]), seeds([0.9])))).toBe(true);
});

it("takes seeds that are level but for rounding for no spread", () => {
  const d = differenceOf(seeds([0.1, 0.1, 0.1]), seeds([0.3, 0.3, 0.3]));
  expect(d.by).toBe("images");
  expect(d.standardError).toBeCloseTo(Math.sqrt((0.09 + 0.21) / 10_000), 12);
});

it("tells more from less, and level within two points from too wide to tell", () => {
  const of = (a: number, b: number, images: number) =>
    verdictOf(differenceOf({ ...seeds([a]), images }, { ...seeds([b]), images }));
  expect([of(0.9, 0.87, 10_000), of(0.87, 0.9, 10_000)]).toEqual(["more", "less"]);
  expect([of(0.9, 0.898, 10_000), of(0.9, 0.898, 500)]).toEqual(["level", "unclear"]);
});

it("of two differences adds the intervals in quadrature", () => {
  const judged = (p: number) => {
    let right = 0;
    for (let i = 0; i < 500; i++) if (stream.uniform() < p) right++;
    return { bySeed: new Map([[0, right / 500]]), images: 500 };
  };
  let held = 0;
  for (let i = 0; i < 2000; i++) {
    const [a, b] = [differenceOf(judged(0.9), judged(0.8)), differenceOf(judged(0.7), judged(0.65))];
    const { low, high, value } = minus(a, b);
    expect(value).toBeCloseTo(a.value - b.value, 12);
    if (low <= 0.05 && 0.05 <= high) held++;
  }
  expect(held / 2000).toBeCloseTo(0.95, 1.5);
});
