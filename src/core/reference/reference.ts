/** The reference kernels: every layer's and optimizer's own mathematics, in the arena's precision. */
import { gather } from "./gather.js";
import type { Kernels } from "../kernels/kernels.js";
import { add, fork } from "./add.js";
import { batchNorm } from "./batch-norm.js";
import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { gelu } from "./gelu.js";
import { globalAveragePool2d, globalMaxPool2d } from "./global-pool2d.js";
import { leakyRelu } from "./leaky-relu.js";
import { maxPool2d } from "./max-pool2d.js";
import { relu } from "./relu.js";
import { silu } from "./silu.js";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.js";
import { adam } from "../optimizers/adam.js";
import { addScaled, blend, scale, sumOfSquares } from "./flat.js";
import { orthogonalize } from "./orthogonalize.js";
import { momentum, sgd } from "../optimizers/sgd.js";
import type { Arena } from "../kernels/tensor.js";

/** `fuse` leaves every layer on its own, so the fused operations are never asked for. */
function unfused(): never {
  throw new Error("the reference kernels have no fused operations");
}

export function referenceKernels(arena: Arena): Kernels {
  return {
    name: "reference",
    arena,
    fuse: (layers) => layers.map(({ kind }, i) => ({ kind, first: i, last: i })),
    conv2d,
    convReluPool: unfused,
    dense: (t, relu) => (relu ? unfused() : dense(t)),
    batchNorm: (t, pass, relu) => (relu ? unfused() : batchNorm(t, pass)),
    batchNormReluPool: unfused,
    relu,
    leakyRelu,
    silu,
    gelu,
    dropout: (t, rate, layer, pass) => dropout(arena, t, rate, layer, pass),
    add,
    fork,
    globalMaxPool2d,
    globalAveragePool2d,
    maxPool2d,
    flatten,
    softmaxCrossEntropy: (logits, dlogits) => softmaxCrossEntropy(arena, logits, dlogits),
    gather,
    orthogonalizer: () => orthogonalize,
    optimizer: { addScaled, scale, blend, sumOfSquares, sgd, momentum, adam },
  };
}
