/** The layers that model specs stand for. Types alone are imported, so that the page can use it without the validator. */
import type { BlockSpec, LayerSpec, ModelSpec } from "../config.js";

/** The layers a model spec stands for, ending in the logits of `classes` classes. */
export function modelLayers(model: ModelSpec, classes: number): LayerSpec[] {
  switch (model.kind) {
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
    case "layers":
      return flattenBlocks(model.layers);
    case "resnet":
      return flattenBlocks(residualNetwork(model, classes));
  }
}

/** Residual blocks as their layers and an `add`. */
function flattenBlocks(blocks: BlockSpec[]): LayerSpec[] {
  return blocks.flatMap((block): LayerSpec[] =>
    block.kind === "residual" ? [...block.layers, { kind: "add", span: block.layers.length }] : [block],
  );
}

function residualNetwork(model: ModelSpec & { kind: "resnet" }, classes: number): BlockSpec[] {
  const { width, blocks, padded, residual, batchNorm, activation, globalPool, dropout } = model;
  const convolution = (channels: number, padding = 1): Exclude<BlockSpec, { kind: "residual" }>[] => [
    { kind: "conv2d", channels, kernel: 3, padding, ...(batchNorm ? { bias: false } : {}) },
    ...(batchNorm ? [{ kind: "batchNorm" as const, momentum: 0.1, epsilon: 1e-5 }] : []),
    { kind: activation },
  ];
  const residualBlocks = (channels: number, count = blocks ?? 1): BlockSpec[] =>
    Array.from({ length: count }).flatMap((): BlockSpec[] => {
      const layers = [...convolution(channels), ...convolution(channels)];
      return residual ? [{ kind: "residual", layers }] : layers;
    });
  return [
    ...convolution(width, padded ? 1 : 0),
    ...residualBlocks(width, blocks ?? 0),
    ...convolution(2 * width, padded ? 1 : 0),
    { kind: "maxPool2d", size: 2 },
    ...residualBlocks(2 * width),
    ...convolution(4 * width),
    { kind: "maxPool2d", size: 2 },
    ...residualBlocks(4 * width),
    { kind: globalPool === "max" ? "globalMaxPool2d" : "globalAveragePool2d" },
    ...(dropout > 0 ? [{ kind: "dropout" as const, rate: dropout }] : []),
    { kind: "dense", units: classes },
  ];
}

/** The word for a model in ids, tables and legends: `mlp`, `cnn`, or the name of a list of layers. */
export function modelName(model: ModelSpec): string {
  return model.kind === "layers" ? model.name : model.kind;
}
