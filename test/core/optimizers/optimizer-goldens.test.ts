/** Weight decay, AdamW and gradient clipping against PyTorch (test/golden/make_golden_optimizers.py), on both kernel sets. */
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import type { OptimizerSpec } from "../../../src/core/optimizers/table.js";
import type { Kernels } from "../../../src/core/kernels/kernels.js";
import { clipGradient } from "../../../src/core/optimizers/clip.js";
import { createOptimizer } from "../../../src/core/optimizers/table.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena, type Tensor } from "../../../src/core/kernels/tensor.js";

interface Row {
  optimizer: OptimizerSpec;
  clipNorm?: number;
  double: number[];
  single: number[];
}

const { count, steps, rows } = JSON.parse(
  fs.readFileSync(new URL("../../golden/golden-optimizers.json", import.meta.url), "utf8"),
) as { count: number; steps: number; rows: Row[] };
/** Flat arrays are multiples of 16 floats. */
const LENGTH = 48;
const BYTES = 65_536;

const subjects: { name: string; precision: "double" | "single"; tolerance: number; kernels: () => Kernels }[] = [
  {
    name: "reference, float64",
    precision: "double",
    tolerance: 1e-12,
    kernels: () => referenceKernels(plainArena(BYTES, "float64")),
  },
  {
    name: "reference, float32",
    precision: "single",
    tolerance: 2e-6,
    kernels: () => referenceKernels(plainArena(BYTES, "float32")),
  },
  {
    name: "simd",
    precision: "single",
    tolerance: 2e-6,
    kernels: () => {
      const { arena, exports } = simdMemory(BYTES);
      return simdKernels(arena, exports);
    },
  },
];

/** PyTorch clips to most / (norm + 10⁻⁶): with norms above 1, ten steps of rate 0.1 differ by less than 10⁻⁶ of their gradients' size. */
const CLIP_TOLERANCE = 5e-6;

function finalWeights({ optimizer, clipNorm }: Row, kernels: Kernels): number[] {
  const flat = (): Tensor => kernels.arena.tensor([LENGTH], [1], LENGTH);
  const p = flat();
  const g = flat();
  const { step } = createOptimizer(optimizer, kernels, { values: p, gradients: g, layouts: [] });
  for (let i = 0; i < count; i++) p.set(i, (((7 * i) % 23) - 11) / 8);
  for (let s = 0; s < steps; s++) {
    for (let i = 0; i < count; i++) g.set(i, (((13 * i + 29 * s) % 31) - 15) / 16);
    if (clipNorm !== undefined) clipGradient(kernels.optimizer, g, clipNorm);
    step(s + 1, optimizer.lr);
  }
  for (let i = count; i < LENGTH; i++) expect(p.get(i)).toBe(0);
  return Array.from({ length: count }, (_, i) => p.get(i));
}

describe.each(subjects)("$name", ({ precision, tolerance, kernels }) => {
  it.each(rows)("$optimizer, clipped to $clipNorm", (row) => {
    const allowed = row.clipNorm === undefined ? tolerance : Math.max(tolerance, CLIP_TOLERANCE);
    finalWeights(row, kernels()).forEach((got, i) => {
      if (!(Math.abs(got - row[precision][i]) <= allowed))
        expect.fail(`weight ${i}: got ${got}, expected ${row[precision][i]} ± ${allowed}`);
    });
  });
});

it("every row's settings matter: no two rows end alike", () => {
  const ends = rows.map(({ double }) => double.join());
  expect(new Set(ends).size).toBe(rows.length);
});
