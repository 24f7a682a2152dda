// N samples, H × W pixels, C channels:  x [N, H, W, C]   y [N, C]
import type { MapTensors, Operation } from "../kernels/kernels.js";
import { forEachElement } from "./elementwise.js";
import { wins } from "./max-pool2d.js";

/** Largest value of each channel over all pixels. Of equal values the first in reading order wins. */
export function globalMaxPool2d({ x, dx, y, dy }: MapTensors): Operation {
  const [samples, , width, channels] = x.shape;
  /** The winning pixel, per sample and channel. */
  const winner = new Uint32Array(samples * channels);
  return {
    forward(n) {
      forEachElement(x, n, (s, r, q, c) => {
        const pixel = r * width + q;
        const value = x.get(s, r, q, c);
        if (pixel > 0 && !wins(value, y.get(s, c))) return;
        y.set(s, c, value);
        winner[s * channels + c] = pixel;
      });
    },
    // forward: y[s,c] = x[s, winning pixel of c, c], hence dx[s,r,q,c] = dy[s,c] where (r, q) won, 0 elsewhere
    backward(n) {
      if (dx)
        forEachElement(x, n, (s, r, q, c) =>
          dx.set(s, r, q, c, winner[s * channels + c] === r * width + q ? dy.get(s, c) : 0),
        );
    },
  };
}

/** Mean of each channel over all pixels (Lin, Chen and Yan, "Network in network", 2014). */
export function globalAveragePool2d({ x, dx, y, dy }: MapTensors): Operation {
  const [, height, width, channels] = x.shape;
  const pixels = height * width;
  return {
    forward(n) {
      for (let s = 0; s < n; s++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let r = 0; r < height; r++) for (let q = 0; q < width; q++) sum += x.get(s, r, q, c);
          y.set(s, c, sum / pixels);
        }
    },
    // forward: y[s,c] = Σ_{r,q} x[s,r,q,c] / (H·W), hence dx[s,r,q,c] = dy[s,c] / (H·W)
    backward(n) {
      if (dx) forEachElement(x, n, (s, r, q, c) => dx.set(s, r, q, c, dy.get(s, c) / pixels));
    },
  };
}
