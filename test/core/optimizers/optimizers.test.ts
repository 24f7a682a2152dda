/** Both kernel sets' optimizers: exact small steps, and convergence on a table of objectives. */
import { describe, expect, it } from "vitest";
import { optimizerSpecSchema, type KernelsName } from "../../../src/core/config.js";
import { type OptimizerSpec } from "../../../src/core/optimizers/table.js";
import { createOptimizer, type Optimizer } from "../../../src/core/optimizers/table.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena, type Tensor } from "../../../src/core/kernels/tensor.js";

/** Flat arrays are multiples of 16 floats. */
const LENGTH = 32;
const both: KernelsName[] = ["reference", "simd"];

class Problem {
  readonly p: Tensor;
  readonly g: Tensor;
  private readonly optimizer: Optimizer;
  private t = 0;

  constructor(
    name: KernelsName,
    private readonly spec: OptimizerSpec,
    start: number[],
  ) {
    const bytes = 65_536;
    const memory = simdMemory(bytes);
    const kernels =
      name === "simd" ? simdKernels(memory.arena, memory.exports) : referenceKernels(plainArena(bytes, "float32"));
    const flat = (): Tensor => kernels.arena.tensor([LENGTH], [1], LENGTH);
    this.p = flat();
    this.g = flat();
    this.optimizer = createOptimizer(spec, kernels, { values: this.p, gradients: this.g, layouts: [] });
    start.forEach((value, i) => this.p.set(i, value));
  }

  get state(): readonly Tensor[] {
    return this.optimizer.state;
  }

  step(gradient: number[]): void {
    gradient.forEach((value, i) => this.g.set(i, value));
    this.optimizer.step(++this.t, this.spec.lr);
  }

  values(tensor: Tensor, count: number): number[] {
    return Array.from({ length: count }, (_, i) => tensor.get(i));
  }
}

const spec = (input: Parameters<typeof optimizerSpecSchema.parse>[0]): OptimizerSpec =>
  optimizerSpecSchema.parse(input);

describe.each(both)("small steps worked out by hand (%s)", (kernels) => {
  // Numbers with few bits: every product and sum is exact in Float32.
  it.each<[string, OptimizerSpec, number[][], number[][]]>([
    [
      "sgd: p - g/2",
      spec({ kind: "sgd", lr: 0.5 }),
      [
        [4, -2, 0],
        [1, 1, -8],
      ],
      [
        [-1, 3, 2],
        [-1.5, 2.5, 6],
      ],
    ],
    // v = g, then v/2 + g.
    [
      "sgd with momentum 1/2",
      spec({ kind: "sgd", lr: 0.5, momentum: 0.5 }),
      [
        [4, -2, 0],
        [1, 1, -8],
      ],
      [
        [-1, 3, 2],
        [-2.5, 3, 6],
      ],
    ],
    // v = g, then v/2 + g; p moves by lr·(g + v/2): 6/2, -3/2, 0; then (1 + 1.5)/2, (1 + 0)/2, (-8 - 4)/2.
    [
      "nesterov with momentum 1/2",
      spec({ kind: "nesterov", lr: 0.5, momentum: 0.5 }),
      [
        [4, -2, 0],
        [1, 1, -8],
      ],
      [
        [-2, 3.5, 2],
        [-3.25, 3, 8],
      ],
    ],
    ["nesterov without momentum is sgd", spec({ kind: "nesterov", lr: 0.5, momentum: 0 }), [[4, -2, 0]], [[-1, 3, 2]]],
    // ε = 1: m = g/2, v = g²/4; p moves by lr·(m / (1/2)) / (√(v / (1/4)) + 1) = lr·g / (|g| + 1) on the first step.
    [
      "adam: first step",
      spec({ kind: "adam", lr: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 1 }),
      [[3, -1, 0]],
      [[1 - 0.375, 2.25, 2]],
    ],
    // The second: β1 = 0 makes m = g, β2 = 0 makes v = g².
    [
      "adam without memory",
      spec({ kind: "adam", lr: 0.5, beta1: 0, beta2: 0, epsilon: 1 }),
      [
        [3, -1, 0],
        [1, 7, 1],
      ],
      [
        [0.625, 2.25, 2],
        [0.375, 1.8125, 1.75],
      ],
    ],
  ])("%s", (_, optimizer, gradients, expected) => {
    const problem = new Problem(kernels, optimizer, [1, 2, 2]);
    gradients.forEach((gradient, i) => {
      problem.step(gradient);
      problem
        .values(problem.p, 3)
        .forEach((value, j) => expect(Math.abs(value - expected[i][j])).toBeLessThanOrEqual(1e-6));
    });
  });

  it("adam with its defaults takes a first step of lr against the gradient's sign, whatever its size", () => {
    const problem = new Problem(kernels, spec({ kind: "adam", lr: 0.1 }), [0, 0, 0, 0]);
    problem.step([1000, -0.001, 1, 0]);
    expect(problem.values(problem.p, 4).map((p) => Math.round(p * 1e5) / 1e5 + 0)).toEqual([-0.1, 0.1, -0.1, 0]);
  });

  it("adam's second step agrees with Kingma and Ba's algorithm 1, moments corrected one by one", () => {
    const problem = new Problem(kernels, spec({ kind: "adam", lr: 0.1 }), [1]);
    const gradients = [0.5, -0.2, 0.9, 0, 0.3];
    let [p, m, v] = [1, 0, 0];
    gradients.forEach((g, i) => {
      problem.step([g]);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const corrected = { m: m / (1 - 0.9 ** (i + 1)), v: v / (1 - 0.999 ** (i + 1)) };
      p -= (0.1 * corrected.m) / (Math.sqrt(corrected.v) + 1e-8);
      expect(Math.abs(problem.p.get(0) - p)).toBeLessThan(1e-6);
      expect(Math.abs(problem.state[0].get(0) - m)).toBeLessThan(1e-7);
      expect(Math.abs(problem.state[1].get(0) - v)).toBeLessThan(1e-9);
    });
  });

  it("every element of a flat array is stepped, by itself", () => {
    for (const kind of ["sgd", "nesterov", "adam"] as const) {
      const together = new Problem(
        kernels,
        spec({ kind, lr: 0.1 }),
        Array.from({ length: LENGTH }, (_, i) => i),
      );
      const gradient = Array.from({ length: LENGTH }, (_, i) => (i - 7) / 8);
      together.step(gradient);
      together.step(gradient);
      gradient.forEach((g, i) => {
        const alone = new Problem(kernels, spec({ kind, lr: 0.1 }), [i]);
        alone.step([g]);
        alone.step([g]);
        expect(together.p.get(i)).toBe(alone.p.get(0));
      });
    }
  });

  it("state too small to matter becomes 0 instead of subnormal; NaN and Infinity stay", () => {
    for (const optimizer of [spec({ kind: "nesterov", lr: 0.01 }), spec({ kind: "adam", lr: 0.01 })]) {
      const problem = new Problem(kernels, optimizer, [1, 1, 1]);
      problem.step([1e-31, NaN, Infinity]);
      for (const state of problem.state) {
        expect(state.get(0)).toBe(0);
        expect(Number.isNaN(state.get(1))).toBe(true);
        expect(state.get(2)).toBe(Infinity);
      }
      expect(problem.p.get(0)).toBe(1);
      expect(Number.isFinite(problem.p.get(1)) || Number.isFinite(problem.p.get(2))).toBe(false);
    }
  });
});

interface Objective {
  name: string;
  start: number[];
  minimum: number[];
  gradient: (x: number[]) => number[];
}

const objectives: Objective[] = [
  { name: "quadratic", start: [3, -2], minimum: [0, 0], gradient: (x) => x },
  {
    name: "shifted quadratic",
    start: [0, 0, 0],
    minimum: [1, -4, 0.5],
    gradient: ([a, b, c]) => [a - 1, b + 4, c - 0.5],
  },
  { name: "ill-conditioned quadratic", start: [1, 1], minimum: [0, 0], gradient: ([a, b]) => [a, 100 * b] },
  {
    name: "Rosenbrock",
    start: [-1.2, 1],
    minimum: [1, 1],
    gradient: ([a, b]) => [-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)],
  },
  {
    name: "Huber, gradients of bounded size",
    start: [20, -30],
    minimum: [0, 0],
    gradient: (x) => x.map((value) => Math.max(-1, Math.min(1, value))),
  },
];

/** [learning rate, steps, how near to the minimum] for each objective in turn. */
const table: { name: string; optimizer: (lr: number) => OptimizerSpec; runs: [number, number, number][] }[] = [
  {
    name: "sgd",
    optimizer: (lr) => spec({ kind: "sgd", lr }),
    runs: [
      [0.1, 200, 1e-6],
      [0.1, 200, 1e-6],
      [0.015, 1500, 1e-6],
      [0.001, 40_000, 1e-2],
      [0.5, 150, 1e-6],
    ],
  },
  {
    name: "momentum",
    optimizer: (lr) => spec({ kind: "sgd", lr, momentum: 0.9 }),
    runs: [
      [0.05, 400, 1e-6],
      [0.05, 400, 1e-6],
      [0.01, 500, 1e-6],
      [0.0005, 8000, 1e-2],
      [0.1, 600, 1e-6],
    ],
  },
  {
    name: "nesterov",
    optimizer: (lr) => spec({ kind: "nesterov", lr }),
    runs: [
      [0.05, 400, 1e-6],
      [0.05, 400, 1e-6],
      [0.009, 400, 1e-6],
      [0.0005, 8000, 1e-2],
      [0.1, 600, 1e-6],
    ],
  },
  {
    name: "adam",
    optimizer: (lr) => spec({ kind: "adam", lr }),
    runs: [
      [0.1, 1500, 1e-4],
      [0.1, 1500, 1e-4],
      [0.1, 1500, 1e-4],
      [0.02, 8000, 1e-2],
      [0.2, 2000, 1e-4],
    ],
  },
];

describe.each(both)("convergence (%s)", (kernels) => {
  const rows = table.flatMap(({ name, optimizer, runs }) =>
    runs.map(([lr, steps, tolerance], i) => ({
      name,
      objective: objectives[i].name,
      optimizer: optimizer(lr),
      steps,
      tolerance,
      ...pick(objectives[i]),
    })),
  );
  function pick({ start, minimum, gradient }: Objective): Omit<Objective, "name"> {
    return { start, minimum, gradient };
  }

  it.each(rows)("$name on $objective", ({ optimizer, steps, tolerance, start, minimum, gradient }) => {
    const problem = new Problem(kernels, optimizer, start);
    for (let i = 0; i < steps; i++) problem.step(gradient(problem.values(problem.p, start.length)));
    const distance = Math.max(...minimum.map((value, i) => Math.abs(problem.p.get(i) - value)));
    if (!(distance <= tolerance))
      expect.fail(
        `got [${problem.values(problem.p, start.length).join(", ")}], expected [${minimum.join(", ")}] within ${tolerance}`,
      );
    // What lies beyond the objective's variables has no gradient and stays.
    expect(problem.p.get(start.length)).toBe(0);
  });

  it("acceleration pays: on an ill-conditioned quadratic, momentum gets nearer than plain descent in as many steps", () => {
    const { start, gradient } = objectives[2];
    const after = (optimizer: OptimizerSpec): number => {
      const problem = new Problem(kernels, optimizer, start);
      for (let i = 0; i < 120; i++) problem.step(gradient(problem.values(problem.p, 2)));
      return Math.hypot(...problem.values(problem.p, 2));
    };
    const plain = after(spec({ kind: "sgd", lr: 0.009 }));
    expect(after(spec({ kind: "nesterov", lr: 0.009 }))).toBeLessThan(plain / 10);
    expect(after(spec({ kind: "sgd", lr: 0.009, momentum: 0.9 }))).toBeLessThan(plain / 10);
  });
});
