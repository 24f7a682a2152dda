/** Layers of extreme shapes against PyTorch (test/golden/make_shapes.py), on both kernel sets: logits, loss, every gradient. */
import { layersBlueprint } from "../../../src/core/network/blueprint.js";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createNetwork } from "../../../src/core/network/create-network.js";
import type { KernelsName } from "../../../src/core/config.js";
import type { LayerSpec } from "../../../src/core/layers/table.js";
import { compare, elements, formulaWeights, goldenFile, pass, readGolden, type FormulaCase } from "../golden.js";
import { winogradSlack } from "../networks.js";

/** A place in shapes.bin: offset in bytes, length in numbers. */
interface Place {
  offset: number;
  length: number;
}

interface Case extends FormulaCase {
  name: string;
  layers: LayerSpec[];
  parameters: { name: string; shape: number[] }[];
  loss: number;
  logits: Place;
  gradients: Place;
}

const { cases } = readGolden("shapes.json") as { cases: Case[] };
const numbers = Uint8Array.from(gunzipSync(goldenFile("shapes.bin.gz"))).buffer;
const values = ({ offset, length }: Place): Float32Array => new Float32Array(numbers, offset, length);

/** Fractions of the largest golden value of each tensor. The golden values are rounded to Float32, by up to 6e-8 of themselves. */
const subjects: { kernels: KernelsName; precision: "float64" | "float32"; forward: number; gradient: number }[] = [
  { kernels: "reference", precision: "float64", forward: 1e-7, gradient: 1e-7 },
  { kernels: "reference", precision: "float32", forward: 2e-6, gradient: 5e-6 },
  { kernels: "simd", precision: "float32", forward: 2e-6, gradient: 5e-6 },
];

describe.each(subjects)("$kernels kernels in $precision equal PyTorch", ({ kernels, precision, forward, gradient }) => {
  it.each(cases)("$name", (test) => {
    const { layers, height, width, batch } = test;
    const network = createNetwork(
      kernels,
      layersBlueprint(layers, { height, width, channels: 1 }),
      { batchSize: batch },
      { precision },
    );
    network.parameters.unpack(formulaWeights(test.seed, network), network.parameters.values);
    network.refresh();
    const { logits, loss } = pass(test, network, 0);
    compare("logits", logits, values(test.logits), forward);
    compare("loss", [loss], [test.loss], forward);
    expect(network.parameters.layouts.map(({ shape }) => shape)).toEqual(test.parameters.map(({ shape }) => shape));
    const slack = kernels === "simd" ? winogradSlack(layers) : 1;
    let next = test.gradients.offset;
    elements(network, network.parameters.gradients).forEach((got, t) => {
      compare(
        `gradient of ${test.parameters[t].name}`,
        got,
        values({ offset: next, length: got.length }),
        slack * gradient,
      );
      next += 4 * got.length;
    });
    expect(next).toBe(test.gradients.offset + 4 * test.gradients.length);
  });
});
