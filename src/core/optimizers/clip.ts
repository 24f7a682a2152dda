import type { OptimizerKernels } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/**
 * Cuts a gradient's Euclidean norm over all parameters to `most`: g ← g·most / ‖g‖ where ‖g‖ > most (Pascanu, Mikolov
 * and Bengio, "On the difficulty of training recurrent neural networks", 2013). A norm that is NaN cuts nothing.
 */
export function clipGradient(kernels: OptimizerKernels, g: Tensor, most: number): void {
  const norm = Math.sqrt(kernels.sumOfSquares(g));
  if (norm > most) kernels.scale(g, most / norm);
}
