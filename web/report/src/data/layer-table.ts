/** Where a model's parameters sit: shapes and counts layer by layer, from the spec alone. */
import type { LayerSpec, ModelSpec } from "../../../../src/core/config.js";

export interface LayerRow {
  layer: string;
  /** Output shape, H × W × C or a length. */
  output: number[];
  /** The count as a sum of products, in words of the shape; empty without parameters. */
  derivation: string;
  parameters: number;
}

/** The layers a spec stands for (as `modelLayers` of src/core/config, which the page cannot load: it brings the validator along). */
export function layersOf(model: ModelSpec, classes: number): LayerSpec[] {
  switch (model.kind) {
    case "layers":
      return model.layers;
    case "mlp":
      return [
        { kind: "flatten" },
        ...model.hidden.flatMap((units): LayerSpec[] => [{ kind: "dense", units }, { kind: "relu" }]),
        { kind: "dense", units: classes },
      ];
    case "cnn":
      return [
        ...model.channels.flatMap((channels): LayerSpec[] => [
          { kind: "conv2d", channels, kernel: 3, padding: 1 },
          { kind: "relu" },
          { kind: "maxPool2d", size: 2 },
        ]),
        { kind: "flatten" },
        { kind: "dense", units: classes },
      ];
  }
}

const product = (shape: number[]): number => shape.reduce((n, d) => n * d, 1);

function describe(layer: LayerSpec, input: number[]): LayerRow {
  switch (layer.kind) {
    case "conv2d": {
      const [h, w, c] = input;
      const side = (n: number) => n + 2 * layer.padding - layer.kernel + 1;
      return {
        layer: `convolution ${layer.kernel}×${layer.kernel}, ${layer.channels} channels`,
        output: [side(h), side(w), layer.channels],
        derivation: `${layer.channels} × (${c}·${layer.kernel}·${layer.kernel} + 1)`,
        parameters: layer.channels * (c * layer.kernel * layer.kernel + 1),
      };
    }
    case "maxPool2d": {
      const [h, w, c] = input;
      return { layer: `max-pool ${layer.size}×${layer.size}`, output: [Math.floor(h / layer.size), Math.floor(w / layer.size), c], derivation: "", parameters: 0 };
    }
    case "dense": {
      const n = product(input);
      return { layer: `dense, ${layer.units} units`, output: [layer.units], derivation: `${layer.units} × (${n} + 1)`, parameters: layer.units * (n + 1) };
    }
    case "flatten":
      return { layer: "flatten", output: [product(input)], derivation: "", parameters: 0 };
    case "relu":
      return { layer: "ReLU", output: input, derivation: "", parameters: 0 };
    default:
      return { layer: (layer as { kind: string }).kind, output: input, derivation: "", parameters: 0 };
  }
}

/** The model layer by layer for images of the given shape. */
export function layerTable(model: ModelSpec, image: [height: number, width: number], classes: number): LayerRow[] {
  const rows: LayerRow[] = [];
  let shape: number[] = [...image, 1];
  for (const layer of layersOf(model, classes)) {
    const row = describe(layer, shape);
    shape = row.output;
    rows.push(row);
  }
  return rows;
}

/** Trainable parameters of a model: weights and biases. */
export function countParameters(model: ModelSpec, image: [height: number, width: number], classes: number): number {
  return layerTable(model, image, classes).reduce((sum, row) => sum + row.parameters, 0);
}
