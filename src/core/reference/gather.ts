import type { GatherOperation } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/** Float32 nearest to 1/255: bytes times this are the inputs in [0, 1], the same bits in both kernel sets. */
export const PIXEL_SCALE = Math.fround(1 / 255);

/**
 * Shuffle, permute and scale in one pass: pixel i of x[j] is pixel permutation[i]
 * of images[order[start + j]], all its channels, / 255.
 */
export function gather(x: Tensor, pixels: number, permutation?: Uint32Array): GatherOperation {
  const [, , width, channels] = x.shape;
  return {
    run(images, order, start, n) {
      for (let j = 0; j < n; j++)
        for (let i = 0; i < pixels; i++) {
          const from = (order[start + j] * pixels + (permutation ? permutation[i] : i)) * channels;
          for (let c = 0; c < channels; c++)
            x.set(j, Math.floor(i / width), i % width, c, Math.fround(images[from + c] * PIXEL_SCALE));
        }
    },
  };
}
