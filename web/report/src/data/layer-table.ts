/** Where a model's parameters sit: shapes and counts layer by layer, from the spec alone. */
import type { LayerSpec, ModelSpec } from "../../../../src/core/config.js";
import type { ImageSize } from "../../../../src/core/data/dataset.js";
import { modelLayers } from "../../../../src/core/network/models.js";

export interface LayerRow {
  layer: string;
  /** Output shape, H × W × C or a length. */
  output: number[];
  /** The count as a sum of products, in words of the shape; empty without parameters. */
  derivation: string;
  parameters: number;
}

const product = (shape: number[]): number => shape.reduce((n, d) => n * d, 1);

function describe(layer: LayerSpec, input: number[]): LayerRow {
  const plain = (words: string, output = input): LayerRow => ({ layer: words, output, derivation: "", parameters: 0 });
  const channels = input[input.length - 1];
  switch (layer.kind) {
    case "conv2d": {
      const { channels: outputs, kernel, padding, stride = 1, bias = true } = layer;
      const [h, w, c] = input;
      const side = (n: number) => Math.floor((n + 2 * padding - kernel) / stride) + 1;
      const weights = `${c}·${kernel}·${kernel}`;
      return {
        layer: `convolution ${kernel}×${kernel}, ${outputs} channels${stride > 1 ? `, stride ${stride}` : ""}`,
        output: [side(h), side(w), outputs],
        derivation: `${outputs} × ${bias ? `(${weights} + 1)` : weights}`,
        parameters: outputs * (c * kernel * kernel + (bias ? 1 : 0)),
      };
    }
    case "maxPool2d": {
      const [h, w, c] = input;
      return plain(`max-pool ${layer.size}×${layer.size}`, [Math.floor(h / layer.size), Math.floor(w / layer.size), c]);
    }
    case "dense": {
      const n = product(input);
      return {
        layer: `dense, ${layer.units} units`,
        output: [layer.units],
        derivation: `${layer.units} × (${n} + 1)`,
        parameters: layer.units * (n + 1),
      };
    }
    case "batchNorm":
      return { layer: "batch normalisation", output: input, derivation: `2 × ${channels}`, parameters: 2 * channels };
    case "globalMaxPool2d":
      return plain("global max-pool", [channels]);
    case "globalAveragePool2d":
      return plain("global average-pool", [channels]);
    case "flatten":
      return plain("flatten", [product(input)]);
    case "add":
      return plain(`add the input of ${layer.span} layers before`);
    case "dropout":
      return plain(`dropout ${layer.rate}`);
    case "relu":
      return plain("ReLU");
    case "leakyRelu":
      return plain(`leaky ReLU, slope ${layer.slope}`);
    case "silu":
      return plain("SiLU");
    case "gelu":
      return plain("GELU");
  }
}

/** The model layer by layer for images of the given shape. */
export function layerTable(model: ModelSpec, image: ImageSize, classes: number): LayerRow[] {
  const rows: LayerRow[] = [];
  let shape: number[] = [image.height, image.width, image.channels];
  for (const layer of modelLayers(model, classes)) {
    const row = describe(layer, shape);
    shape = row.output;
    rows.push(row);
  }
  return rows;
}

/** Trainable parameters of a model: weights and biases. */
export function countParameters(model: ModelSpec, image: ImageSize, classes: number): number {
  return layerTable(model, image, classes).reduce((sum, row) => sum + row.parameters, 0);
}
