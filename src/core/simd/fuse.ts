import type { LayerSpec } from "../config.js";
import type { Node } from "../kernels/kernels.js";
import { addsFrom } from "../network/operations.js";
import type { Shape } from "../kernels/shapes.js";

/**
 * Recognises conv2d 3×3 → relu → maxPool2d 2×2, dense → relu, batchNorm → relu and batchNorm → relu → maxPool2d 2×2; every
 * other layer stays an operation of its own, and so does what an `add` skips from within.
 */
export function fuse(layers: LayerSpec[], shapes: Shape[]): Node[] {
  const nodes: Node[] = [];
  for (let first = 0; first < layers.length; first = nodes[nodes.length - 1].last + 1) {
    const kinds = layers
      .slice(first, first + 3)
      .map(({ kind }, i) => (i > 0 && addsFrom(layers, first + i).length > 0 ? "" : kind));
    const relu = kinds[1] === "relu";
    const pool = layers[first + 2];
    const pooled = relu && kinds[2] === "maxPool2d" && pool.kind === "maxPool2d" && pool.size === 2;
    const [kind] = kinds as [LayerSpec["kind"]];
    const x = shapes[first];
    if (pooled && isPlain(layers[first]) && hasPooledTiles(x, layers.slice(0, first)))
      nodes.push({ kind: "convReluPool", first, last: first + 2 });
    else if (pooled && kind === "batchNorm" && isPadded(x))
      nodes.push({ kind: "batchNormReluPool", first, last: first + 2 });
    else if (relu && kind === "batchNorm" && (x.kind === "vector" || isPadded(x)))
      nodes.push({ kind: "batchNormRelu", first, last: first + 1 });
    else if (relu && kind === "dense") nodes.push({ kind: "denseRelu", first, last: first + 1 });
    else nodes.push({ kind, first, last: first });
  }
  return nodes;
}

/** A convolution 3×3 with padding 1, stride 1 and a bias. */
function isPlain(spec: LayerSpec): boolean {
  return (
    spec.kind === "conv2d" && spec.kernel === 3 && spec.padding === 1 && (spec.stride ?? 1) === 1 && spec.bias !== false
  );
}

/** An image of one channel, side by side, that needs no gradient, as no layer before has parameters; or one large enough for a Winograd tile of 4 × 4. */
function hasPooledTiles(x: Shape, before: LayerSpec[]): boolean {
  if (x.kind !== "image") return false;
  return x.pitch === 1 ? !before.some(({ kind }) => kind === "batchNorm") : x.height >= 4 && x.width >= 4;
}

/** Any image but the input, whose channel lies side by side. */
function isPadded(x: Shape): boolean {
  return x.kind === "image" && x.pitch % 4 === 0;
}
