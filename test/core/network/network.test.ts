/** Shapes, parameter counts, initial weights, memory, and the symmetries that a model has or lacks. */
import { blueprint, layersBlueprint, planLayers } from "../../../src/core/network/blueprint.js";
import { describe, expect, it } from "vitest";
import { createNetwork } from "../../../src/core/network/create-network.js";
import { optimizerSpecSchema, type KernelsName } from "../../../src/core/config.js";
import { PLAIN_LAYERS, type LayerSpec } from "../../../src/core/layers/table.js";
import type { ModelSpec } from "../../../src/core/models/table.js";
import { modelLayers } from "../../../src/core/models/table.js";
import { InputError } from "../../../src/core/input-error.js";
import { type Network } from "../../../src/core/network/network.js";
import { pixelPermutation } from "../../../src/core/data/permutation.js";
import { cases, expectClose, flat, gradients, network, samples, type Case, type Sample, trainee } from "../networks.js";

const image = { height: 28, width: 28, channels: 1 };
const small = { height: 6, width: 5, channels: 1 };
const both: KernelsName[] = ["reference", "simd"];
const mlp: ModelSpec = { kind: "mlp", hidden: [100, 100] };
const cnn: ModelSpec = { kind: "cnn", channels: [16, 32, 64] };
const flatten: LayerSpec = { kind: "flatten" };
const dense: LayerSpec = { kind: "dense", units: 10 };

describe("parameters", () => {
  it.each<[string, ModelSpec, number]>([
    ["the homework's MLP", mlp, 784 * 100 + 100 + 100 * 100 + 100 + 100 * 10 + 10],
    ["the homework's CNN", cnn, 9 * 16 + 16 + 9 * 16 * 32 + 32 + 9 * 32 * 64 + 64 + 3 * 3 * 64 * 10 + 10],
    ["softmax regression", { kind: "mlp", hidden: [] }, 7850],
    [
      "a residual network",
      {
        kind: "resnet",
        width: 6,
        padded: true,
        residual: true,
        batchNorm: true,
        activation: "relu",
        globalPool: "max",
        dropout: 0,
      },
      9 * (6 + 6 * 12 + 2 * 12 * 12 + 12 * 24 + 2 * 24 * 24) + 2 * (6 + 3 * 12 + 3 * 24) + 24 * 10 + 10,
    ],
    [
      "padded widths",
      { kind: "layers", name: "odd", layers: [{ kind: "conv2d", channels: 5, kernel: 2, padding: 0 }, flatten, dense] },
      4 * 5 + 5 + 27 * 27 * 5 * 10 + 10,
    ],
  ])("%s", (_, model, expected) => {
    const plan = blueprint(model, image, 10);
    expect(plan.parameters).toBe(expected);
    const built = createNetwork("simd", plan, { batchSize: 2 });
    expect(built.parameters.pack(built.parameters.values).length).toBe(expected);
  });

  it("is 89,610 and 29,066", () => {
    expect([mlp, cnn].map((model) => blueprint(model, image, 10).parameters)).toEqual([89_610, 29_066]);
  });
});

describe("planLayers", () => {
  it("gives every layer's input and the output", () => {
    const pixels = (side: number, channels: number) => ({
      kind: "image",
      height: side,
      width: side,
      channels,
      pitch: channels,
    });
    const layers = planLayers(modelLayers(cnn, 10), image);
    expect([layers[0].input, ...layers.map(({ output }) => output)]).toEqual([
      pixels(28, 1),
      pixels(28, 16),
      pixels(28, 16),
      pixels(14, 16),
      pixels(14, 32),
      pixels(14, 32),
      pixels(7, 32),
      pixels(7, 64),
      pixels(7, 64),
      pixels(3, 64),
      { kind: "vector", size: 576 },
      { kind: "vector", size: 10 },
    ]);
  });

  it.each<[string, LayerSpec[], string]>([
    [
      "dense on an image",
      [dense],
      "model: layer 1 (dense) got an image, expected a vector, as a flatten layer gives; change the layers before it",
    ],
    [
      "conv2d on a vector",
      [flatten, { kind: "conv2d", channels: 2, kernel: 3, padding: 1 }],
      "model: layer 2 (conv2d) got a vector, expected an image; change the layers before it",
    ],
    [
      "maxPool2d on a vector",
      [flatten, { kind: "maxPool2d", size: 2 }],
      "model: layer 2 (maxPool2d) got a vector, expected an image; change the layers before it",
    ],
    [
      "too small to pool",
      [{ kind: "maxPool2d", size: 8 }],
      "model: layer 1 (maxPool2d) got an image of 6×5, expected at least 8 pixels a side; change the layers before it",
    ],
    [
      "too small to convolve",
      [{ kind: "conv2d", channels: 2, kernel: 7, padding: 0 }],
      "model: layer 1 (conv2d) got an image of 6×5, expected more than 6 pixels a side; change the layers before it",
    ],
    [
      "padding as wide as the kernel",
      [{ kind: "conv2d", channels: 2, kernel: 2, padding: 2 }],
      "model: layer 1 (conv2d) got padding 2 for kernel 2, expected a padding below the kernel size; change the layers before it",
    ],
    [
      "a global pool on a vector",
      [flatten, { kind: "globalMaxPool2d" }],
      "model: layer 2 (globalMaxPool2d) got a vector, expected an image; change the layers before it",
    ],
    [
      "a span beyond the first layer",
      [{ kind: "relu" }, { kind: "add", span: 2 }],
      "model: layer 2 (add) got a span of 2, expected from 1 to 1, the layers before it; change the layers before it",
    ],
    [
      "unlike ends of a block",
      [
        { kind: "conv2d", channels: 3, kernel: 3, padding: 1 },
        { kind: "add", span: 1 },
      ],
      "model: layer 2 (add) got an image of 6×5×3 to add to an image of 6×5×1, expected the same shape at both ends of a residual block; change the layers before it",
    ],
  ])("refuses %s in one line", (_, layers, message) => {
    expect(() => planLayers(layers, small)).toThrow(new InputError(message));
  });

  it.each<[string, LayerSpec[], string]>([
    [
      "an image as logits",
      [{ kind: "conv2d", channels: 2, kernel: 3, padding: 1 }],
      "model: the last layer gives an image, expected a vector of logits; end with flatten and dense",
    ],
    ["a model without parameters", [flatten], "model: no layer has parameters; add a dense layer"],
  ])("a blueprint refuses %s", (_, layers, message) => {
    expect(() => layersBlueprint(layers, small)).toThrow(new InputError(message));
  });
});

describe.each(both)("memory (%s)", (kernels) => {
  it("is one buffer that training neither moves, grows nor detaches", () => {
    for (const test of cases) {
      const { net, optimizer } = trainee(test, kernels, optimizerSpecSchema.parse({ kind: "adam" }));
      const { buffer, byteLength } = net.kernels.arena.floats;
      const views = [
        net.logits,
        net.loss.confidence,
        net.parameters.values,
        net.parameters.gradients,
        ...optimizer.state,
      ];
      for (const n of [test.batch, 1]) gradients(net, samples(test, n, net.classes), n);
      net.refresh();
      expect(net.kernels.arena.bytes).toBeLessThanOrEqual(byteLength);
      for (const { data } of views) {
        expect(data.buffer).toBe(buffer);
        expect(data.byteLength).toBe(byteLength);
      }
      expect(byteLength).toBeGreaterThan(0);
    }
  });

  it("its padding stays zero, or what lies there would reach the results", () => {
    for (const test of cases) {
      const net = network(test, kernels);
      gradients(net, samples(test, test.batch, net.classes), test.batch);
      const { values, layouts } = net.parameters;
      const inUse = new Set<number>();
      for (const { shape, stride, offset } of layouts) {
        const walk = (axis: number, at: number): void => {
          if (axis === shape.length) inUse.add(at);
          else for (let i = 0; i < shape[axis]; i++) walk(axis + 1, at + i * stride[axis]);
        };
        walk(0, offset);
      }
      const padding = [values, net.parameters.gradients].flatMap((array) =>
        Array.from({ length: array.size }, (_, i) => i).filter((i) => !inUse.has(i) && array.get(i) !== 0),
      );
      expect(padding).toEqual([]);
    }
  });
});

describe("initial weights", () => {
  it("fill ±1/√fanIn evenly, the same in both kernel sets, a stream for each seed and layer", () => {
    const build = (kernels: KernelsName, seed: number): Network => {
      const net = createNetwork(kernels, blueprint(mlp, image, 10), { batchSize: 1 });
      net.initialise(seed);
      return net;
    };
    const net = build("simd", 3);
    const weights = flat(net, net.parameters.values);
    const layers = [
      { size: 78_500, fanIn: 784 },
      { size: 10_100, fanIn: 100 },
      { size: 1_010, fanIn: 100 },
    ];
    let start = 0;
    for (const { size, fanIn } of layers) {
      const scaled = weights.slice(start, (start += size)).map((w) => w * Math.sqrt(fanIn));
      expect(Math.max(...scaled.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-6);
      expect(Math.max(...scaled.map(Math.abs))).toBeGreaterThan(0.99);
      // Mean 0 and variance 1/3, within five standard errors.
      expect(Math.abs(scaled.reduce((a, b) => a + b, 0) / size)).toBeLessThan(5 * Math.sqrt(1 / 3 / size));
      expect(Math.abs(scaled.reduce((a, b) => a + b * b, 0) / size - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / size));
    }
    const reference = build("reference", 3);
    expect(flat(reference, reference.parameters.values)).toEqual(weights);
    const other = build("simd", 4);
    expect(flat(other, other.parameters.values)).not.toEqual(weights);
    // Were the layers' streams one, each would begin with the same numbers, scaled.
    expect(Math.abs(weights[78_500] * Math.sqrt(100) - weights[0] * Math.sqrt(784))).toBeGreaterThan(1e-3);
  });
});

describe.each(both)("symmetries (%s)", (kernels) => {
  const pixels = 36;
  const permutation = pixelPermutation(5, pixels);
  const hidden: LayerSpec[] = [flatten, { kind: "dense", units: 9 }, { kind: "relu" }, { kind: "dense", units: 4 }];
  const convolution: LayerSpec[] = [
    { kind: "conv2d", channels: 4, kernel: 3, padding: 1 },
    { kind: "relu" },
    { kind: "maxPool2d", size: 2 },
    ...hidden,
  ];
  const test = (layers: LayerSpec[]): Case => ({ name: "", layers, height: 6, width: 6, batch: 5, zeros: 0.3 });
  const build = (layers: LayerSpec[], table?: Uint32Array): Network => {
    const net = createNetwork(kernels, layersBlueprint(layers, { height: 6, width: 6, channels: 1 }), {
      batchSize: 5,
      permutation: table,
    });
    net.initialise(8);
    return net;
  };
  const logits = (net: Network, { images, labels, order }: Sample): Float64Array => {
    net.forward(images, labels, order, 0, 5, 1);
    return Float64Array.from({ length: 5 * net.classes }, (_, i) =>
      net.logits.get(Math.floor(i / net.classes), i % net.classes),
    );
  };
  const permuted = ({ images, ...rest }: Sample): Sample => ({
    ...rest,
    images: images.map((_, at) => images[at - (at % pixels) + permutation[at % pixels]]),
  });

  it.each([
    ["mlp", hidden],
    ["cnn", convolution],
  ] as const)("a permutation in the gather is a permutation of the images, bit for bit: %s", (_, layers) => {
    const data = samples(test(layers), 5, 4);
    expect(logits(build(layers, permutation), data)).toEqual(logits(build(layers), permuted(data)));
  });

  it("permuting the pixels and the MLP's first-layer rows alike leaves the logits", () => {
    const data = samples(test(hidden), 5, 4);
    const net = build(hidden, permutation);
    const before = logits(build(hidden), data);
    // The order of a sum's terms changes, hence its rounding.
    const changed = logits(net, data);
    expect(() => expectClose("logits", changed, before, 0.05)).toThrow();
    const original = build(hidden).parameters;
    const w = net.parameters.view(net.parameters.values, net.parameters.layouts[0]);
    const w0 = original.view(original.values, original.layouts[0]);
    for (let i = 0; i < pixels; i++) for (let o = 0; o < 9; o++) w.set(i, o, w0.get(permutation[i], o));
    net.refresh();
    expectClose("logits", logits(net, data), before, 1e-6);
  });

  it("permuting the pixels changes what a CNN's features are, not only their places", () => {
    const data = samples(test(convolution), 5, 4);
    // A sum over all features, each weighed alike, forgets places: only features that no longer exist can change it.
    const features = (table?: Uint32Array): Float64Array => {
      const net = build([...convolution.slice(0, 3), flatten, { kind: "dense", units: 4 }], table);
      const { layouts, values } = net.parameters;
      const w = net.parameters.view(values, layouts[2]);
      const [inputs, outputs] = layouts[2].shape;
      for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) w.set(i, o, i % 4 === o ? 1 : 0);
      net.refresh();
      return logits(net, data);
    };
    expect(() => expectClose("features", features(permutation), features(), 0.05)).toThrow();
    expectClose("features", features(), features(), 0);
  });
});

describe("micro-batches", () => {
  it.each(both)("a convolutional model takes a batch in parts of 16 whose gradients add up (%s)", (kernels) => {
    const test: Case = {
      name: "",
      layers: [
        { kind: "conv2d", channels: 3, kernel: 3, padding: 1 },
        { kind: "relu" },
        { kind: "maxPool2d", size: 2 },
        flatten,
        { kind: "dense", units: 3 },
      ],
      height: 5,
      width: 5,
      batch: 37,
    };
    const net = network(test, kernels);
    expect(net.microBatch).toBe(16);
    const data = samples(test, 37, 3);
    const whole = gradients(net, data, 37);
    const sum = new Float64Array(whole.gradients.length);
    let loss = 0;
    for (let i = 0; i < 37; i++) {
      loss += net.forward(data.images, data.labels, data.order, i, 1, 1 / 37);
      net.backward(1, true);
      flat(net, net.parameters.gradients).forEach((g, at) => (sum[at] += g));
    }
    expectClose("loss", [whole.loss], [loss / 37], 1e-6);
    expectClose("gradients", whole.gradients, sum, 2e-6);
  });

  it("a model of dense layers takes the batch whole", () => {
    expect(
      network({ name: "", layers: [flatten, { kind: "dense", units: 3 }], height: 5, width: 5, batch: 37 }, "simd")
        .microBatch,
    ).toBe(37);
  });
});

describe("the cases that gradients and kernel sets are compared on", () => {
  const kindsOf = (specs: LayerSpec[]): string[] => [...new Set(specs.map(({ kind }) => kind))].sort();
  const kinds = [...Object.keys(PLAIN_LAYERS), "add"] as LayerSpec["kind"][];

  it("have every kind of layer", () => {
    expect(kindsOf(cases.flatMap(({ layers }) => layers))).toEqual([...kinds].sort());
  });

  it("have every layer that works in place also where it must not, at the start of a block", () => {
    const begins = cases.flatMap(({ layers }) =>
      layers.flatMap((spec, i) => (spec.kind === "add" ? [layers[i - spec.span]] : [])),
    );
    const inPlace = Object.entries(PLAIN_LAYERS).flatMap(([kind, { inPlace }]) => (inPlace ? [kind] : []));
    expect(kindsOf(begins)).toEqual(expect.arrayContaining(inPlace));
  });
});
