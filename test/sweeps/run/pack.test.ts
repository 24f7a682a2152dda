import { expect, test } from "vitest";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { packCells, taskCount } from "../../../src/sweeps/run/pack.js";
import { tinyConfig } from "../fixtures.js";

const random = new RandomStream("shuffle", 1);
const whole = (below: number): number => Math.floor(random.uniform() * below);
const config = tinyConfig();
const cellsOf = (number: number) =>
  Array.from({ length: number }, (_, i) => ({ id: `cell-${(i * 7919) % number}-${i}`, config }));
const longest = (tasks: string[][], lengthOf: Map<string, number>): number =>
  Math.max(0, ...tasks.map((ids) => ids.reduce((sum, id) => sum + (lengthOf.get(id) as number), 0)));

/** The length of the best packing's longest task, by trying all. */
function best(lengths: number[], tasks: number): number {
  const loads = Array.from({ length: tasks }, () => 0);
  const place = (next: number, most: number, limit: number): number => {
    if (most >= limit) return limit;
    if (next === lengths.length) return most;
    for (let task = 0; task < tasks; task++) {
      loads[task] += lengths[next];
      limit = place(next + 1, Math.max(most, loads[task]), limit);
      loads[task] -= lengths[next];
      // Of empty tasks one is as good as the others.
      if (loads[task] === 0) break;
    }
    return limit;
  };
  return place(0, 0, Infinity);
}

test("every cell is in one task, no task is empty, and the longest is within a third of the best", () => {
  let optimal = 0;
  for (let round = 0; round < 300; round++) {
    const cells = cellsOf(1 + whole(9));
    const tasks = 1 + whole(cells.length + 2);
    const lengths = cells.map(() => whole(4) * whole(30));
    const packed = packCells({ cells, lengths, tasks });
    expect(packed.flat().sort()).toEqual(cells.map(({ id }) => id).sort());
    expect(packed).toHaveLength(Math.min(tasks, cells.length));
    expect(packed.every((ids) => ids.length > 0)).toBe(true);

    const lengthOf = new Map(cells.map(({ id }, i) => [id, lengths[i]]));
    for (const ids of packed) {
      const order = ids.map((id) => lengthOf.get(id) as number);
      expect(order).toEqual([...order].sort((a, b) => b - a));
    }
    const [got, least] = [longest(packed, lengthOf), best(lengths, packed.length)];
    expect(3 * packed.length * got).toBeLessThanOrEqual((4 * packed.length - 1) * least);
    if (got === least) optimal += 1;

    // The same cells and lengths give the same tasks, in whatever order they come.
    const order = cells.map((_, i) => i).sort(() => random.uniform() - 0.5);
    const shuffled = { cells: order.map((i) => cells[i]), lengths: order.map((i) => lengths[i]), tasks };
    expect(packCells(shuffled)).toEqual(packed);
  }
  expect(optimal).toBeGreaterThan(200);
});

test("many cells are packed into many tasks, evenly where all are alike", () => {
  const cells = cellsOf(100_000);
  const packed = packCells({ cells, lengths: cells.map(() => 1), tasks: 40_000 });
  expect(packed).toHaveLength(40_000);
  expect(new Set(packed.map(({ length }) => length))).toEqual(new Set([2, 3]));
  expect(packCells({ cells: [], lengths: [], tasks: 5 })).toEqual([]);
});

test("the number of tasks is that of the target, within what cells and cluster allow", () => {
  const lengths = Array.from({ length: 50 }, () => 30);
  expect(taskCount(lengths, 600, 1000)).toBe(3);
  expect(taskCount(lengths, 600, 2)).toBe(2);
  expect(taskCount(lengths, 1, 1000)).toBe(50);
  expect(taskCount(lengths, 1e9, 1000)).toBe(1);
  expect(taskCount([0, 0], 600, 1000)).toBe(1);
});
