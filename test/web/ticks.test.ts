/** Ranges and ticks of the charts' axes: for any values and any zoom they come to an end, and make sense. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearTicks, logTicks } from "../../web/report/src/data/ticks.js";
import { yRange, type ChartSpec } from "../../web/report/src/draw/chart-spec.js";

const MOST = 8;
const kinds = [
  ["linear", linearTicks],
  ["whole", (min: number, max: number, most: number) => linearTicks(min, max, most, true)],
  ["logarithmic", logTicks],
] as const;

/** A positive number of any magnitude up to 10^±`decades`. */
const positive = (decades: number) =>
  fc
    .tuple(fc.double({ min: 1, max: 10, maxExcluded: true, noNaN: true }), fc.integer({ min: -decades, max: decades }))
    .map(([digits, exponent]) => Number(`${digits}e${exponent}`));

describe.each(kinds)("%s ticks", (_, ticks) => {
  it.each([
    ["any two numbers", fc.tuple(fc.double(), fc.double())],
    ["two positive numbers", fc.tuple(positive(308), positive(308)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)])],
    [
      "neighbours",
      fc.tuple(positive(308), fc.integer({ min: 1, max: 9 })).map(([a, n]) => [a, a * (1 + n * Number.EPSILON)]),
    ],
    [
      "a minimum at the end of a decade",
      fc
        .tuple(fc.double({ min: 9, max: 10, noNaN: true }), fc.integer({ min: -40, max: 40 }), positive(40))
        .map(([digits, exponent, span]) => [
          Number(`${digits}e${exponent}`),
          Number(`${digits}e${exponent}`) * (1 + span),
        ]),
    ],
  ])("of %s are few, in order and between them", (_, ends) => {
    fc.assert(
      fc.property(ends, fc.double({ min: 0.5, max: 40, noNaN: true }), ([min, max], most) => {
        const found = ticks(min, max, most);
        // Twice as many at most: the smallest numbers are rounded as coarsely as that.
        expect(found.length).toBeLessThanOrEqual(2 * most + 2);
        found.forEach((tick, i) => expect(tick >= min && tick <= max && (i === 0 || tick > found[i - 1])).toBe(true));
      }),
      { numRuns: 500 },
    );
  });
});

it.each([
  [linearTicks(0, 1, MOST), [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [linearTicks(-0.31, 0.1, 5), [-0.3, -0.2, -0.1, 0, 0.1]],
  [linearTicks(1, 10, MOST, true), [2, 4, 6, 8, 10]],
  [linearTicks(1.2, 2.7, MOST, true), [2]],
  [linearTicks(1e16, 1e16 + 4, MOST), [1e16, 1e16 + 2, 1e16 + 4]],
  [logTicks(0.0956, 6.9, MOST), [0.1, 0.2, 0.5, 1, 2, 5]],
  [logTicks(0.0956, 0.13, 4), [0.1, 0.11, 0.12, 0.13]],
  [logTicks(2e-4, 3e5, MOST), [1e-2, 1, 1e2, 1e4]],
  [logTicks(0.01, 11, 3), [0.01, 1]],
])("ticks are round numbers: %j", (got, expected) => expect(got).toEqual(expected));

describe("the range of y", () => {
  const spec = (values: (number | null)[], log: boolean): ChartSpec => ({
    x: values.map((_, i) => i),
    xLabel: "x",
    yLabel: "y",
    formatX: String,
    formatY: String,
    log,
    wholeX: false,
    series: [{ label: "a", values, colour: 0, shape: null, dashed: false }],
  });
  const any = fc.oneof(
    fc.double(),
    fc.constant(null),
    positive(308),
    fc.constantFrom(0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, NaN, Infinity),
  );

  it("is finite and not empty, and has ticks, whatever the values", () => {
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 6 }), fc.boolean(), (values, log) => {
        const [min, max] = yRange(spec(values, log), [true], 0, values.length - 1);
        expect(min < max && Number.isFinite(max - min) && (!log || min > 0)).toBe(true);
        // Closer to zero than this, numbers have few digits left.
        if (max > 1e-290) expect((log ? logTicks : linearTicks)(min, max, MOST).length).toBeGreaterThan(1);
      }),
      { numRuns: 2000 },
    );
  });

  it("holds every value that can be drawn", () => {
    fc.assert(
      fc.property(fc.array(positive(290), { minLength: 1, maxLength: 6 }), fc.boolean(), (values, log) => {
        const [min, max] = yRange(spec(values, log), [true], 0, values.length - 1);
        for (const value of values) expect(min <= value && value <= max).toBe(true);
      }),
    );
  });
});
