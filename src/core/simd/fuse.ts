import type { LayerSpec } from "../config.js";
import type { Node } from "../kernels.js";
import type { Shape } from "../parameters.js";

/** Recognises conv2d 3×3 → relu → maxPool2d 2×2 and dense → relu; every other layer stays an operation of its own. */
export function fuse(layers: LayerSpec[], shapes: Shape[]): Node[] {
  const nodes: Node[] = [];
  for (let i = 0; i < layers.length; i = nodes[nodes.length - 1].last + 1) {
    const spec = layers[i];
    if (spec.kind === "dense" && layers[i + 1]?.kind === "relu") nodes.push({ kind: "denseRelu", first: i, last: i + 1 });
    else if (startsConvReluPool(layers, i) && pooledTiles(shapes[i])) nodes.push({ kind: "convReluPool", first: i, last: i + 2 });
    else nodes.push({ kind: spec.kind, first: i, last: i });
  }
  return nodes;
}

/** 3×3 with padding 1, stride 1 and a bias. */
const isPlain = ({ kernel, padding, stride = 1, bias = true }: LayerSpec & { kind: "conv2d" }): boolean => kernel === 3 && padding === 1 && stride === 1 && bias;

function startsConvReluPool(layers: LayerSpec[], i: number): boolean {
  const [conv, relu, pool] = layers.slice(i, i + 3);
  return conv.kind === "conv2d" && isPlain(conv) && relu?.kind === "relu" && pool?.kind === "maxPool2d" && pool.size === 2;
}

/** The input itself (one channel, side by side), or an image large enough for a Winograd tile of 4 × 4. */
function pooledTiles(x: Shape): boolean {
  return x.kind === "image" && (x.pitch === 1 || (x.height >= 4 && x.width >= 4));
}
