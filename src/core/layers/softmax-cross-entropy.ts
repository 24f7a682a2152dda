// N samples, C classes:  z [N, C] logits   ŷ = softmax(z)   loss = -log ŷ[label]
import type { LossOperation } from "../kernels.js";
import { exp, log } from "../math.js";
import type { Arena, Tensor } from "../tensor.js";

/** Probabilities below e^-69 (about 1e-30) count as 0 in the gradient: their products would be subnormal, which costs processors a hundredfold. */
export const SMALLEST_EXPONENT = -69;

/** Softmax and cross-entropy in one, stable: loss = log Σ_c exp(z_c - max) + max - z_label. */
export function softmaxCrossEntropy(arena: Arena, z: Tensor, dz: Tensor): LossOperation {
  const [samples, classes] = z.shape;
  const labels = new Uint8Array(samples);
  const predicted = new Uint8Array(samples);
  const confidence = arena.vectors(1, samples).pick(0, -1);
  return {
    labels,
    predicted,
    confidence,
    // loss = log Σ_c exp(z_c) - z_label, hence dz_c = scale·(ŷ_c - [c = label])
    run(n, scale) {
      let total = 0;
      for (let s = 0; s < n; s++) {
        let best = 0;
        for (let c = 1; c < classes; c++) if (z.get(s, c) > z.get(s, best)) best = c;
        const max = z.get(s, best);
        let sum = 0;
        for (let c = 0; c < classes; c++) {
          const shifted = z.get(s, c) - max;
          const e = shifted < SMALLEST_EXPONENT ? 0 : exp(shifted);
          dz.set(s, c, e);
          sum += e;
        }
        const label = labels[s];
        total += log(sum) + max - z.get(s, label);
        for (let c = 0; c < classes; c++) dz.set(s, c, scale * (dz.get(s, c) / sum - (c === label ? 1 : 0)));
        predicted[s] = best;
        confidence.set(s, 1 / sum);
      }
      return total;
    },
  };
}
