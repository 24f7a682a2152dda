// N samples, H × W pixels in, P × Q out, C channels in, O out, K × K kernel:
//   x [N, H, W, C]   w [O, K, K, C]   b [O]   y [N, P, Q, O]   P = ⌊(H + 2·padding - K) / stride⌋ + 1
import ops from "ndarray-ops";
import type { Conv2dTensors, Operation } from "../kernels.js";

/** Two-dimensional cross-correlation with zero padding, channels last. */
export function conv2d({ x, dx, w, dw, b, db, y, dy, stride, padding }: Conv2dTensors): Operation {
  const [, height, width, channels] = x.shape;
  const [outputs, kernel] = w.shape;
  const [, rows, columns] = y.shape;
  const inside = (r: number, c: number): boolean => r >= 0 && r < height && c >= 0 && c < width;

  /** Calls visit(p, q, ky, kx, r, c) for each output pixel (p, q) and the input pixel (r, c) under each kernel tap. */
  function windows(visit: (p: number, q: number, ky: number, kx: number, r: number, c: number) => void): void {
    for (let p = 0; p < rows; p++)
      for (let q = 0; q < columns; q++)
        for (let ky = 0; ky < kernel; ky++)
          for (let kx = 0; kx < kernel; kx++) {
            const r = p * stride + ky - padding;
            const c = q * stride + kx - padding;
            if (inside(r, c)) visit(p, q, ky, kx, r, c);
          }
  }

  return {
    forward(n) {
      for (let s = 0; s < n; s++)
        for (let p = 0; p < rows; p++)
          for (let q = 0; q < columns; q++)
            for (let o = 0; o < outputs; o++) {
              let sum = b ? b.get(o) : 0;
              for (let ky = 0; ky < kernel; ky++)
                for (let kx = 0; kx < kernel; kx++) {
                  const r = p * stride + ky - padding;
                  const c = q * stride + kx - padding;
                  if (!inside(r, c)) continue;
                  for (let i = 0; i < channels; i++) sum += x.get(s, r, c, i) * w.get(o, ky, kx, i);
                }
              y.set(s, p, q, o, sum);
            }
    },

    // forward: y[s,p,q,o] = b[o] + Σ_{ky,kx,i} x[s, p·stride+ky-padding, q·stride+kx-padding, i]·w[o,ky,kx,i], hence, with
    // (r, c) = (p·stride+ky-padding, q·stride+kx-padding) over all windows,
    //   db[o]         += Σ_{s,p,q} dy[s,p,q,o]
    //   dw[o,ky,kx,i] += Σ_{s,p,q} dy[s,p,q,o]·x[s,r,c,i]
    //   dx[s,r,c,i]    = Σ_{p,q,o} dy[s,p,q,o]·w[o,ky,kx,i]
    backward(n, fresh) {
      if (fresh) for (const gradient of db ? [dw, db] : [dw]) ops.assigns(gradient, 0);
      for (let s = 0; s < n; s++) {
        for (let p = 0; db && p < rows; p++)
          for (let q = 0; q < columns; q++)
            for (let o = 0; o < outputs; o++) db.set(o, db.get(o) + dy.get(s, p, q, o));
        windows((p, q, ky, kx, r, c) => {
          for (let o = 0; o < outputs; o++) {
            const g = dy.get(s, p, q, o);
            if (g === 0) continue;
            for (let i = 0; i < channels; i++) dw.set(o, ky, kx, i, dw.get(o, ky, kx, i) + g * x.get(s, r, c, i));
          }
        });
        if (!dx) continue;
        for (let r = 0; r < height; r++)
          for (let c = 0; c < width; c++) for (let i = 0; i < channels; i++) dx.set(s, r, c, i, 0);
        windows((p, q, ky, kx, r, c) => {
          for (let o = 0; o < outputs; o++) {
            const g = dy.get(s, p, q, o);
            if (g === 0) continue;
            for (let i = 0; i < channels; i++) dx.set(s, r, c, i, dx.get(s, r, c, i) + g * w.get(o, ky, kx, i));
          }
        });
      }
    },
  };
}
