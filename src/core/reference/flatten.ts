// x [N, H, W, C]   y [N, H·W·C], channels fastest
import type { MapTensors, Operation } from "../kernels/kernels.js";
import { forEachElement } from "./elementwise.js";

/** The elements of an image as one vector. */
export function flatten({ x, dx, y, dy }: MapTensors): Operation {
  const [, , width, channels] = x.shape;
  const place = (r: number, q: number, c: number): number => (r * width + q) * channels + c;
  return {
    forward(n) {
      forEachElement(x, n, (s, r, q, c) => y.set(s, place(r, q, c), x.get(s, r, q, c)));
    },
    // forward: y[s,k] = x[s,r,q,c] for the k-th element in reading order, hence dx[s,r,q,c] = dy[s,k]
    backward(n) {
      if (dx) forEachElement(x, n, (s, r, q, c) => dx.set(s, r, q, c, dy.get(s, place(r, q, c))));
    },
  };
}
