import type { MapTensors, Operation } from "../kernels/kernels.js";
import { asImages, type Tensor } from "../kernels/tensor.js";

/** Calls visit(s, r, q, c) for every element of the first n samples of a tensor that asImages gave. */
export function forEachElement(
  t: Tensor,
  n: number,
  visit: (s: number, r: number, q: number, c: number) => void,
): void {
  const [, height, width, channels] = t.shape;
  for (let s = 0; s < n; s++)
    for (let r = 0; r < height; r++)
      for (let q = 0; q < width; q++) for (let c = 0; c < channels; c++) visit(s, r, q, c);
}

/** y = f(x), element by element, and dx = f'·dy; `derivative` is written in terms of x, or of y where a layer works in place. */
export function elementwise(
  t: MapTensors,
  of: "x" | "y",
  f: (x: number) => number,
  derivative: (value: number) => number,
): Operation {
  const [x, y, dy, from] = [t.x, t.y, t.dy, t[of]].map(asImages);
  const dx = t.dx && asImages(t.dx);
  return {
    forward: (n) => forEachElement(x, n, (s, r, q, c) => y.set(s, r, q, c, f(x.get(s, r, q, c)))),
    backward(n) {
      if (dx)
        forEachElement(x, n, (s, r, q, c) => dx.set(s, r, q, c, derivative(from.get(s, r, q, c)) * dy.get(s, r, q, c)));
    },
  };
}
