/** Results along one axis and over two, against a recount over random sweeps. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { axesOf, columnValue } from "../../web/report/src/data/selection.js";
import { heatOf, jitter, sliceOf } from "../../web/report/src/data/slices.js";
import { anySweep, cellsOf } from "./sweeps.js";

it("has every cell in the column of its value, in numeric order, with its mean", () => {
  fc.assert(
    fc.property(anySweep, (drawn) => {
      const cells = cellsOf(drawn);
      for (const axis of axesOf(cells)) {
        const { columns, log } = sliceOf(cells, axis);
        expect(log).toBe(axis.name === "optimizer.lr");
        expect(
          columns
            .flatMap((column) => column.cells)
            .map(({ id }) => id)
            .sort(),
        ).toEqual(cells.map(({ id }) => id).sort());
        if (axis.numeric)
          expect(columns.map(({ value }) => Number(value))).toEqual(
            columns.map(({ value }) => Number(value)).sort((a, b) => a - b),
          );
        const places = columns.map(({ x }) => x);
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect([places[0], places[places.length - 1]]).toEqual([0, 1]);
        for (const column of columns) {
          const own = cells.filter((cell) => String(columnValue(cell, axis.name)) === column.value);
          const finite = own.map((cell) => cell.metrics.testAccuracy).filter(Number.isFinite);
          expect(column.judged.n).toBe(finite.length);
          if (finite.length > 0)
            expect(column.judged.mean).toBeCloseTo(finite.reduce((a, b) => a + b) / finite.length, 12);
        }
      }
    }),
    { numRuns: 30 },
  );
});

it("places rates of a decade each at equal distances", () => {
  const rates = [0.1, 0.001, 0.01].map((lr, i) => ({
    optimizer: "sgd" as const,
    lr,
    batchSize: 64,
    seed: 0,
    right: 500 + i,
    ending: "done" as const,
  }));
  const cells = cellsOf(rates);
  expect(sliceOf(cells, axesOf(cells)[0]).columns.map(({ value, x }) => [value, Number(x.toFixed(9))])).toEqual([
    ["0.001", 0],
    ["0.01", 0.5],
    ["0.1", 1],
  ]);
});

it("has a field for each combination, with its cells and their mean", () => {
  fc.assert(
    fc.property(anySweep, (drawn) => {
      const cells = cellsOf(drawn);
      const [rows, columns] = axesOf(cells).filter(({ name }) => name !== "status");
      if (!columns) return;
      const heat = heatOf(cells, rows, columns);
      heat.rows.forEach((row, i) =>
        heat.columns.forEach((column, j) => {
          const own = cells.filter(
            (cell) =>
              String(columnValue(cell, rows.name)) === row && String(columnValue(cell, columns.name)) === column,
          );
          const field = heat.fields[i][j];
          expect(field === null).toBe(own.length === 0);
          const finite = own.map((cell) => cell.metrics.testAccuracy).filter(Number.isFinite);
          if (field) expect(field.judged.n).toBe(finite.length);
          if (field && finite.length > 0)
            expect(field.judged.mean).toBeCloseTo(finite.reduce((a, b) => a + b) / finite.length, 12);
        }),
      );
    }),
    { numRuns: 30 },
  );
});

it("scatters by the id alone, within half a column to either side", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (id) => {
      expect(jitter(id)).toBe(jitter(id));
      expect(Math.abs(jitter(id))).toBeLessThanOrEqual(0.5);
    }),
  );
  expect(new Set(Array.from({ length: 100 }, (_, i) => jitter(`mlp-${i}`))).size).toBe(100);
});
