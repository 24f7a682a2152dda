/**
 * Grey polygons on a small square, then light, fabric and grain. Only + - * / and Math.sqrt touch the
 * numbers, which IEEE 754 defines to the last bit, so every engine draws the same picture.
 */

import type { Dice } from "./dice.js";

/** Height and width of the picture, in pixels. */
export const SIZE = 28;

const CENTRE = SIZE / 2;
/** Scan lines a pixel row; coverage along a scan line is exact. */
const LINES = 2;
/** Darker than this is background, and exactly 0. */
const FAINTEST = 8;

export class Canvas {
  private readonly pixels = new Float64Array(SIZE * SIZE);
  private readonly cover = new Float64Array(SIZE);
  private readonly px = new Float64Array(32);
  private readonly py = new Float64Array(32);
  private readonly crossings = new Float64Array(32);
  private readonly folds = new Float64Array(36);
  private xx = 1;
  private xy = 0;
  private yy = 1;
  private dx = 0;
  private dy = 0;

  /** An empty picture, drawn on from now on slightly moved, turned and stretched. */
  begin(dice: Dice): void {
    this.pixels.fill(0);
    const scale = dice.around(1, 0.06);
    const stretch = dice.around(1, 0.05);
    const sine = dice.around(0, 0.045);
    this.xx = scale * stretch * Math.sqrt(1 - sine * sine);
    this.yy = (scale / stretch) * Math.sqrt(1 - sine * sine);
    this.xy = sine * scale;
    this.dx = CENTRE + dice.around(0, 0.9);
    this.dy = CENTRE + dice.around(0, 0.8);
  }

  /** Fills a polygon (x, y, x, y, … in pixels, even-odd) with one grey in 0 to 255. At most 32 corners. */
  polygon(points: readonly number[], shade: number): void {
    const { px, py, cover, crossings, pixels } = this;
    const corners = points.length / 2;
    let left = SIZE;
    let right = 0;
    let top = SIZE;
    let bottom = 0;
    for (let i = 0; i < corners; i++) {
      const x = points[2 * i] - CENTRE;
      const y = points[2 * i + 1] - CENTRE;
      px[i] = this.dx + this.xx * x - this.xy * y;
      py[i] = this.dy + this.xy * x + this.yy * y;
      if (px[i] < left) left = px[i];
      if (px[i] > right) right = px[i];
      if (py[i] < top) top = py[i];
      if (py[i] > bottom) bottom = py[i];
    }
    const firstRow = Math.max(0, Math.floor(top));
    const lastRow = Math.min(SIZE - 1, Math.floor(bottom));
    const firstColumn = Math.max(0, Math.floor(left));
    const lastColumn = Math.min(SIZE - 1, Math.floor(right));
    for (let row = firstRow; row <= lastRow; row++) {
      for (let x = firstColumn; x <= lastColumn; x++) cover[x] = 0;
      for (let line = 0; line < LINES; line++) {
        const y = row + (line + 0.5) / LINES;
        let count = 0;
        for (let i = 0, j = corners - 1; i < corners; j = i++) {
          if (py[i] <= y === py[j] <= y) continue;
          const x = px[j] + ((y - py[j]) / (py[i] - py[j])) * (px[i] - px[j]);
          let k = count++;
          for (; k > 0 && crossings[k - 1] > x; k--) crossings[k] = crossings[k - 1];
          crossings[k] = x;
        }
        for (let k = 0; k + 1 < count; k += 2) this.addSpan(crossings[k], crossings[k + 1]);
      }
      for (let x = firstColumn, p = row * SIZE + x; x <= lastColumn; x++, p++)
        pixels[p] += (shade - pixels[p]) * cover[x];
    }
  }

  private addSpan(left: number, right: number): void {
    const { cover } = this;
    const from = left < 0 ? 0 : left;
    const to = right > SIZE ? SIZE : right;
    if (!(from < to)) return;
    const first = Math.floor(from);
    const last = Math.floor(to);
    if (first === last) {
      cover[first] += (to - from) / LINES;
      return;
    }
    cover[first] += (first + 1 - from) / LINES;
    for (let x = first + 1; x < last; x++) cover[x] += 1 / LINES;
    if (last < SIZE) cover[last] += (to - last) / LINES;
  }

  /** A polygon and its mirror image, left and right of the middle. */
  pair(points: readonly number[], shade: number): void {
    this.polygon(points, shade);
    this.polygon(
      points.map((value, i) => (i % 2 === 0 ? SIZE - value : value)),
      shade,
    );
  }

  /** A straight line with blunt ends. */
  line(x0: number, y0: number, x1: number, y1: number, width: number, shade: number): void {
    const length = Math.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)) + 1e-9;
    const ax = ((y1 - y0) / length) * (width / 2);
    const ay = ((x0 - x1) / length) * (width / 2);
    this.polygon([x0 + ax, y0 + ay, x1 + ax, y1 + ay, x1 - ax, y1 - ay, x0 - ax, y0 - ay], shade);
  }

  /** Weaves, lights and roughens what is drawn, leaves the background 0, and writes bytes from `offset` on. */
  finish(dice: Dice, out: Uint8Array, offset: number): void {
    const { pixels, folds } = this;
    const lightX = dice.around(0, 0.008);
    const lightY = dice.around(0, 0.008);
    const grain = dice.between(0.02, 0.11);
    const depth = dice.between(0.03, 0.16);
    // Folds: smooth noise between random values on a 6 × 6 lattice.
    for (let i = 0; i < folds.length; i++) folds[i] = dice.between(-depth, depth);
    const weave = dice.chance(0.3) ? 1 + dice.below(3) : 0;
    const period = 2 + dice.below(4);
    const phase = dice.below(period);
    const contrast = weave === 0 ? 0 : dice.between(0.06, 0.42);
    for (let y = 0, p = 0; y < SIZE; y++) {
      const gy = (y * 5) / SIZE;
      const cy = Math.floor(gy);
      const ty = gy - cy;
      const lineY = (y + phase) % period === 0;
      for (let x = 0; x < SIZE; x++, p++) {
        const value = pixels[p];
        if (value < FAINTEST) {
          out[offset + p] = 0;
          continue;
        }
        const gx = (x * 5) / SIZE;
        const cx = Math.floor(gx);
        const tx = gx - cx;
        const at = cy * 6 + cx;
        const fold =
          (1 - ty) * ((1 - tx) * folds[at] + tx * folds[at + 1]) + ty * ((1 - tx) * folds[at + 6] + tx * folds[at + 7]);
        const striped = (weave !== 1 && lineY) || (weave !== 2 && (x + phase) % period === 0);
        const lit =
          1 +
          lightX * (x - CENTRE) +
          lightY * (y - CENTRE) +
          fold +
          dice.between(-grain, grain) -
          (striped ? contrast : 0);
        const grey = Math.floor(value * lit + 0.5);
        out[offset + p] = grey < 1 ? 1 : grey > 255 ? 255 : grey;
      }
    }
  }
}
