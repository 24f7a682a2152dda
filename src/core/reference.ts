/** The reference kernels: every layer's and optimizer's own mathematics, in the arena's precision. */
import { gather } from "./gather.js";
import type { Kernels } from "./kernels.js";
import { add, fork } from "./layers/add.js";
import { batchNorm } from "./layers/batch-norm.js";
import { conv2d } from "./layers/conv2d.js";
import { dense } from "./layers/dense.js";
import { dropout } from "./layers/dropout.js";
import { flatten } from "./layers/flatten.js";
import { gelu } from "./layers/gelu.js";
import { globalAveragePool2d, globalMaxPool2d } from "./layers/global-pool2d.js";
import { leakyRelu } from "./layers/leaky-relu.js";
import { maxPool2d } from "./layers/max-pool2d.js";
import { relu } from "./layers/relu.js";
import { silu } from "./layers/silu.js";
import { softmaxCrossEntropy } from "./layers/softmax-cross-entropy.js";
import { adam } from "./optimizers/adam.js";
import { addScaled, blend, scale, sumOfSquares } from "./optimizers/flat.js";
import { orthogonalize } from "./optimizers/orthogonalize.js";
import { momentum, sgd } from "./optimizers/sgd.js";
import type { Arena } from "./tensor.js";

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
