// Element-wise layers; the mathematics: ../layers/relu.ts, leaky-relu.ts, silu.ts, gelu.ts, dropout.ts, add.ts
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import type { AddTensors, MapTensors, Operation, Pass } from "../kernels/kernels.js";
import { add as referenceAdd, fork as referenceFork } from "../reference/add.js";
import { dropoutFactors } from "../reference/dropout.js";
import { laidOutAlike, originOf, type Arena, type Tensor } from "../kernels/tensor.js";

type Kernel = (floats: number, ...addresses: number[]) => void;

/** Calls a kernel on the first n samples of tensors that are laid out alike, as whole storages: padding holds zeros, and stays zero. */
function overStorage(kernel: Kernel, ...tensors: Tensor[]): (n: number) => void {
  const starts = tensors.map((t) => address(t) - originOf(t) * 4);
  const sample = tensors[0].stride[0];
  return (n) => kernel(n * sample, ...starts);
}

/** The same row by row, for images whose halos differ. */
function overRows(kernel: Kernel, ...tensors: Tensor[]): (n: number) => void {
  const [, height, width] = tensors[0].shape;
  const floats = width * tensors[0].stride[2];
  return (n) => {
    for (let s = 0; s < n; s++)
      for (let r = 0; r < height; r++)
        kernel(floats, ...tensors.map((t) => address(t) + (s * t.stride[0] + r * t.stride[1]) * 4));
  };
}

/** A layer of one forward kernel, and a backward kernel that takes `value` (x or y), dy and dx. */
function layer({ x, dx, y, dy }: MapTensors, value: Tensor, forward: Kernel, backward: Kernel): Operation {
  return { forward: overStorage(forward, x, y), backward: dx ? overStorage(backward, value, dy, dx) : () => {} };
}

export const relu = (exports: SimdExports, t: MapTensors): Operation =>
  layer(
    t,
    t.y,
    (...a) => exports.reluForward(...a),
    (...a) => exports.reluBackward(...a),
  );

export function leakyRelu(exports: SimdExports, t: MapTensors, slope: number): Operation {
  return layer(
    t,
    t.y,
    (floats, ...at) => exports.leakyReluForward(floats, slope, ...at),
    (floats, ...at) => exports.leakyReluBackward(floats, slope, ...at),
  );
}

export const silu = (exports: SimdExports, t: MapTensors): Operation =>
  layer(
    t,
    t.x,
    (...a) => exports.siluForward(...a),
    (...a) => exports.siluBackward(...a),
  );

export const gelu = (exports: SimdExports, t: MapTensors): Operation =>
  layer(
    t,
    t.x,
    (...a) => exports.geluForward(...a),
    (...a) => exports.geluBackward(...a),
  );

export function dropout(
  arena: Arena,
  exports: SimdExports,
  { x, dx, y, dy }: MapTensors,
  rate: number,
  place: number,
  pass: Pass,
): Operation {
  const { factors, draw } = dropoutFactors(arena, x, rate, place, pass);
  const multiply: Kernel = (...a) => exports.multiply(...a);
  const forward = overStorage(multiply, x, factors, y);
  return {
    forward(n) {
      draw(n);
      forward(n);
    },
    backward: dx ? overStorage(multiply, dy, factors, dx) : () => {},
  };
}

/** Whole storages where layouts agree, else rows; where rows are not whole vectors (the unpadded input), the reference layer. */
function overAny(kernel: Kernel, reference: (n: number) => void, ...tensors: Tensor[]): (n: number) => void {
  if (tensors.every((t) => laidOutAlike(t, tensors[0]))) return overStorage(kernel, ...tensors);
  return tensors.every((t) => t.stride[2] === tensors[0].stride[2] && t.stride[2] % 4 === 0)
    ? overRows(kernel, ...tensors)
    : reference;
}

export function add(exports: SimdExports, t: AddTensors): Operation {
  const { x, dx, skipped, y, dy } = t;
  const reference = referenceAdd(t);
  return {
    forward: overAny(
      (...a) => exports.add(...a),
      (n) => reference.forward(n),
      x,
      skipped,
      y,
    ),
    backward: dx
      ? overAny(
          (...a) => exports.copy(...a),
          (n) => reference.backward(n, false),
          dy,
          dx,
        )
      : () => {},
  };
}

export function fork(exports: SimdExports, dx: Tensor, skipped: Tensor): Operation {
  const reference = referenceFork(dx, skipped);
  return {
    forward() {},
    backward: overAny(
      (...a) => exports.add(...a),
      (n) => reference.backward(n, false),
      dx,
      skipped,
      dx,
    ),
  };
}
