// N samples, I inputs, O outputs:  x [N, I]   w [I, O]   b [O]   y [N, O]
import ops from "ndarray-ops";
import type { DenseTensors, Operation } from "../kernels/kernels.js";
import { addRow, dot } from "./rows.js";

/** Fully connected layer, y = x · w + b. Each sum runs over ascending indices, so its rounding is fixed. The elements of a row lie side by side. */
export function dense({ x, dx, w, dw, b, db, y, dy }: DenseTensors): Operation {
  const [inputs, outputs] = w.shape;
  return {
    forward(n) {
      const sums = new Float64Array(outputs);
      for (let s = 0; s < n; s++) {
        for (let o = 0; o < outputs; o++) sums[o] = b.get(o);
        for (let i = 0; i < inputs; i++) addRow(sums, 0, x.get(s, i), w.data, w.index(i, 0), outputs);
        for (let o = 0; o < outputs; o++) y.set(s, o, sums[o]);
      }
    },

    // forward: y[s,o] = Σ_i x[s,i]·w[i,o] + b[o], hence
    //   db[o]   += Σ_s dy[s,o]
    //   dw[i,o] += Σ_s x[s,i]·dy[s,o]
    //   dx[s,i]  = Σ_o dy[s,o]·w[i,o]
    backward(n, fresh) {
      if (fresh) for (const gradient of [dw, db]) ops.assigns(gradient, 0);
      const sums = new Float64Array(outputs);
      for (let o = 0; o < outputs; o++) {
        let sum = db.get(o);
        for (let s = 0; s < n; s++) sum += dy.get(s, o);
        db.set(o, sum);
      }
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) sums[o] = dw.get(i, o);
        for (let s = 0; s < n; s++) addRow(sums, 0, x.get(s, i), dy.data, dy.index(s, 0), outputs);
        for (let o = 0; o < outputs; o++) dw.set(i, o, sums[o]);
      }
      if (!dx) return;
      for (let s = 0; s < n; s++)
        for (let i = 0; i < inputs; i++) dx.set(s, i, dot(0, dy.data, dy.index(s, 0), w.data, w.index(i, 0), outputs));
    },
  };
}
