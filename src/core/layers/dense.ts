// N samples, I inputs, O outputs:  x [N, I]   w [I, O]   b [O]   y [N, O]
import ops from "ndarray-ops";
import type { DenseTensors, Operation } from "../kernels.js";

/** Fully connected layer, y = x · w + b. Each sum runs over ascending indices, so its rounding is fixed. */
export function dense({ x, dx, w, dw, b, db, y, dy }: DenseTensors): Operation {
  const [inputs, outputs] = w.shape;
  return {
    forward(n) {
      for (let s = 0; s < n; s++)
        for (let o = 0; o < outputs; o++) {
          let sum = b.get(o);
          for (let i = 0; i < inputs; i++) sum += x.get(s, i) * w.get(i, o);
          y.set(s, o, sum);
        }
    },

    // forward: y[s,o] = Σ_i x[s,i]·w[i,o] + b[o], hence
    //   db[o]   += Σ_s dy[s,o]
    //   dw[i,o] += Σ_s x[s,i]·dy[s,o]
    //   dx[s,i]  = Σ_o dy[s,o]·w[i,o]
    backward(n, fresh) {
      if (fresh) for (const gradient of [dw, db]) ops.assigns(gradient, 0);
      for (let o = 0; o < outputs; o++) {
        let sum = db.get(o);
        for (let s = 0; s < n; s++) sum += dy.get(s, o);
        db.set(o, sum);
      }
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++) {
          let sum = dw.get(i, o);
          for (let s = 0; s < n; s++) sum += x.get(s, i) * dy.get(s, o);
          dw.set(i, o, sum);
        }
      if (!dx) return;
      for (let s = 0; s < n; s++)
        for (let i = 0; i < inputs; i++) {
          let sum = 0;
          for (let o = 0; o < outputs; o++) sum += dy.get(s, o) * w.get(i, o);
          dx.set(s, i, sum);
        }
    },
  };
}
