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
import { adam, addScaled, blend, momentum, scale, sgd, sumOfSquares } from "./flat.js";
import { orthogonalize } from "./orthogonalize.js";
import type { Arena } from "../kernels/tensor.js";

export function referenceKernels(arena: Arena): Kernels {
  return {
    name: "reference",
    arena,
    conv2d,
    dense,
    batchNorm,
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
