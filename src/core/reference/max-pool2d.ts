// N samples, H × W pixels in, P × Q out, C channels, windows of Z × Z:
//   x [N, H, W, C]   y [N, P, Q, C]   P = ⌊H / Z⌋; rows and columns left over at the end are ignored
import type { MapTensors, Operation } from "../kernels/kernels.js";

/** Whether a value takes a maximum's place: it is larger, or NaN, so that divergence is seen. */
export const wins = (value: number, best: number): boolean => value > best || value !== value;

/** Largest value of each window, channel by channel; windows do not overlap. Of equal values the first in reading order wins. */
export function maxPool2d({ x, dx, y, dy }: MapTensors, size: number): Operation {
  const [samples, height, width, channels] = x.shape;
  const [, rows, columns] = y.shape;
  /** Which of its window's Z·Z pixels won, per output. */
  const winner = new Uint8Array(samples * rows * columns * channels);
  const winnerAt = (s: number, p: number, q: number, c: number): number =>
    ((s * rows + p) * columns + q) * channels + c;

  return {
    forward(n) {
      for (let s = 0; s < n; s++)
        for (let p = 0; p < rows; p++)
          for (let q = 0; q < columns; q++)
            for (let c = 0; c < channels; c++) {
              let best = x.get(s, p * size, q * size, c);
              let at = 0;
              for (let k = 1; k < size * size; k++) {
                const value = x.get(s, p * size + Math.floor(k / size), q * size + (k % size), c);
                if (wins(value, best)) {
                  best = value;
                  at = k;
                }
              }
              y.set(s, p, q, c, best);
              winner[winnerAt(s, p, q, c)] = at;
            }
    },

    // forward: y[s,p,q,c] = x[s, winning pixel of the window, c], hence
    //   dx[s,r,c',c] = dy[s,p,q,c] where (r, c') won window (p, q), 0 elsewhere
    backward(n) {
      if (!dx) return;
      for (let s = 0; s < n; s++) {
        for (let r = 0; r < height; r++)
          for (let q = 0; q < width; q++) for (let c = 0; c < channels; c++) dx.set(s, r, q, c, 0);
        for (let p = 0; p < rows; p++)
          for (let q = 0; q < columns; q++)
            for (let c = 0; c < channels; c++) {
              const k = winner[winnerAt(s, p, q, c)];
              dx.set(s, p * size + Math.floor(k / size), q * size + (k % size), c, dy.get(s, p, q, c));
            }
      }
    },
  };
}
