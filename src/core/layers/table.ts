/** Every kind of layer: what depends on the kind is read from here. */
import type { SpecsOf } from "../family.js";
import { add } from "./add.js";
import { batchNorm } from "./batch-norm.js";
import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { gelu } from "./gelu.js";
import { globalAveragePool2d, globalMaxPool2d } from "./global-pool2d.js";
import type { Layer } from "./layer.js";
import { leakyRelu } from "./leaky-relu.js";
import { maxPool2d } from "./max-pool2d.js";
import { relu } from "./relu.js";
import { silu } from "./silu.js";

/** The layers that specs are written in: each needs nothing but the one before it. */
export const PLAIN_LAYERS = {
  conv2d,
  relu,
  leakyRelu,
  silu,
  gelu,
  maxPool2d,
  globalMaxPool2d,
  globalAveragePool2d,
  batchNorm,
  dropout,
  flatten,
  dense,
};

const LAYERS = { ...PLAIN_LAYERS, add };

export type LayerKind = keyof typeof LAYERS;
export type PlainLayerSpec = SpecsOf<typeof PLAIN_LAYERS>;

/** What a network is built of: a flat list of these. */
export type LayerSpec = SpecsOf<typeof LAYERS>;

/** What the table says of a layer's kind. */
export const layerOf = <Spec extends LayerSpec>({ kind }: Spec): Layer<never, Spec> =>
  LAYERS[kind] as unknown as Layer<never, Spec>;
