import type { OptimizerSpec } from "../config.js";
import type { OptimizerKernels } from "../kernels.js";
import { integerPower } from "../math.js";
import type { Tensor } from "../tensor.js";

/** How many arrays as long as the parameters an optimizer keeps: velocity; or Adam's m and v. */
export function stateCount(spec: OptimizerSpec): 0 | 1 | 2 {
  if (spec.kind === "adam") return 2;
  return spec.momentum === 0 ? 0 : 1;
}

/**
 * One optimizer step on flat arrays.
 * @param state `stateCount(spec)` arrays, zero before the first step
 * @param t the number of this step, from 1
 */
export function optimizerStep(spec: OptimizerSpec, kernels: OptimizerKernels, p: Tensor, g: Tensor, state: Tensor[], t: number): void {
  if (spec.kind === "adam") {
    const stepSize = spec.lr / (1 - integerPower(spec.beta1, t));
    const rootScale = 1 / Math.sqrt(1 - integerPower(spec.beta2, t));
    kernels.adam(p, g, state[0], state[1], spec.beta1, spec.beta2, stepSize, rootScale, spec.epsilon);
  } else if (spec.momentum === 0) kernels.sgd(p, g, spec.lr);
  else kernels.momentum(p, g, state[0], spec.lr, spec.momentum, spec.kind === "nesterov");
}
