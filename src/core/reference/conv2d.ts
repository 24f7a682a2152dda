// N samples, H × W pixels in, P × Q out, C channels in, O out, K × K kernel:
//   x [N, H, W, C]   w [O, K, K, C]   b [O]   y [N, P, Q, O]   P = ⌊(H + 2·padding - K) / stride⌋ + 1
import ops from "ndarray-ops";
import type { Conv2dTensors, Operation } from "../kernels/kernels.js";
import { addRow, dot } from "./rows.js";

/** Two-dimensional cross-correlation with zero padding, channels last. The channels of a pixel, and of a weight, lie side by side. */
export function conv2d({ x, dx, w, dw, b, db, y, dy, stride, padding }: Conv2dTensors): Operation {
  const [, height, width, channels] = x.shape;
  const [outputs, kernel] = w.shape;
  const [, rows, columns] = y.shape;
  const taps = Array.from({ length: kernel * kernel }, (_, k) => ({ ky: Math.floor(k / kernel), kx: k % kernel }));

  /** Calls visit(ky, kx, r, c) for each tap of the window of output pixel (p, q), with the input pixel (r, c) under it. */
  function eachTap(p: number, q: number, visit: (ky: number, kx: number, r: number, c: number) => void): void {
    for (const { ky, kx } of taps) {
      const r = p * stride + ky - padding;
      const c = q * stride + kx - padding;
      if (r >= 0 && r < height && c >= 0 && c < width) visit(ky, kx, r, c);
    }
  }

  return {
    forward(n) {
      const sums = new Float64Array(outputs);
      for (let s = 0; s < n; s++)
        for (let p = 0; p < rows; p++)
          for (let q = 0; q < columns; q++) {
            for (let o = 0; o < outputs; o++) sums[o] = b ? b.get(o) : 0;
            eachTap(p, q, (ky, kx, r, c) => {
              const pixel = x.index(s, r, c, 0);
              for (let o = 0; o < outputs; o++)
                sums[o] = dot(sums[o], x.data, pixel, w.data, w.index(o, ky, kx, 0), channels);
            });
            for (let o = 0; o < outputs; o++) y.set(s, p, q, o, sums[o]);
          }
    },

    // forward: y[s,p,q,o] = b[o] + Σ_{ky,kx,i} x[s, p·stride+ky-padding, q·stride+kx-padding, i]·w[o,ky,kx,i], hence, with
    // (r, c) = (p·stride+ky-padding, q·stride+kx-padding) over all windows,
    //   db[o]         += Σ_{s,p,q} dy[s,p,q,o]
    //   dw[o,ky,kx,i] += Σ_{s,p,q} dy[s,p,q,o]·x[s,r,c,i]
    //   dx[s,r,c,i]    = Σ_{p,q,o} dy[s,p,q,o]·w[o,ky,kx,i]
    backward(n, fresh) {
      if (fresh) for (const gradient of db ? [dw, db] : [dw]) ops.assigns(gradient, 0);
      if (dx) ops.assigns(dx.hi(n), 0);
      for (let s = 0; s < n; s++)
        for (let p = 0; p < rows; p++)
          for (let q = 0; q < columns; q++) {
            for (let o = 0; db && o < outputs; o++) db.set(o, db.get(o) + dy.get(s, p, q, o));
            eachTap(p, q, (ky, kx, r, c) => {
              const pixel = x.index(s, r, c, 0);
              const to = dx ? dx.index(s, r, c, 0) : 0;
              for (let o = 0; o < outputs; o++) {
                const g = dy.get(s, p, q, o);
                if (g === 0) continue;
                addRow(dw.data, dw.index(o, ky, kx, 0), g, x.data, pixel, channels);
                if (dx) addRow(dx.data, to, g, w.data, w.index(o, ky, kx, 0), channels);
              }
            });
          }
    },
  };
}
