// N samples, H × W pixels, C channels (vectors: one pixel), m = n·H·W values of a channel in a pass:
//   x, y [N, H, W, C]   w, b [C]
import ops from "ndarray-ops";
import type { BatchNormTensors, Operation, Pass } from "../kernels/kernels.js";
import { asImages } from "../kernels/tensor.js";
import { forEachElement } from "./elementwise.js";

/**
 * Batch normalisation (Ioffe and Szegedy, 2015), channel by channel: x̂ = (x - μ)/√(σ² + ε), y = w·x̂ + b. In training μ and
 * σ² are mean and variance (divided by m) of the samples of the pass, in evaluation the running ones. The variance that is
 * handed on for these is divided by m - 1, as PyTorch's is (by m where m = 1).
 */
export function batchNorm(t: BatchNormTensors, pass: Pass): Operation {
  const [x, y, dy] = [t.x, t.y, t.dy].map(asImages);
  const dx = t.dx && asImages(t.dx);
  const { w, dw, b, db, running, batch, epsilon } = t;
  const [, height, width, channels] = x.shape;
  const mean = new Float64Array(channels);
  /** 1 / √(σ² + ε) */
  const inverse = new Float64Array(channels);
  const normalised = (s: number, r: number, q: number, c: number): number => (x.get(s, r, q, c) - mean[c]) * inverse[c];

  /** Sums over samples and pixels, channel by channel. */
  const sums = (n: number, value: (s: number, r: number, q: number, c: number) => number): Float64Array => {
    const totals = new Float64Array(channels);
    forEachElement(x, n, (s, r, q, c) => (totals[c] += value(s, r, q, c)));
    return totals;
  };

  return {
    forward(n) {
      const m = n * height * width;
      if (pass.training) {
        mean.set(sums(n, (s, r, q, c) => x.get(s, r, q, c)).map((sum) => sum / m));
        const squares = sums(n, (s, r, q, c) => (x.get(s, r, q, c) - mean[c]) * (x.get(s, r, q, c) - mean[c]));
        squares.forEach((sum, c) => {
          inverse[c] = 1 / Math.sqrt(sum / m + epsilon);
          batch.set(0, c, mean[c]);
          batch.set(1, c, sum / Math.max(1, m - 1));
        });
      } else
        for (let c = 0; c < channels; c++) {
          mean[c] = running.get(0, c);
          inverse[c] = 1 / Math.sqrt(running.get(1, c) + epsilon);
        }
      forEachElement(x, n, (s, r, q, c) => y.set(s, r, q, c, w.get(c) * normalised(s, r, q, c) + b.get(c)));
    },

    // forward: y = w·x̂ + b, x̂ = (x - μ)·i with i = 1/√(σ² + ε), μ = Σx/m, σ² = Σ(x - μ)²/m, sums over a channel's m values, hence
    //   db += Σ dy
    //   dw += Σ dy·x̂
    //   dx  = w·i·(dy - Σdy/m - x̂·Σ(dy·x̂)/m): through μ every x moves every y by -w·i/m, through σ² by -w·i·x̂·x̂/m;
    //   dx  = w·i·dy in evaluation, where μ and σ² are constants
    backward(n, fresh) {
      const m = n * height * width;
      if (fresh) for (const gradient of [dw, db]) ops.assigns(gradient, 0);
      const shift = sums(n, (s, r, q, c) => dy.get(s, r, q, c));
      const gain = sums(n, (s, r, q, c) => dy.get(s, r, q, c) * normalised(s, r, q, c));
      for (let c = 0; c < channels; c++) {
        db.set(c, db.get(c) + shift[c]);
        dw.set(c, dw.get(c) + gain[c]);
      }
      if (!dx) return;
      const through = pass.training ? 1 / m : 0;
      forEachElement(x, n, (s, r, q, c) => {
        const g = dy.get(s, r, q, c) - through * (shift[c] + normalised(s, r, q, c) * gain[c]);
        dx.set(s, r, q, c, w.get(c) * inverse[c] * g);
      });
    },
  };
}
