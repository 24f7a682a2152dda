/** Muon, on both kernel sets: the orthogonalisation by the singular values it makes, and the step by its definition. */
import { layersBlueprint } from "../../../src/core/network/blueprint.js";
import { Network } from "../../../src/core/network/network.js";
import { describe, expect, it } from "vitest";
import { optimizerSpecSchema } from "../../../src/core/config.js";
import { type LayerSpec } from "../../../src/core/layers/table.js";
import type { MatrixSize } from "../../../src/core/kernels/kernels.js";
import { createOptimizer, type OptimizerSpec } from "../../../src/core/optimizers/table.js";
import { A, B, C, STEPS } from "../../../src/core/kernels/constants.js";
import { orthogonalize } from "../../../src/core/reference/orthogonalize.js";
import { forEachPlace } from "../../../src/core/kernels/tensor.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena, type Arena, type Tensor } from "../../../src/core/kernels/tensor.js";
import { buildOn } from "../../../src/core/network/create-network.js";

type Rows = number[][];

const multiply = (a: Rows, b: Rows): Rows =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
const transposed = (a: Rows): Rows => a[0].map((_, j) => a.map((row) => row[j]));

/** The first `count` of `size` orthonormal vectors, by Gram and Schmidt, as rows. */
function orthonormal(stream: RandomStream, count: number, size: number): Rows {
  const rows: Rows = [];
  while (rows.length < count) {
    let row = Array.from({ length: size }, () => stream.uniform() - 0.5);
    for (let twice = 0; twice < 2; twice++)
      for (const other of rows) {
        const along = other.reduce((sum, value, i) => sum + value * row[i], 0);
        row = row.map((value, i) => value - along * other[i]);
      }
    const norm = Math.hypot(...row);
    rows.push(row.map((value) => value / norm));
  }
  return rows;
}

/** What the iteration makes of one singular value, by its definition. */
function iterated(sigma: number): number {
  for (let step = 0; step < STEPS; step++) sigma = A * sigma + B * sigma ** 3 + C * sigma ** 5;
  return sigma;
}

interface Subject {
  name: string;
  tolerance: number;
  /** Room for matrices of some sizes, and what makes them orthogonal. */
  room: (sizes: MatrixSize[]) => { arena: Arena; run: (x: Tensor, size: MatrixSize) => void };
}

const BYTES = 1 << 20;
const subjects: Subject[] = [
  {
    name: "reference, float64",
    tolerance: 1e-10,
    room: () => ({ arena: plainArena(BYTES, "float64"), run: orthogonalize }),
  },
  {
    name: "simd",
    tolerance: 2e-5,
    room: (sizes) => {
      const { arena, exports } = simdMemory(BYTES);
      return { arena, run: simdKernels(arena, exports).orthogonalizer(sizes) };
    },
  },
];

const sizes: MatrixSize[] = [
  [1, 4],
  [4, 4],
  [3, 8],
  [8, 3],
  [5, 12],
  [24, 12],
  [17, 64],
  [64, 20],
  [30, 30],
  [10, 100],
].map(([rows, columns]) => ({ rows, columns: Math.ceil(columns / 4) * 4 }));

describe.each(subjects)("orthogonalize ($name)", ({ tolerance, room }) => {
  /** Runs it on a matrix whose columns may be fewer than its padded ones. */
  const run = (x: Rows, size: MatrixSize): Rows => {
    const { arena, run: orthogonal } = room(sizes);
    const tensor = arena.tensor([size.rows * size.columns], [1], size.rows * size.columns);
    x.forEach((row, i) => row.forEach((value, j) => tensor.set(i * size.columns + j, value)));
    orthogonal(tensor, size);
    return x.map((_, i) => Array.from({ length: size.columns }, (_, j) => tensor.get(i * size.columns + j)));
  };

  it.each(sizes)(
    "keeps the singular vectors of $rows × $columns, and takes the singular values through the iteration",
    (size) => {
      const rank = Math.min(size.rows, size.columns);
      const stream = new RandomStream("init", 11, size.rows);
      const u = orthonormal(stream, rank, size.rows);
      const v = orthonormal(stream, rank, size.columns);
      const sigma = Array.from({ length: rank }, (_, i) => 3 / (1 + i));
      const norm = Math.hypot(...sigma);
      const composed = (values: number[]): Rows =>
        multiply(
          transposed(u),
          v.map((row, i) => row.map((value) => values[i] * value)),
        );
      const got = run(composed(sigma), size);
      const expected = composed(sigma.map((value) => iterated(value / norm)));
      got.forEach((row, i) =>
        row.forEach((value, j) => expect(Math.abs(value - expected[i][j])).toBeLessThan(tolerance)),
      );
      // What the definition promises of them: near 1, wherever they are not tiny.
      for (const value of sigma.map((s) => iterated(s / norm))) expect(Math.abs(value - 1)).toBeLessThan(0.35);
    },
  );

  it("padding stays zero, and so does a matrix of zeros", () => {
    for (const size of [
      { rows: 3, columns: 8 },
      { rows: 20, columns: 8 },
    ]) {
      const stream = new RandomStream("init", 12);
      const got = run(
        Array.from({ length: size.rows }, () => Array.from({ length: 5 }, () => stream.uniform() - 0.5)),
        size,
      );
      for (const row of got) expect(row.slice(5)).toEqual([0, 0, 0]);
      expect(Math.abs(got[0][0])).toBeGreaterThan(0);
      expect(
        run(
          Array.from({ length: size.rows }, () => [0]),
          size,
        )
          .flat()
          .every((value) => value === 0),
      ).toBe(true);
    }
  });

  it("the size of a gradient does not matter", () => {
    const stream = new RandomStream("init", 13);
    const x = Array.from({ length: 6 }, () => Array.from({ length: 12 }, () => stream.uniform() - 0.5));
    const size = { rows: 6, columns: 12 };
    const [plain, tiny, huge] = [1, 2 ** -40, 2 ** 40].map((factor) =>
      run(
        x.map((row) => row.map((value) => factor * value)),
        size,
      ),
    );
    for (const other of [tiny, huge])
      other.flat().forEach((value, i) => expect(Math.abs(value - plain.flat()[i])).toBeLessThan(tolerance));
  });

  it("NaN stays NaN, so that a diverged cell is seen to diverge", () => {
    const got = run(
      [
        [1, NaN, 0, 0],
        [0, 1, 0, 0],
      ],
      { rows: 2, columns: 4 },
    );
    expect(got.flat().some(Number.isNaN)).toBe(true);
  });
});

const layers: LayerSpec[] = [
  { kind: "conv2d", channels: 6, kernel: 3, padding: 1 },
  { kind: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
  { kind: "relu" },
  { kind: "flatten" },
  { kind: "dense", units: 7 },
  { kind: "relu" },
  { kind: "dense", units: 3 },
];

describe.each(["reference", "simd"] as const)("Muon's step (%s)", (kernels) => {
  const plan = layersBlueprint(layers, { height: 5, width: 6, channels: 1 });
  const build = (optimizer: OptimizerSpec) => {
    const { net, state, step } = buildOn(kernels, (set) => {
      const net = new Network(set, plan, { batchSize: 4 });
      return { net, ...createOptimizer(optimizer, set, net.parameters) };
    });
    net.initialise(5);
    const stream = new RandomStream("init", 6);
    for (const layout of net.parameters.layouts)
      forEachPlace(layout, (i) => net.parameters.gradients.set(i, stream.uniform() - 0.5));
    return { parameters: net.parameters, state, step };
  };
  const spec = optimizerSpecSchema.parse({
    kind: "muon",
    lr: 0.25,
    momentum: 0.5,
    weightDecay: 0.5,
    others: { lr: 0.125, momentum: 0.75, weightDecay: 0.5 },
  });

  it("weights but the last layer's take orthogonal steps, in the learning rate's size; all others are Nesterov's", () => {
    const { parameters, step } = build(spec);
    const values = (flat: Tensor): Map<string, number[]> =>
      new Map(
        parameters.layouts.map((layout) => {
          const all: number[] = [];
          forEachPlace(layout, (i) => all.push(flat.get(i)));
          return [layout.name, all];
        }),
      );
    const before = values(parameters.values);
    const gradient = values(parameters.gradients);
    // Half of the schedule's way: half of both rates.
    step(1, 0.125);
    const after = values(parameters.values);
    const matrices: string[] = [];
    for (const { name, shape, fanIn } of parameters.layouts) {
      const [p, g, q] = [before.get(name)!, gradient.get(name)!, after.get(name)!];
      if (shape.length === 1 || name === "dense 6 weight") {
        q.forEach((value, i) =>
          expect(Math.abs(value - (p[i] - 0.0625 * 1.75 * (g[i] + 0.5 * p[i])))).toBeLessThan(1e-6),
        );
        continue;
      }
      matrices.push(name);
      // Its direction is 1.5 times the gradient, made orthogonal: the factor does not matter.
      const size = { rows: shape[0], columns: p.length / shape[0] };
      const direction = plainArena(BYTES, "float64").tensor([p.length], [1], p.length);
      g.forEach((value, i) => direction.set(i, value));
      orthogonalize(direction, size);
      const factor = 0.125 * Math.sqrt(Math.max(1, p.length / fanIn ** 2));
      q.forEach((value, i) =>
        expect(Math.abs(value - ((1 - 0.0625) * p[i] - factor * direction.get(i)))).toBeLessThan(1e-5),
      );
    }
    expect(matrices).toEqual(["conv2d 0 weight", "dense 4 weight"]);
  });

  it("remembers: without gradient a step goes on along the velocity", () => {
    const plain = { ...spec, others: { lr: 0.125, momentum: 0.75 } };
    const { parameters, state, step } = build(plain);
    const velocity = parameters.pack(parameters.gradients);
    step(1, 0.25);
    parameters.pack(state[0]).forEach((value, i) => expect(value).toBe(velocity[i]));
    parameters.unpack(
      velocity.map(() => 0),
      parameters.gradients,
    );
    const before = parameters.pack(parameters.values);
    step(2, 0.25);
    const after = parameters.pack(parameters.values);
    expect(after.every((value, i) => value !== before[i])).toBe(true);
  });
});

it("the defaults", () => {
  expect(optimizerSpecSchema.parse({ kind: "muon" })).toEqual({
    kind: "muon",
    lr: 0.02,
    momentum: 0.95,
    others: { lr: 0.01, momentum: 0.9 },
  });
});
