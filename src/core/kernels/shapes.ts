/** What shape a sample has between the layers of a model. */
import type { LayerSpec } from "../config.js";
import { InputError } from "../input-error.js";
import { roundUp } from "./tensor.js";

/** Shape of one sample between two layers; `pitch` floats lie between neighbouring pixels. */
export type Shape =
  { kind: "image"; height: number; width: number; channels: number; pitch: number } | { kind: "vector"; size: number };

/** Channels of an image, elements of a vector: what is normalised one by one. */
export const channelsOf = (shape: Shape): number => (shape.kind === "image" ? shape.channels : shape.size);

/** Values of each of them that a sample has. */
export const pixelsOf = (shape: Shape): number => (shape.kind === "image" ? shape.height * shape.width : 1);

const inWords = (shape: Shape): string =>
  shape.kind === "image" ? `an image of ${shape.height}×${shape.width}×${shape.channels}` : `a vector of ${shape.size}`;

/** Input shape of every layer, then the output shape of the last. @throws InputError where a layer does not fit. */
export function layerShapes(layers: LayerSpec[], height: number, width: number): Shape[] {
  const shapes: Shape[] = [{ kind: "image", height, width, channels: 1, pitch: 1 }];
  layers.forEach((spec, i) => {
    const x = shapes[i];
    const misfit = (got: string, want: string): InputError =>
      new InputError(`model: layer ${i + 1} (${spec.kind}) got ${got}, expected ${want}; change the layers before it`);
    switch (spec.kind) {
      case "relu":
      case "leakyRelu":
      case "silu":
      case "gelu":
      case "batchNorm":
      case "dropout":
        shapes.push(x);
        break;
      case "add": {
        const skipped = shapes[i - spec.span] as Shape | undefined;
        if (spec.span < 1 || !skipped) throw misfit(`a span of ${spec.span}`, `from 1 to ${i}, the layers before it`);
        if (inWords(x) !== inWords(skipped))
          throw misfit(
            `${inWords(x)} to add to ${inWords(skipped)}`,
            "the same shape at both ends of a residual block",
          );
        shapes.push(x);
        break;
      }
      case "globalMaxPool2d":
      case "globalAveragePool2d":
        if (x.kind !== "image") throw misfit("a vector", "an image");
        shapes.push({ kind: "vector", size: x.channels });
        break;
      case "flatten":
        shapes.push({ kind: "vector", size: x.kind === "vector" ? x.size : x.height * x.width * x.channels });
        break;
      case "dense":
        if (x.kind !== "vector") throw misfit("an image", "a vector, as a flatten layer gives");
        shapes.push({ kind: "vector", size: spec.units });
        break;
      case "conv2d": {
        if (x.kind !== "image") throw misfit("a vector", "an image");
        if (spec.padding >= spec.kernel)
          throw misfit(`padding ${spec.padding} for kernel ${spec.kernel}`, "a padding below the kernel size");
        const shrink = spec.kernel - 1 - 2 * spec.padding;
        if (x.height <= shrink || x.width <= shrink)
          throw misfit(`an image of ${x.height}×${x.width}`, `more than ${shrink} pixels a side`);
        const [height, width] = [x.height, x.width].map((side) => Math.ceil((side - shrink) / (spec.stride ?? 1)));
        shapes.push({ kind: "image", height, width, channels: spec.channels, pitch: roundUp(spec.channels, 4) });
        break;
      }
      case "maxPool2d":
        if (x.kind !== "image") throw misfit("a vector", "an image");
        if (x.height < spec.size || x.width < spec.size)
          throw misfit(`an image of ${x.height}×${x.width}`, `at least ${spec.size} pixels a side`);
        shapes.push({
          ...x,
          height: Math.floor(x.height / spec.size),
          width: Math.floor(x.width / spec.size),
          pitch: roundUp(x.channels, 4),
        });
        break;
    }
  });
  return shapes;
}
