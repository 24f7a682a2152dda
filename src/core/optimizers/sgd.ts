import type { Kernels } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";
import {
  learningRateSchema,
  momentumSchema,
  optimizer,
  weightDecaySchema,
  type Step,
  type Trainable,
} from "./optimizer.js";

/** Stochastic gradient descent, p ← p - lr·g; with momentum in PyTorch's form, v ← momentum·v + g; p ← p - lr·v. */
export const sgd = optimizer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("sgd"),
        lr: learningRateSchema(z).default(0.01),
        momentum: momentumSchema(z).default(0),
        weightDecay: weightDecaySchema(z),
      })
      .describe("Stochastic gradient descent, with momentum in PyTorch's form."),
  stateCount: (spec) => stateCount(spec),
  bind: (spec, kernels, parameters, state) => descent(spec, kernels, parameters, state, false),
  word: "SGD",
});

/** SGD with Nesterov's look-ahead (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013): p ← p - lr·(g + momentum·v). */
export const nesterov = optimizer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("nesterov"),
        lr: learningRateSchema(z).default(0.01),
        momentum: momentumSchema(z).default(0.9),
        weightDecay: weightDecaySchema(z),
      })
      .describe("SGD with Nesterov's look-ahead (Sutskever et al., 2013)."),
  stateCount: (spec) => stateCount(spec),
  bind: (spec, kernels, parameters, state) => descent(spec, kernels, parameters, state, true),
  word: "Nesterov",
});

interface DescentSpec {
  momentum: number;
  weightDecay?: number;
}

/** The velocity. */
function stateCount({ momentum }: DescentSpec): number {
  return momentum === 0 ? 0 : 1;
}

/** Weight decay is part of the gradient: g ← g + weightDecay·p. */
function descent(
  { momentum, weightDecay = 0 }: DescentSpec,
  { optimizer: kernels }: Kernels,
  { values, gradients }: Trainable,
  [velocity]: Tensor[],
  lookAhead: boolean,
): Step {
  return (_, lr) => {
    if (weightDecay > 0) kernels.addScaled(gradients, values, weightDecay);
    if (momentum === 0) kernels.sgd(values, gradients, lr);
    else kernels.momentum(values, gradients, velocity, lr, momentum, lookAhead);
  };
}
