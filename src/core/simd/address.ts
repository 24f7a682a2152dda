/** Where the kernels find a tensor: the simd set's tensors live in the WebAssembly module's memory. */
import type { Tensor } from "../kernels/tensor.js";

/** Byte address of a tensor's first element. */
export const address = (t: Tensor): number => t.offset * 4;

/** Pitches of an image tensor in bytes. */
export function pitches(t: Tensor): { sample: number; row: number; pixel: number } {
  return { sample: t.stride[0] * 4, row: t.stride[1] * 4, pixel: t.stride[2] * 4 };
}

/**
 * An image tensor as the kernels take it: the address of pixel (r, c) of the first image, in the halo where r or c is
 * negative, and the pitches.
 */
export function imageAt(t: Tensor, r = 0, c = 0): [at: number, sample: number, row: number, pixel: number] {
  const { sample, row, pixel } = pitches(t);
  return [address(t) + r * row + c * pixel, sample, row, pixel];
}
