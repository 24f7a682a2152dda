/** Successive halving against a naive recount: who reaches which rung, by sorting and counting alone. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decidedRungs, type RungCell } from "../../../src/core/training/halving.js";

const cellOf = (id: string, status: RungCell["status"], accuracies: number[]): RungCell => ({
  id,
  status,
  curve: accuracies.map((validationAccuracy) => ({ validationAccuracy })),
});

/** The cell as it was after an epoch: what a sweep that stops there would know of it. */
function upTo({ id, status, curve }: RungCell, epoch: number): RungCell {
  return curve.length <= epoch ? { id, status, curve } : { id, status: "stopped", curve: curve.slice(0, epoch) };
}

/** Epochs of those that go on from a rung, found by taking the best out one at a time. */
function naive(cells: RungCell[], epoch: number, keep: number): string[] {
  const left = cells.map(({ id, status, curve }) => ({
    id,
    out: status === "failed" ? curve.length < epoch : status === "diverged" && curve.length <= epoch,
    accuracy: curve.slice(0, epoch).at(-1)?.validationAccuracy ?? NaN,
  }));
  let places = 1;
  while (places < cells.length * keep - 1e-9) places++;
  const promoted: string[] = [];
  while (promoted.length < places) {
    let best: (typeof left)[number] | undefined;
    for (const cell of left) {
      if (cell.out || promoted.includes(cell.id)) continue;
      if (!best || cell.accuracy > best.accuracy || (cell.accuracy === best.accuracy && cell.id < best.id)) best = cell;
    }
    if (!best) break;
    promoted.push(best.id);
  }
  return promoted;
}

const rungsOf = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
  .map((list) => list.sort((a, b) => a - b));
/** Cells trained to the end, with few different accuracies, so that there are ties. */
const cells = (epochs: number) =>
  fc
    .array(
      fc.record({
        accuracies: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: epochs }),
        fate: fc.constantFrom("done", "done", "diverged", "failed" as const),
      }),
      { minLength: 1, maxLength: 20 },
    )
    .map((list) =>
      list.map(({ accuracies, fate }, i) =>
        cellOf(
          `c${(i * 7) % 20}`,
          fate,
          accuracies.map((a) => a / 4),
        ),
      ),
    );

describe("decidedRungs", () => {
  it("promotes whom a naive recount promotes", () => {
    const cases = rungsOf.chain((rungs) =>
      fc.record({
        rungs: fc.constant(rungs),
        keep: fc.constantFrom(0.1, 0.25, 0.33, 0.5, 0.9),
        all: cells(rungs.at(-1) ?? 1),
      }),
    );
    fc.assert(
      fc.property(cases, ({ rungs, keep, all }) => {
        const decided = decidedRungs({ rungs, keep }, all);
        expect(decided.map(({ epoch }) => epoch)).toEqual(rungs);
        let reached = all;
        for (const [i, { epoch, ranked, promoted }] of decided.entries()) {
          expect([...ranked].sort()).toEqual(reached.map(({ id }) => id).sort());
          expect(promoted).toEqual(i === rungs.length - 1 ? [] : naive(reached, epoch, keep));
          expect(ranked.slice(0, promoted.length)).toEqual(promoted);
          reached = all.filter(({ id }) => promoted.includes(id));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("says of a rung the same before and after cells have trained on", () => {
    const cases = rungsOf.chain((rungs) => fc.record({ rungs: fc.constant(rungs), all: cells(rungs.at(-1) ?? 1) }));
    fc.assert(
      fc.property(cases, ({ rungs, all }) => {
        const halving = { rungs, keep: 0.5 };
        const decided = decidedRungs(halving, all);
        rungs.forEach((epoch, i) => {
          const then = all.map((cell) => upTo(cell, epoch));
          expect(decidedRungs(halving, then).slice(0, i + 1)).toEqual(decided.slice(0, i + 1));
        });
      }),
      { numRuns: 200 },
    );
  });

  it("decides no rung that a cell has yet to reach", () => {
    const halving = { rungs: [1, 3], keep: 0.5 };
    const [a, b] = [cellOf("a", "stopped", [0.5]), cellOf("b", "stopped", [0.4])];
    expect(decidedRungs(halving, [a, { id: "b", curve: [] }])).toEqual([]);
    expect(decidedRungs(halving, [a, b])).toEqual([{ epoch: 1, ranked: ["a", "b"], promoted: ["a"] }]);
    const further = [cellOf("a", "done", [0.5, 0.1, 0.1]), b];
    expect(decidedRungs(halving, further)[1]).toEqual({ epoch: 3, ranked: ["a"], promoted: [] });
  });

  it("ranks a cell that ended sooner by its last epoch, and never takes more than a whole share", () => {
    const early = [cellOf("a", "done", [0.2, 0.6]), cellOf("b", "stopped", [0.9, 0.9, 0.5])];
    expect(decidedRungs({ rungs: [3, 4], keep: 0.5 }, early)[0].promoted).toEqual(["a"]);
    const hundred = Array.from({ length: 100 }, (_, i) => cellOf(`c${i}`, "stopped", [0.5]));
    expect(decidedRungs({ rungs: [1, 2], keep: 0.07 }, hundred)[0].promoted).toHaveLength(7);
  });

  it("promotes nobody where all diverged", () => {
    const all = [cellOf("a", "diverged", [0.1]), cellOf("b", "failed", [])];
    expect(decidedRungs({ rungs: [1, 3, 9], keep: 0.5 }, all)).toEqual([
      { epoch: 1, ranked: ["a", "b"], promoted: [] },
      { epoch: 3, ranked: [], promoted: [] },
      { epoch: 9, ranked: [], promoted: [] },
    ]);
  });
});
