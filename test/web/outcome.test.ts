/** A network that answers one class is collapsed, whatever its accuracy. */
import { expect, it } from "vitest";
import { outcomeOf } from "../../web/report/src/data/outcome.js";

it.each([
  [
    "one class for every image",
    [
      [0, 500],
      [0, 500],
    ],
    "collapsed",
  ],
  [
    "one class, and most images are of it",
    [
      [0, 100],
      [0, 900],
    ],
    "collapsed",
  ],
  [
    "one class but for a few images",
    [
      [4, 496],
      [1, 499],
    ],
    "collapsed",
  ],
  [
    "two classes",
    [
      [20, 480],
      [0, 500],
    ],
    "done",
  ],
  [
    "right answers alone",
    [
      [500, 0],
      [0, 500],
    ],
    "done",
  ],
  [
    "a test set of one class",
    [
      [0, 0],
      [3, 997],
    ],
    "done",
  ],
  ["no confusion matrix", [], "done"],
] as const)("%s", (_, confusion, outcome) =>
  expect(outcomeOf({ status: "done", confusion: confusion.map((row) => [...row]) })).toBe(outcome),
);

it("what diverged or failed stays that", () => {
  for (const status of ["diverged", "failed"] as const)
    expect(
      outcomeOf({
        status,
        confusion: [
          [0, 5],
          [0, 5],
        ],
      }),
    ).toBe(status);
});
