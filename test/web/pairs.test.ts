/** A against B: pairs over random sweeps, and p against every flip of signs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pText, versusText } from "../../web/report/src/comments/versus.js";
import { pairsOf, pairsOfVariants, signFlipP } from "../../web/report/src/data/pairs.js";
import { anySweep, cellsOf } from "./sweeps.js";

/** Whole differences, so that no sum is rounded. */
const differences = (min: number, max: number) =>
  fc.array(fc.integer({ min: -50, max: 50 }), { minLength: min, maxLength: max });

/** Every flip, written out. */
function bruteForce(values: readonly number[]): number {
  const reached = Math.abs(values.reduce((sum, x) => sum + x, 0));
  let found = 0;
  for (let flips = 0; flips < 2 ** values.length; flips++)
    if (Math.abs(values.reduce((sum, x, i) => sum + ((flips >> i) & 1 ? -x : x), 0)) >= reached) found++;
  return found / 2 ** values.length;
}

/** The distribution of the signed sum, difference by difference: exact for any number of them. */
function byConvolution(values: readonly number[]): number {
  let chances = new Map([[0, 1]]);
  for (const x of values) {
    const next = new Map<number, number>();
    for (const [sum, chance] of chances)
      for (const s of [sum + x, sum - x]) next.set(s, (next.get(s) ?? 0) + chance / 2);
    chances = next;
  }
  const reached = Math.abs(values.reduce((sum, x) => sum + x, 0));
  return [...chances].reduce((p, [sum, chance]) => p + (Math.abs(sum) >= reached ? chance : 0), 0);
}

describe("p of a sign flip", () => {
  it("is that of all flips, in any unit", () => {
    fc.assert(
      fc.property(differences(1, 11), fc.constantFrom(1, 1000, 0.37), (values, unit) => {
        expect(signFlipP(values.map((x) => x / unit))).toBeCloseTo(bruteForce(values), 12);
      }),
      { numRuns: 200 },
    );
  });
  it("is that of all flips up to 20 pairs, and near it beyond", () => {
    for (const n of [19, 20])
      fc.assert(
        fc.property(differences(n, n), (values) => {
          expect(signFlipP(values)).toBeCloseTo(byConvolution(values), 12);
        }),
        { numRuns: 3 },
      );
    fc.assert(
      fc.property(differences(21, 70), (values) => {
        const p = byConvolution(values);
        // Five standard errors of a share of 100,000, and what counting the observed flip adds.
        expect(Math.abs(signFlipP(values) - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 1e5) + 2e-5);
        expect(signFlipP(values)).toBe(signFlipP(values));
      }),
      { numRuns: 20 },
    );
  });
  it("needs six pairs for 5 %", () => {
    expect([1, 5, 6].map((n) => signFlipP(new Array<number>(n).fill(0.01)))).toEqual([1, 2 / 32, 2 / 64]);
    expect(signFlipP([])).toBeNaN();
  });
});

describe("pairs", () => {
  it("are of cells equal in all else, and of two that ended", () => {
    fc.assert(
      fc.property(anySweep, (drawn) => {
        const ended = drawn.filter(({ ending }) => ending === "done" || ending === "chance");
        const result = ({ right, ending }: (typeof drawn)[number]) => (ending === "done" ? right / 1000 : 0.1);
        const expected = ended
          .filter(({ optimizer }) => optimizer === "sgd")
          .flatMap((a) => {
            const b = ended.find(
              (c) => c.optimizer === "nesterov" && c.lr === a.lr && c.batchSize === a.batchSize && c.seed === a.seed,
            );
            return b ? [result(b) - result(a)] : [];
          });
        const rates = (name: string) =>
          new Set(drawn.filter(({ optimizer }) => optimizer === name).map(({ lr }) => lr));
        // Rates of which no one is shared are a part of the optimizers.
        if (![...rates("sgd")].some((lr) => rates("nesterov").has(lr))) return;
        const { differences, difference, left, fields } = pairsOf(cellsOf(drawn), {
          axis: "optimizer",
          a: "SGD",
          b: "Nesterov",
        });
        expect([...differences].sort()).toEqual(expected.sort());
        expect(left).toBe(drawn.length - 2 * expected.length);
        expect(fields).toEqual(expect.arrayContaining(["optimizer.kind", "optimizer.momentum"]));
        if (expected.length === 0) expect(difference).toBeNull();
        else expect(difference?.value).toBeCloseTo(expected.reduce((a, b) => a + b) / expected.length, 12);
      }),
      { numRuns: 60 },
    );
  });
  it("of two cells are their seeds", () => {
    const drawn = [0, 1, 2].flatMap((seed) => [
      { optimizer: "sgd" as const, lr: 0.01, batchSize: 64, seed, right: 800 + seed, ending: "done" as const },
      { optimizer: "nesterov" as const, lr: 0.1, batchSize: 32, seed, right: 850 + 2 * seed, ending: "done" as const },
    ]);
    const cells = cellsOf(drawn.slice(1));
    const { differences, left } = pairsOfVariants(cells, cells[1], cells[0]);
    expect(differences.map((d) => Math.round(1000 * d))).toEqual([51, 52]);
    expect(left).toBe(1);
  });
});

describe("the sentence", () => {
  const compare = (changes: readonly number[]) => {
    const drawn = changes.flatMap((change, seed) => [
      { optimizer: "sgd" as const, lr: 0.01, batchSize: 64, seed, right: 800, ending: "done" as const },
      { optimizer: "nesterov" as const, lr: 0.01, batchSize: 64, seed, right: 800 + change, ending: "done" as const },
    ]);
    return versusText(pairsOf(cellsOf(drawn), { axis: "optimizer", a: "SGD", b: "Nesterov" }), "SGD", "Nesterov");
  };
  it("says how much, over how many pairs, how surely", () => {
    // Mean 41, standard deviation 8.602…, Student's 2.571 at five degrees of freedom: 41 ± 9.03.
    expect(compare([41, 30, 52, 41, 35, 47])).toEqual([
      "With Nesterov, test accuracy is 4.1 points higher than with SGD over 6 pairs, 95 % interval +3.3 to +4.9, p = 0.031.",
    ]);
    expect(compare([41, -30, 52, -41, 35, -47]).join(" ")).toMatch(
      /higher than with SGD over 6 pairs.*Chance alone may explain it\.$/,
    );
  });
  it("says that fewer than six pairs show nothing", () => {
    expect(compare([-40, -41, -42]).join(" ")).toMatch(
      /4\.1 points lower than with SGD over 3 pairs, 95 % interval −4\.3 to −3\.9\. 3 pairs can show nothing yet: even if all agreed, p would be 0\.25\.$/,
    );
    expect(compare([7]).join(" ")).toContain("One pair can show nothing yet: even if it agreed, p would be 1.");
    expect(versusText(pairsOf([], { axis: "model", a: "MLP", b: "CNN" }), "MLP", "CNN")).toEqual([
      "No cell with MLP has a partner with CNN that equals it in all else.",
    ]);
    expect([pText(0.0004), pText(0.03125), pText(1)]).toEqual(["p < 0.001", "p = 0.031", "p = 1"]);
  });
});
