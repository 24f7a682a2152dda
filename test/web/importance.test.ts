/** Shares of variance against their textbook definitions, over random sweeps. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CellView } from "../../web/report/src/data/cells.js";
import { counting, effectsOf } from "../../web/report/src/data/importance.js";
import { axesOf } from "../../web/report/src/data/selection.js";
import { anySweep, cellsOf, completeSweep, type Drawn } from "./sweeps.js";

type Key = "optimizer" | "lr" | "batchSize" | "seed";
const KEYS: Record<string, Key> = {
  optimizer: "optimizer",
  "optimizer.lr": "lr",
  batchSize: "batchSize",
  seed: "seed",
};

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const squares = (values: readonly number[]) => values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0);

/** 1 − squares within the groups / all squares. */
function explained(drawn: readonly Drawn[], key: Key): number {
  const groups = new Set(drawn.map((cell) => cell[key]));
  const within = [...groups].map((value) =>
    squares(drawn.filter((cell) => cell[key] === value).map(({ right }) => right)),
  );
  return 1 - within.reduce((sum, x) => sum + x, 0) / squares(drawn.map(({ right }) => right));
}

/** What is left of the means of the combinations once both axes' means are taken off, squared. */
function explainedTogether(drawn: readonly Drawn[], a: Key, b: Key): number {
  const of = (keep: (cell: Drawn) => boolean) => mean(drawn.filter(keep).map(({ right }) => right));
  const left = drawn.map(
    (cell) =>
      of((c) => c[a] === cell[a] && c[b] === cell[b]) -
      of((c) => c[a] === cell[a]) -
      of((c) => c[b] === cell[b]) +
      of(() => true),
  );
  return left.reduce((sum, x) => sum + x ** 2, 0) / squares(drawn.map(({ right }) => right));
}

const effects = (cells: CellView[]) => effectsOf(counting(cells), axesOf(cells));

it("counts what was trained to its end and answers more than one class", () => {
  fc.assert(
    fc.property(anySweep, (drawn) => {
      const done = drawn.flatMap(({ ending }, i) => (ending === "done" ? [`cell-${i}`] : []));
      expect(counting(cellsOf(drawn)).map(({ id }) => id)).toEqual(done);
    }),
    { numRuns: 30 },
  );
});

it("gives each axis what its groups leave of the variance, in any sweep", () => {
  fc.assert(
    fc.property(anySweep, (all) => {
      const drawn = all.filter(({ ending }) => ending === "done");
      const found = effects(cellsOf(all)).filter(({ axes }) => axes.length === 1);
      if (squares(drawn.map(({ right }) => right)) === 0) return void expect(found).toEqual([]);
      const shown = axesOf(cellsOf(all)).map(({ name }) => name);
      const telling = Object.entries(KEYS).filter(([name, key]) => {
        const values = new Set(drawn.map((cell) => cell[key])).size;
        return shown.includes(name) && values > 1 && values < drawn.length;
      });
      expect(found.map(({ axes }) => axes[0]).sort()).toEqual(telling.map(([name]) => name).sort());
      for (const { axes, share, chance } of found) {
        expect(share).toBeCloseTo(explained(drawn, KEYS[axes[0]]), 9);
        expect(chance).toBeCloseTo(
          (new Set(drawn.map((cell) => cell[KEYS[axes[0]]])).size - 1) / (drawn.length - 1),
          12,
        );
      }
    }),
    { numRuns: 60 },
  );
});

it("gives two axes of a complete sweep what they explain only together", () => {
  fc.assert(
    fc.property(completeSweep, (drawn) => {
      if (squares(drawn.map(({ right }) => right)) === 0) return;
      const found = effects(cellsOf(drawn));
      expect(found.map(({ share }) => share)).toEqual(found.map(({ share }) => share).sort((a, b) => b - a));
      const pairs = found.filter(({ axes }) => axes.length === 2);
      const sizes = Object.values(KEYS).map((key) => new Set(drawn.map((cell) => cell[key])).size);
      const expected = sizes.flatMap((n, i) =>
        sizes.slice(i + 1).filter((m) => n > 1 && m > 1 && n * m < drawn.length),
      );
      expect(pairs).toHaveLength(expected.length);
      for (const { axes, share } of pairs)
        expect(share).toBeCloseTo(explainedTogether(drawn, KEYS[axes[0]], KEYS[axes[1] as string]), 9);
    }),
    { numRuns: 60 },
  );
});

it("gives no share together where a combination lacks a cell", () => {
  fc.assert(
    fc.property(completeSweep, (drawn) => {
      const sizes = Object.values(KEYS).map((key) => new Set(drawn.map((cell) => cell[key])).size);
      if (drawn.length < 9 || sizes.filter((n) => n > 1).length < 2) return;
      // Without one cell no two axes' combinations are equally frequent.
      expect(effects(cellsOf(drawn.slice(1))).filter(({ axes }) => axes.length === 2)).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
