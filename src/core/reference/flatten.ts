// x [N, H, W, C]   y [N, H·W·C], channels fastest
import type { MapTensors, Operation } from "../kernels/kernels.js";

/** The elements of an image as one vector. */
export function flatten({ x, dx, y, dy }: MapTensors): Operation {
  const [, height, width, channels] = x.shape;
  const forEachElement = (n: number, visit: (s: number, r: number, q: number, c: number, k: number) => void): void => {
    for (let s = 0; s < n; s++) {
      let k = 0;
      for (let r = 0; r < height; r++)
        for (let q = 0; q < width; q++) for (let c = 0; c < channels; c++) visit(s, r, q, c, k++);
    }
  };
  return {
    forward(n) {
      forEachElement(n, (s, r, q, c, k) => y.set(s, k, x.get(s, r, q, c)));
    },
    // forward: y[s,k] = x[s,r,q,c] for the k-th element in reading order, hence dx[s,r,q,c] = dy[s,k]
    backward(n) {
      if (dx) forEachElement(n, (s, r, q, c, k) => dx.set(s, r, q, c, dy.get(s, k)));
    },
  };
}
