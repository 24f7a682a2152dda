/** Random sweeps: cells on a grid of axes, with accuracies that nobody chose. */
import fc from "fast-check";
import { viewCells, type CellView } from "../../web/report/src/data/cells.js";
import { fixtureRecord } from "./fixture.js";

export interface Drawn {
  optimizer: "sgd" | "nesterov";
  lr: number;
  batchSize: number;
  seed: number;
  /** Images of 1,000 that were recognised. */
  right: number;
  ending: "done" | "diverged" | "chance" | "failed";
}

export function cellsOf(drawn: readonly Drawn[]): CellView[] {
  return viewCells(
    drawn.map(({ optimizer, lr, batchSize, seed, right, ending }, i) => {
      const config = {
        model: { kind: "mlp" as const },
        optimizer: { kind: optimizer, lr },
        batchSize,
        seed,
        epochs: 1,
      };
      const record = fixtureRecord(config, { ending }, `cell-${i}`);
      return {
        ...record,
        curve: record.curve.map((row) => ({
          ...row,
          testAccuracy: ending === "done" ? right / 1000 : row.testAccuracy,
        })),
      };
    }),
  );
}

const result = { right: fc.integer({ min: 300, max: 950 }), ending: fc.constant("done" as const) };

/** Every combination of some values of each axis, once. */
export const completeSweep: fc.Arbitrary<Drawn[]> = fc
  .tuple(
    fc.subarray(["sgd", "nesterov"] as const, { minLength: 1 }),
    fc.subarray([0.001, 0.01, 0.1], { minLength: 1 }),
    fc.subarray([32, 64, 128], { minLength: 1 }),
    fc.integer({ min: 1, max: 3 }),
  )
  .chain(([optimizers, rates, sizes, seeds]) => {
    const grid = optimizers.flatMap((optimizer) =>
      rates.flatMap((lr) =>
        sizes.flatMap((batchSize) => Array.from({ length: seeds }, (_, seed) => ({ optimizer, lr, batchSize, seed }))),
      ),
    );
    return fc
      .array(fc.record(result), { minLength: grid.length, maxLength: grid.length })
      .map((results) => grid.map((place, i) => ({ ...place, ...results[i] })));
  });

/** A part of such a sweep, some of its cells without a result. */
export const anySweep: fc.Arbitrary<Drawn[]> = completeSweep.chain((drawn) =>
  fc
    .subarray(drawn, { minLength: 1 })
    .chain((some) =>
      fc
        .array(fc.constantFrom("done", "done", "done", "diverged", "chance", "failed"), {
          minLength: some.length,
          maxLength: some.length,
        })
        .map((endings) => some.map((cell, i) => ({ ...cell, ending: endings[i] }))),
    ),
);
