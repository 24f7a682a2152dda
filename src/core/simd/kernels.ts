/**
 * The simd kernel set: binds tensors to the WebAssembly functions of ./assembly. Tensors live in the module's
 * memory, so an address is a tensor's offset times 4. Without `exports` (a dry run) operations are only sized.
 */
import { address } from "./address.js";
import { batchNorm, batchNormReluPool } from "./batch-norm.js";
import { conv2d } from "./convolution.js";
import { convReluPool } from "./conv-relu-pool.js";
import { dense } from "./dense.js";
import { add, dropout, fork, gelu, leakyRelu, relu, silu } from "./elementwise.js";
import { gather } from "./gather.js";
import { kernelsBase64 } from "./kernels.generated.js";
import { globalAveragePool2d, globalMaxPool2d, maxPool2d } from "./maps.js";
import { orthogonalizer } from "./orthogonalizer.js";
import type { SimdExports } from "./exports.generated.js";
import { fitsWinograd, Scratch, winogradConvolution } from "./winograd-convolution.js";
import type { Kernels, LossOperation } from "../kernels/kernels.js";
import { lossBuffers } from "../kernels/loss-buffers.js";
import { Arena, type Tensor } from "../kernels/tensor.js";
import { flatten } from "../reference/flatten.js";

const PAGE = 65_536;
let compiled: WebAssembly.Module | undefined;

/** Bytes of a base64 text, in Node and in browsers. */
function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A memory of exactly the size an arena needs (growing one would detach every view) and the kernels on it. */
export function simdMemory(bytes: number): { floats: Float32Array; arena: Arena; exports: SimdExports } {
  const pages = Math.ceil(bytes / PAGE) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  compiled ??= new WebAssembly.Module(decode(kernelsBase64));
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  const floats = new Float32Array(memory.buffer);
  return { floats, arena: new Arena(floats), exports: instance.exports as unknown as SimdExports };
}

export function simdKernels(arena: Arena, exports: SimdExports = {} as SimdExports): Kernels {
  const scratch = new Scratch(arena);
  return {
    name: "simd",
    arena,
    conv2d: (t) => (fitsWinograd(t) ? winogradConvolution(arena, scratch, exports, t) : conv2d(arena, exports, t)),
    dense: (t) => dense(arena, exports, t, false),
    batchNorm: (t, pass) => batchNorm(arena, exports, t, pass, false),
    relu: (t) => relu(exports, t),
    leakyRelu: (t, slope) => leakyRelu(exports, t, slope),
    silu: (t) => silu(exports, t),
    gelu: (t) => gelu(exports, t),
    dropout: (t, rate, layer, pass) => dropout(arena, exports, t, rate, layer, pass),
    add: (t) => add(exports, t),
    fork: (dx, skipped) => fork(exports, dx, skipped),
    globalMaxPool2d: (t) => globalMaxPool2d(arena, exports, t),
    globalAveragePool2d: (t) => globalAveragePool2d(exports, t),
    maxPool2d: (t, size) => maxPool2d(arena, exports, t, size),
    flatten,
    softmaxCrossEntropy: (z, dz) => softmaxCrossEntropy(arena, exports, z, dz),
    gather: (x, pixels, permutation) => gather(arena, exports, x, pixels, permutation),
    orthogonalizer: (sizes) => orthogonalizer(arena, exports, sizes),
    fused: {
      convReluPool: (t) => convReluPool(arena, exports, t),
      denseRelu: (t) => dense(arena, exports, t, true),
      batchNormRelu: (t, pass) => batchNorm(arena, exports, t, pass, true),
      batchNormReluPool: (t, pass) => batchNormReluPool(arena, exports, t, pass),
    },
    optimizer: {
      addScaled: (y, x, a) => exports.addScaled(y.size, address(y), address(x), a),
      scale: (x, a) => exports.scale(x.size, address(x), a),
      blend: (e, p, d) => exports.blend(e.size, address(e), address(p), 1 - d),
      sumOfSquares: (x) => exports.sumOfSquares(x.size, address(x)),
      sgd: (p, g, lr) => exports.sgd(p.size, address(p), address(g), lr),
      momentum: (p, g, v, lr, momentum, nesterov) =>
        exports.momentum(p.size, address(p), address(g), address(v), lr, momentum, nesterov),
      adam: (p, g, m, v, { beta1, beta2, stepSize, rootScale, epsilon }) =>
        exports.adam(
          p.size,
          address(p),
          address(g),
          address(m),
          address(v),
          beta1,
          beta2,
          1 - beta1,
          1 - beta2,
          stepSize,
          rootScale,
          epsilon,
        ),
    },
  };
}

function softmaxCrossEntropy(arena: Arena, exports: SimdExports, z: Tensor, dz: Tensor): LossOperation {
  const [samples, classes] = z.shape;
  const loss: LossOperation = {
    ...lossBuffers(arena, samples),
    run: (n, scale) =>
      exports.softmaxCrossEntropy(
        n,
        classes,
        address(z),
        address(dz),
        z.stride[0] * 4,
        loss.labels.byteOffset,
        loss.partners.byteOffset,
        address(loss.shares),
        address(loss.weights),
        loss.smoothing,
        loss.predicted.byteOffset,
        address(loss.confidence),
        scale,
      ),
  };
  return loss;
}
