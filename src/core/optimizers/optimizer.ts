import type { OptimizerSpec } from "../config.js";
import type { OptimizerKernels } from "../kernels/kernels.js";
import { integerPower } from "../numeric/math.js";
import type { Tensor } from "../kernels/tensor.js";
import { muon, type MuonParts } from "./muon.js";

/** How many arrays as long as the parameters an optimizer keeps: velocity; or Adam's m and v. */
export function stateCount(spec: OptimizerSpec): 0 | 1 | 2 {
  if (spec.kind === "adam") return 2;
  if (spec.kind === "muon") return 1;
  return spec.momentum === 0 ? 0 : 1;
}

/**
 * One optimizer step on flat arrays. Weight decay is part of the gradient, g ← g + weightDecay·p, for SGD and Nesterov
 * (overwriting g); for Adam it is decoupled, p ← p - lr·weightDecay·p before the step (AdamW: Loshchilov and Hutter,
 * "Decoupled weight decay regularization", 2019).
 * @param state `stateCount(spec)` arrays, zero before the first step
 * @param t the number of this step, from 1
 * @param lr this step's learning rate
 * @param parts how Muon divides the parameters; no other optimizer asks
 */
export function optimizerStep(
  spec: OptimizerSpec,
  kernels: OptimizerKernels,
  p: Tensor,
  g: Tensor,
  state: Tensor[],
  t: number,
  lr = spec.lr,
  parts?: MuonParts,
): void {
  if (spec.kind === "muon") {
    if (!parts) throw new Error("muon needs to know the parameters' parts");
    return muon(spec, kernels, p, g, state[0], parts, lr / spec.lr);
  }
  const { weightDecay = 0 } = spec;
  if (weightDecay > 0 && spec.kind === "adam") kernels.scale(p, 1 - lr * weightDecay);
  else if (weightDecay > 0) kernels.addScaled(g, p, weightDecay);
  if (spec.kind === "adam") {
    const stepSize = lr / (1 - integerPower(spec.beta1, t));
    const rootScale = 1 / Math.sqrt(1 - integerPower(spec.beta2, t));
    kernels.adam(p, g, state[0], state[1], spec.beta1, spec.beta2, stepSize, rootScale, spec.epsilon);
  } else if (spec.momentum === 0) kernels.sgd(p, g, lr);
  else kernels.momentum(p, g, state[0], lr, spec.momentum, spec.kind === "nesterov");
}
