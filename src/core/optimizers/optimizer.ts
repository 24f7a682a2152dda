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

export const learningRateSchema = (z: Zod) =>
  z.number().positive().max(1000).describe("Learning rate, a schedule's peak.");
export const momentumSchema = (z: Zod) => z.number().min(0).lt(1).describe("Share of the velocity that a step keeps.");
export const weightDecaySchema = (z: Zod) =>
  z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Pulls parameters towards 0: this share of them joins their gradient. Absent: none.");
export const decoupledWeightDecaySchema = (z: Zod) =>
  z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Pulls parameters towards 0, by this share times the learning rate a step. Absent: none.");
