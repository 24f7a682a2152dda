/** Muon against its published form in PyTorch (test/golden/make_muon.py), on both kernel sets. */
import { describe, it } from "vitest";
import { layersBlueprint } from "../../../src/core/network/blueprint.js";
import { Network } from "../../../src/core/network/network.js";
import { buildOn } from "../../../src/core/network/create-network.js";
import type { KernelsName } from "../../../src/core/config.js";
import type { LayerSpec } from "../../../src/core/layers/table.js";
import type { OptimizerSpec } from "../../../src/core/optimizers/table.js";
import { createOptimizer } from "../../../src/core/optimizers/table.js";
import { compare, elements, formulaWeights, hash, readGolden } from "../golden.js";

const { seed, height, width, layers, optimizer, shares, stride, steps } = readGolden("muon.json") as {
  seed: number;
  height: number;
  width: number;
  layers: LayerSpec[];
  optimizer: OptimizerSpec & { kind: "muon" };
  shares: number[];
  stride: number;
  /** Every `stride`-th element of every parameter after each step. */
  steps: number[][][];
};

/** Fractions of each parameter's largest value. PyTorch's own Float32 lies within 2e-6 of its Float64 (make_muon.py prints it): five steps of the iteration raise small singular values, and their rounding, up to 485 times. */
const subjects: { kernels: KernelsName; precision: "float64" | "float32"; tolerance: number }[] = [
  { kernels: "reference", precision: "float64", tolerance: 1e-12 },
  { kernels: "reference", precision: "float32", tolerance: 5e-6 },
  { kernels: "simd", precision: "float32", tolerance: 5e-6 },
];

describe.each(subjects)("Muon on $kernels kernels in $precision", ({ kernels, precision, tolerance }) => {
  it("takes the published steps", () => {
    const plan = layersBlueprint(layers, { height, width, channels: 1 });
    const { network, step: takeStep } = buildOn(
      kernels,
      (set) => {
        const network = new Network(set, plan, { batchSize: 1 });
        return { network, ...createOptimizer(optimizer, set, network.parameters) };
      },
      { precision },
    );
    const { parameters } = network;
    parameters.unpack(formulaWeights(seed, network), parameters.values);
    shares.forEach((share, step) => {
      const gradients = parameters.layouts.flatMap(({ shape }, t) =>
        Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
          Math.fround(((hash(20000 + 100 * step + t, i) / 2 ** 32) * 2 - 1) * (1 + (i % 7))),
        ),
      );
      parameters.unpack(gradients, parameters.gradients);
      takeStep(step + 1, share * optimizer.lr);
      elements(network, parameters.values).forEach((values, t) => {
        const sample = values.filter((_, i) => i % stride === 0);
        compare(`${parameters.layouts[t].name} after step ${step + 1}`, sample, steps[step][t], tolerance);
      });
    });
  });
});
