/** Extremes of more values than the stack holds. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { largest, smallest } from "../../../src/core/numeric/extremes.js";

it("largest and smallest are those of Math.max and Math.min", () => {
  fc.assert(
    fc.property(fc.array(fc.double()), fc.double(), (values, bound) => {
      expect([largest(values), smallest(values)]).toEqual([Math.max(...values), Math.min(...values)]);
      expect([largest(values, bound), smallest(values, bound)]).toEqual([
        Math.max(bound, ...values),
        Math.min(bound, ...values),
      ]);
    }),
  );
});

it("take a million values", () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, i) => i);
  expect([largest(values), smallest(values)]).toEqual([999_999, 0]);
});
