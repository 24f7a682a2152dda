import type { Tensor } from "../kernels/tensor.js";

/** Byte address of a tensor's first element: the simd set's tensors live in the WebAssembly module's memory. */
export const address = (t: Tensor): number => t.offset * 4;
