/** Where a model's parameters sit: shapes and counts layer by layer, from the spec alone. */
import type { ImageSize } from "../../../../src/core/kernels/shape.js";
import { layerOf } from "../../../../src/core/layers/table.js";
import type { ModelSpec } from "../../../../src/core/models/table.js";
import { blueprint, countParameters, type Blueprint } from "../../../../src/core/network/blueprint.js";

export interface LayerRow {
  layer: string;
  /** Output shape, H × W × C or a length. */
  output: number[];
  /** The count as a sum of products, in words of the shape; empty without parameters. */
  derivation: string;
  parameters: number;
}

/** The model layer by layer for images of that size; undefined where this version does not know its layers, or they do not fit. */
export function layerTable(model: ModelSpec, image: ImageSize, classes: number): LayerRow[] | undefined {
  return planOf(model, image, classes)?.layers.map((plan) => {
    const { spec, input, output } = plan;
    const layer = layerOf(spec);
    return {
      layer: layer.words(spec),
      output: output.kind === "image" ? [output.height, output.width, output.channels] : [output.size],
      derivation: layer.derivation(spec, input),
      parameters: countParameters([plan]),
    };
  });
}

/** Records are data: those of a later version have models that do not stand in this one's tables. */
function planOf(model: ModelSpec, image: ImageSize, classes: number): Blueprint | undefined {
  try {
    return blueprint(model, image, classes);
  } catch {
    return undefined;
  }
}
