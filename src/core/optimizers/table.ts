/** Every optimizer: what depends on its kind is read from here. */
import type { SpecsOf } from "../family.js";
import type { Kernels } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";
import { adam } from "./adam.js";
import { muon } from "./muon.js";
import type { OptimizerFamily, Step, Trainable } from "./optimizer.js";
import { nesterov, sgd } from "./sgd.js";

export const OPTIMIZERS = { sgd, nesterov, adam, muon };

export type OptimizerKind = keyof typeof OPTIMIZERS;
export type OptimizerSpec = SpecsOf<typeof OPTIMIZERS>;

const familyOf = <Spec extends OptimizerSpec>({ kind }: Spec): OptimizerFamily<never, Spec> =>
  OPTIMIZERS[kind] as unknown as OptimizerFamily<never, Spec>;

/** How many arrays as long as the parameters an optimizer keeps: velocity; or Adam's m and v. */
export const stateCount = (spec: OptimizerSpec): number => familyOf(spec).stateCount(spec);

/** An optimizer with its state in the kernels' arena. */
export interface Optimizer {
  readonly state: readonly Tensor[];
  readonly step: Step;
}

/** An optimizer for parameters in the kernels' arena; its state is zero. */
export function createOptimizer(spec: OptimizerSpec, kernels: Kernels, parameters: Trainable): Optimizer {
  const { size } = parameters.values;
  const state = Array.from({ length: stateCount(spec) }, () => kernels.arena.tensor([size], [1], size));
  return { state, step: familyOf(spec).bind(spec, kernels, parameters, state) };
}
