/** Axes that are drawn, or count in some cells only, against a recount cell by cell; and what is wrong with wrong ones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrainConfig } from "../../../src/core/config.js";
import { canonicalJson } from "../../../src/core/json-text.js";
import { InputError } from "../../../src/core/input-error.js";
import { expandGrid } from "../../../src/sweeps/spec/grid.js";
import { formatSpec, overrideSpec, parseSpec, searchOf } from "../../../src/sweeps/spec/spec.js";

const base = { model: { kind: "mlp", hidden: [16] }, optimizer: "sgd" };
const parsed = (spec: object) => parseSpec(JSON.stringify({ name: "a", base, ...spec }), "s.json");
const grid = (spec: object): TrainConfig[] => expandGrid(parsed(spec), "s.json");
const keys = (configs: TrainConfig[]): string[] => configs.map(canonicalJson).sort();
const lr = { logUniform: [1e-4, 1e-1] };

describe("drawn axes", () => {
  test("give as many cells as samples, times the lists'", () => {
    expect(grid({ axes: { "optimizer.lr": lr }, samples: 40 })).toHaveLength(40);
    const cells = grid({ axes: { "optimizer.lr": lr, seed: [0, 1, 2] }, samples: { count: 40, seed: 7 } });
    expect(cells).toHaveLength(120);
    expect(new Set(cells.map(({ optimizer }) => optimizer.lr)).size).toBe(40);
    expect(cells.slice(0, 4).map(({ seed }) => seed)).toEqual([0, 1, 2, 0]);
  });

  test("of a longer search begin with those of a shorter one", () => {
    const axes = {
      "optimizer.lr": lr,
      "optimizer.momentum": { uniform: [0, 0.9] },
      batchSize: { choice: [8, 16, 64] },
    };
    const short = keys(grid({ axes, samples: 40 }));
    const long = grid({ axes, samples: 80 });
    expect(long).toHaveLength(80);
    expect(keys(long.slice(0, 40))).toEqual(short);
    expect(keys(grid({ axes, samples: { count: 40, seed: 1 } }))).not.toEqual(short);
  });

  test("round for fields of whole numbers, and come once where samples are the same", () => {
    const cells = grid({ axes: { "model.hidden.0": { uniform: [2, 5] } }, samples: 30 });
    const widths = cells.map(({ model }) => model.kind === "mlp" && model.hidden[0]);
    expect(widths.sort()).toEqual([2, 3, 4, 5]);
    expect(grid({ axes: { batchSize: { choice: [8, 16] }, seed: [0, 1] }, samples: 9 })).toHaveLength(4);
    expect(
      grid({ axes: { "optimizer.momentum": { uniform: [0.1, 0.9] } }, samples: 5 })[0].optimizer,
    ).not.toMatchObject({ momentum: 0 });
  });

  test("are those of each variant's grid, and of the plan", () => {
    const spec = parsed({
      axes: { "optimizer.lr": lr },
      samples: { count: 3, seed: 2 },
      variants: [{ label: "a" }, { label: "b", axes: { "optimizer.momentum": { uniform: [0, 0.5] } } }],
    });
    expect(expandGrid(spec, "s.json")).toHaveLength(6);
    expect(searchOf(spec)).toEqual({
      samples: {
        count: 3,
        seed: 2,
        axes: [
          { path: "optimizer.lr", draw: lr },
          { path: "optimizer.momentum", draw: { uniform: [0, 0.5] } },
        ],
      },
    });
    expect(searchOf(parsed({ axes: { seed: [1, 2] } }))).toBeUndefined();
  });
});

describe("an axis with a condition", () => {
  test("counts only where it holds; elsewhere combinations come once", () => {
    const cells = grid({
      axes: {
        optimizer: ["sgd", "adam"],
        "optimizer.lr": lr,
        "optimizer.beta1": { uniform: [0.5, 0.9], when: { "optimizer.kind": "adam" } },
        "optimizer.beta2": { values: [0.9, 0.99], when: { optimizer: "adam" } },
      },
      samples: 5,
    });
    const count = (kind: string): number => cells.filter(({ optimizer }) => optimizer.kind === kind).length;
    expect([count("sgd"), count("adam")]).toEqual([5, 10]);
  });

  test("sees defaults, conditions on conditional axes, null and lists, whatever the order", () => {
    const nested = { "schedule.warmup": { values: [0.1, 0.2], when: { "schedule.kind": "cosine" } } };
    const cells = (axes: object): number => grid({ axes }).length;
    const schedule = { values: [null, "cosine"], when: { clipNorm: [1, 2], batchSize: 64 } };
    expect(cells({ clipNorm: [null, 1, 2, 3], schedule, ...nested })).toBe(2 + 2 * 3);
    expect(cells({ schedule, ...nested, clipNorm: [null, 1, 2, 3] })).toBe(2 + 2 * 3);
    expect(cells({ clipNorm: [null, 1], labelSmoothing: { values: [0.1, 0.2], when: { clipNorm: null } } })).toBe(3);
  });
});

test("a condition on what is drawn may hold in no cell that was drawn", () => {
  const warmup = (when: object) => ({ "schedule.warmup": { uniform: [0, 0.99], when } });
  const schedule = { choice: [null, "cosine"] };
  const counts = Array.from({ length: 8 }, (_, seed) =>
    ["schedule", "schedule.kind"].map(
      (field) => grid({ axes: { schedule, ...warmup({ [field]: "cosine" }) }, samples: { count: 1, seed } }).length,
    ),
  );
  expect(counts.flat()).toEqual(new Array(16).fill(1));
  expect(() => grid({ axes: { schedule, ...warmup({ batchSize: 7 }) }, samples: 1 })).toThrow(/holds in some cell/);
});

/** All cells by a recount that knows nothing of the grid's order: every combination, conditions tried one by one. */
test("random lists with conditions are what a recount makes of them", () => {
  const lists = {
    batchSize: fc.uniqueArray(fc.constantFrom(8, 16, 32), { minLength: 1, maxLength: 3 }),
    epochs: fc.uniqueArray(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 3 }),
    clipNorm: fc.uniqueArray(fc.constantFrom(1, 2), { minLength: 1, maxLength: 2 }),
  };
  const wanted = fc.uniqueArray(fc.constantFrom(8, 16, 32), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(fc.record(lists), wanted, fc.boolean(), ({ batchSize, epochs, clipNorm }, when, first) => {
      const conditional = { epochs: { values: epochs, when: { batchSize: when } } };
      const axes = first ? { ...conditional, batchSize, clipNorm } : { batchSize, clipNorm, ...conditional };
      const expected = new Set<string>();
      for (const b of batchSize)
        for (const c of clipNorm) for (const e of when.includes(b) ? epochs : [10]) expected.add(`${b} ${c} ${e}`);
      if (!batchSize.some((b) => when.includes(b)))
        return void expect(() => grid({ axes })).toThrow(/holds in some cell/);
      const cells = grid({ axes });
      expect(cells.map((cell) => `${cell.batchSize} ${cell.clipNorm} ${cell.epochs}`).sort()).toEqual(
        [...expected].sort(),
      );
    }),
    { numRuns: 60 },
  );
});

test("what is written is kept, and the command line has its word", () => {
  const spec = parsed({
    base: { ...base, validation: 10 },
    axes: { "optimizer.lr": lr, seed: { values: [1, 2], when: { batchSize: 64 } }, clipNorm: { choice: [1, 2] } },
    samples: { count: 4, seed: 0 },
    halving: { rungs: [1, 4], keep: 0.5 },
  });
  expect(parseSpec(formatSpec(spec), "s.json")).toEqual({ ...spec, text: formatSpec(spec) });
  expect(expandGrid(spec, "s.json").map(({ epochs }) => epochs)).toEqual(new Array(8).fill(4));
  expect(expandGrid(overrideSpec(spec, { epochs: 4, seeds: [5] }), "s.json")).toHaveLength(4);
  expect(() => overrideSpec(spec, { epochs: 5 })).toThrow(
    '--epochs: got 5, expected 4, the last rung of the spec\'s "halving"',
  );
});

test.each<[object, string]>([
  [{ samples: 3 }, "samples: got 3, expected none without a drawn axis"],
  [{ axes: { "optimizer.lr": lr } }, 'axes "optimizer.lr": a drawn axis needs "samples"'],
  [{ axes: { "optimizer.lr": lr }, samples: 0 }, "samples: got 0, expected a number at least 1"],
  [{ axes: { "optimizer.lr": lr }, samples: "9" }, 'samples: got "9", expected a number; write 9'],
  [
    { axes: { "optimizer.lr": lr }, samples: { number: 9 } },
    'samples: got {"number":9}, expected an object with "count"',
  ],
  [
    { axes: { "optimizer.lr": { logUniform: [0, 1] } }, samples: 3 },
    'axes "optimizer.lr": logUniform.0: got 0, expected a number above 0',
  ],
  [
    { axes: { "optimizer.lr": { uniform: [1, 0.1] } }, samples: 3 },
    'axes "optimizer.lr": uniform: got [1,0.1], expected the lower bound before',
  ],
  [
    { axes: { "optimizer.lr": { uniform: ["1", 2] } }, samples: 3 },
    'axes "optimizer.lr": uniform.0: got "1", expected a number',
  ],
  [
    { axes: { "optimizer.lr": { loguniform: [1, 2] } }, samples: 3 },
    'axes "optimizer.lr": loguniform: no such field; did you mean "logUniform"?',
  ],
  [
    { axes: { "optimizer.lr": { uniform: [1, 2], foo: 1 } }, samples: 3 },
    'axes "optimizer.lr": foo: no such field; expected one of uniform, when',
  ],
  [{ axes: { "optimizer.lr": lr }, samples: { count: 9, sed: 1 } }, 'samples.sed: no such field; did you mean "seed"?'],
  [
    { axes: { "optimizer.lr": { normal: [1, 2] } }, samples: 3 },
    'axes "optimizer.lr": got {"normal":[1,2]}, expected an object with "values" or "logUniform" or "uniform" or "choice"',
  ],
  [{ axes: { "optimizer.lr": 3 } }, 'axes "optimizer.lr": got 3, expected a list'],
  [{ axes: { "optimizer.lr": { choice: [1, 1] } }, samples: 3 }, 'axes "optimizer.lr": choice.1: got 1 twice'],
  [{ axes: { seed: { values: [1, 1] } } }, 'axes "seed": got 1 twice; remove one'],
  [
    { axes: { seed: { values: [1], when: { sead: 1 } } } },
    'axes "seed": when.sead: no such field of a cell\'s config; did you mean "seed"?',
  ],
  [
    { axes: { seed: { values: [1], when: { "optimizer.gamma": 1 } } } },
    'axes "seed": when.optimizer.gamma: no such field',
  ],
  [{ axes: { seed: { values: [1], when: { seed: 1 } } } }, 'axes "seed": when.seed: got the axis\' own field'],
  [
    { axes: { seed: { values: [1], when: { "optimizer.kind": "adm" } } } },
    'axes "seed": when: got {"optimizer.kind":"adm"}, expected what holds in some cell',
  ],
  [{ axes: { labelSmoothing: { uniform: [0.5, 2] } }, samples: 9 }, 'axes "labelSmoothing": uniform: got 1.'],
  [{ axes: { "optimizer.rate": { uniform: [0.5, 2] } }, samples: 9 }, 'axes "optimizer.rate": no such field of "sgd"'],
  [{ halving: { rungs: [1], keep: 0.5 } }, "halving.rungs: got [1], expected at least 2 values"],
  [{ halving: { rungs: [1, 3, 3], keep: 0.5 } }, "halving.rungs.2: got 3 after 3, expected epochs in rising order"],
  [{ halving: { rungs: [1, 3], keep: 1 } }, "halving.keep: got 1, expected a number below 1"],
  [{ halving: { rungs: [1, 3], keep: 0.5 } }, 'halving: got cells without "validation"'],
  [
    { base: { ...base, epochs: 5, validation: 9 }, halving: { rungs: [1, 3], keep: 0.5 } },
    'base.epochs: got 5, expected 3, the last rung of "halving"',
  ],
])("%j: one line", (spec, message) => {
  let got: unknown;
  try {
    grid(spec);
  } catch (error) {
    got = error;
  }
  expect(got).toBeInstanceOf(InputError);
  expect((got as Error).message).toMatch(/^s\.json: line 1, column \d+: [^\n]+$/);
  expect((got as Error).message).toContain(`: ${message}`);
  if (message.includes("labelSmoothing")) expect((got as Error).message).toContain('drawn from {"uniform":[0.5,2]}');
});
