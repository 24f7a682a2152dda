// Element-wise layers; the arithmetic: ../reference/relu.ts, leaky-relu.ts, silu.ts, gelu.ts, dropout.ts, add.ts
import { address } from "./address.js";
import type { SimdExports } from "./exports.generated.js";
import type { AddTensors, MapTensors, Operation, Pass } from "../kernels/kernels.js";
import { add as referenceAdd, fork as referenceFork } from "../reference/add.js";
import { dropoutFactors } from "../kernels/dropout-factors.js";
import { laidOutAlike, originOf, type Arena, type Tensor } from "../kernels/tensor.js";

/** A kernel over some floats, and a tensor for each of its addresses. */
type Kernel<Addresses extends number[]> = (floats: number, ...addresses: Addresses) => void;
type Tensors<Addresses extends number[]> = { [A in keyof Addresses]: Tensor };

/** Calls a kernel on the first n samples of tensors that are laid out alike, as whole storages: padding holds zeros, and stays zero. */
function overStorage<A extends number[]>(kernel: Kernel<A>, ...tensors: Tensors<A>): (n: number) => void {
  const starts = tensors.map((t) => address(t) - originOf(t) * 4) as A;
  const sample = tensors[0].stride[0];
  return (n) => kernel(n * sample, ...starts);
}

/** The same row by row, for images whose halos differ. */
function overRows<A extends number[]>(kernel: Kernel<A>, ...tensors: Tensors<A>): (n: number) => void {
  const [, height, width] = tensors[0].shape;
  const floats = width * tensors[0].stride[2];
  return (n) => {
    for (let s = 0; s < n; s++)
      for (let r = 0; r < height; r++)
        kernel(floats, ...(tensors.map((t) => address(t) + (s * t.stride[0] + r * t.stride[1]) * 4) as A));
  };
}

/** A layer of one forward kernel from x to y, and a backward kernel that takes `value` (x or y), dy and dx. */
function layer(
  { x, dx, y, dy }: MapTensors,
  value: Tensor,
  forward: Kernel<[x: number, y: number]>,
  backward: Kernel<[value: number, dy: number, dx: number]>,
): Operation {
  return { forward: overStorage(forward, x, y), backward: dx ? overStorage(backward, value, dy, dx) : () => {} };
}

export const relu = (exports: SimdExports, t: MapTensors): Operation =>
  layer(t, t.y, exports.reluForward, exports.reluBackward);

export const leakyRelu = (exports: SimdExports, t: MapTensors, slope: number): Operation =>
  layer(
    t,
    t.y,
    (floats, x, y) => exports.leakyReluForward(floats, slope, x, y),
    (floats, y, dy, dx) => exports.leakyReluBackward(floats, slope, y, dy, dx),
  );

export const silu = (exports: SimdExports, t: MapTensors): Operation =>
  layer(t, t.x, exports.siluForward, exports.siluBackward);

export const gelu = (exports: SimdExports, t: MapTensors): Operation =>
  layer(t, t.x, exports.geluForward, exports.geluBackward);

export function dropout(
  arena: Arena,
  exports: SimdExports,
  { x, dx, y, dy }: MapTensors,
  rate: number,
  place: number,
  pass: Pass,
): Operation {
  const { factors, draw } = dropoutFactors(arena, x, rate, place, pass);
  const forward = overStorage(exports.multiply, x, factors, y);
  return {
    forward(n) {
      draw(n);
      forward(n);
    },
    backward: dx ? overStorage(exports.multiply, dy, factors, dx) : () => {},
  };
}

/** Whole storages where layouts agree, else rows; where rows are not whole vectors (the unpadded input), the reference layer. */
function overAny<A extends number[]>(
  kernel: Kernel<A>,
  reference: (n: number) => void,
  ...tensors: Tensors<A>
): (n: number) => void {
  if (tensors.every((t) => laidOutAlike(t, tensors[0]))) return overStorage(kernel, ...tensors);
  return tensors.every((t) => t.stride[2] === tensors[0].stride[2] && t.stride[2] % 4 === 0)
    ? overRows(kernel, ...tensors)
    : reference;
}

export function add(exports: SimdExports, t: AddTensors): Operation {
  const { x, dx, skipped, y, dy } = t;
  const reference = referenceAdd(t);
  return {
    forward: overAny(exports.add, (n) => reference.forward(n), x, skipped, y),
    backward: dx ? overAny(exports.copy, (n) => reference.backward(n, false), dy, dx) : () => {},
  };
}

export function fork(exports: SimdExports, dx: Tensor, skipped: Tensor): Operation {
  const reference = referenceFork(dx, skipped);
  return { forward() {}, backward: overAny(exports.add, (n) => reference.backward(n, false), dx, skipped, dx) };
}
