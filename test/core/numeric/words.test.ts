import { expect, test } from "vitest";
import { count, plural } from "../../../src/core/numeric/words.js";

test("whole numbers have a comma before every three digits", () => {
  expect([0, 7, 999, 1000, 60_000, 1_234_567, -1000].map(count)).toEqual([
    "0",
    "7",
    "999",
    "1,000",
    "60,000",
    "1,234,567",
    "-1,000",
  ]);
  expect([0, 1, 2, 1200].map((cells) => plural(cells, "cell"))).toEqual([
    "0 cells",
    "1 cell",
    "2 cells",
    "1,200 cells",
  ]);
});
