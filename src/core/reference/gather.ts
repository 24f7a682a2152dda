import type { GatherOperation } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/** Float32 nearest to 1/255: bytes times this are the inputs in [0, 1], the same bits in both kernel sets. */
export const PIXEL_SCALE = Math.fround(1 / 255);

/** Shuffle, permute and scale in one pass: x[j, i] = images[order[start + j], permutation[i]] / 255. */
export function gather(x: Tensor, pixels: number, permutation?: Uint32Array): GatherOperation {
  const width = x.shape[2] ?? pixels;
  const flat = x.shape.length === 2;
  return {
    run(images, order, start, n) {
      for (let j = 0; j < n; j++) {
        const image = order[start + j] * pixels;
        for (let i = 0; i < pixels; i++) {
          const value = Math.fround(images[image + (permutation ? permutation[i] : i)] * PIXEL_SCALE);
          if (flat) x.set(j, i, value);
          else x.set(j, Math.floor(i / width), i % width, 0, value);
        }
      }
    },
  };
}
