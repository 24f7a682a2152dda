/** What the core needs to know of an optimizer. */
import type { Kernels } from "../kernels/kernels.js";
import type { ParameterLayout } from "../kernels/parameters.js";
import type { Tensor } from "../kernels/tensor.js";
import type { Schema, SpecOf, Zod } from "../family.js";

/** What an optimizer works on: flat arrays of one layout. A step may overwrite the gradients. */
export interface Trainable {
  values: Tensor;
  gradients: Tensor;
  layouts: readonly ParameterLayout[];
}

/** Takes the step of number t, from 1, with that learning rate. */
export type Step = (t: number, lr: number) => void;

export interface OptimizerFamily<S extends Schema, Spec = SpecOf<S>> {
  schema: S;
  /** How many arrays as long as the parameters its state is. */
  stateCount(spec: Spec): number;
  /** Binds its steps. @param state zeros before the first step */
  bind(spec: Spec, kernels: Kernels, parameters: Trainable, state: Tensor[]): Step;
  /** What tables and legends call it. */
  word: string;
}

/** Checks that every part of an optimizer is there, and infers its spec from the schema. */
export const optimizer = <S extends Schema>(parts: OptimizerFamily<S>): OptimizerFamily<S> => parts;

/** Peak of the schedule. */
export const learningRateSchema = (z: Zod) => z.number().positive().max(1000);
/** Of velocities and of Adam's moments. */
export const momentumSchema = (z: Zod) => z.number().min(0).lt(1);
/** Pulls weights towards 0: added to the gradient (sgd, nesterov, muon's others), or decoupled from it (adam: AdamW; muon). Absent: none. */
export const weightDecaySchema = (z: Zod) => z.number().min(0).max(1).optional();
