import { integerPower } from "../numeric/math.js";
import { decoupledWeightDecaySchema, learningRateSchema, momentumSchema, optimizer } from "./optimizer.js";

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1): m ← β1·m + (1-β1)·g;
 * v ← β2·v + (1-β2)·g²; p ← p - stepSize·m / (√v·rootScale + ε), with the bias corrections in
 * stepSize = lr / (1-β1^t) and rootScale = 1 / √(1-β2^t). Weight decay is decoupled: p ← p - lr·weightDecay·p before the
 * step (AdamW: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).
 */
export const adam = optimizer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("adam"),
        lr: learningRateSchema(z).default(0.001),
        beta1: momentumSchema(z).default(0.9).describe("Share of the mean gradient that a step keeps."),
        beta2: momentumSchema(z).default(0.999).describe("Share of the mean squared gradient that a step keeps."),
        // Not one that Float32 rounds to 0.
        epsilon: z.number().min(1e-30).max(1).default(1e-8).describe("Added to the root that a step is divided by."),
        weightDecay: decoupledWeightDecaySchema(z),
      })
      .describe("Adam (Kingma and Ba, 2015); with `weightDecay`, AdamW (Loshchilov and Hutter, 2019)."),
  stateCount: () => 2,
  bind({ beta1, beta2, epsilon, weightDecay = 0 }, { optimizer: kernels }, { values, gradients }, [m, v]) {
    return (t, lr) => {
      if (weightDecay > 0) kernels.scale(values, 1 - lr * weightDecay);
      const stepSize = lr / (1 - integerPower(beta1, t));
      const rootScale = 1 / Math.sqrt(1 - integerPower(beta2, t));
      kernels.adam(values, gradients, m, v, { beta1, beta2, stepSize, rootScale, epsilon });
    };
  },
  word: "Adam",
});
