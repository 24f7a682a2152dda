// N samples, C classes:  z [N, C] logits   ŷ = softmax(z)   loss = -Σ_c t_c log ŷ_c   Σ_c t_c = 1
// The target t is one-hot at the label; softly, with smoothing s and the label's share λ against a partner:
//   t_c = (1 - s)·(λ·[c = label] + (1 - λ)·[c = partner]) + s / C
import { SMALLEST_EXPONENT } from "../kernels/constants.js";
import type { LossOperation } from "../kernels/kernels.js";
import { lossBuffers } from "../kernels/loss-buffers.js";
import { exp, log } from "../numeric/math.js";
import type { Arena, Tensor } from "../kernels/tensor.js";

/** Softmax and cross-entropy in one, stable: loss = log Σ_c exp(z_c - max) + max - Σ_c t_c z_c. */
export function softmaxCrossEntropy(arena: Arena, z: Tensor, dz: Tensor): LossOperation {
  const [samples, classes] = z.shape;
  const loss: LossOperation = {
    ...lossBuffers(arena, samples),
    // loss = log Σ_c exp(z_c) - Σ_c t_c z_c, hence dz_c = ŷ_c - t_c, times weight and scale
    run(n, scale) {
      const { smoothing, labels, partners, shares, weights, predicted, confidence } = loss;
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
        const partner = partners[s];
        const share = shares.get(s);
        const weight = weights.get(s);
        let mean = 0;
        for (let c = 0; c < classes; c++) {
          const hard = (c === label ? share : 0) + (c === partner ? 1 - share : 0);
          const target = (1 - smoothing) * hard + smoothing / classes;
          // A logit of -Infinity counts only where it is a target.
          if (target !== 0) mean += target * z.get(s, c);
          dz.set(s, c, scale * weight * (dz.get(s, c) / sum - target));
        }
        // Logits near the largest float must not swallow the logarithm.
        total += weight * (log(sum) + (max - mean));
        predicted[s] = best;
        confidence.set(s, 1 / sum);
      }
      return total;
    },
  };
  return loss;
}
