/**
 * Grey polygons on a small square, then light, fabric and grain. Only + - * / and the core's own sine and cosine touch the
 * numbers, so every engine draws the same picture.
 */
import { mat2d, vec2 } from "gl-matrix";
import { cosine, sine } from "../numeric/math.js";
import type { Dice } from "./dice.js";

/** Scan lines a pixel row; coverage along a scan line is exact. */
const LINES = 2;
/** Darker than this is background, and exactly 0. */
const FAINTEST = 8;
/** Folds are smooth noise between random values on a lattice of this many cells a side. */
const CELLS = 5;

export class Canvas {
  private readonly pixels: Float64Array;
  private readonly cover: Float64Array;
  private readonly folds = new Float64Array((CELLS + 1) * (CELLS + 1));
  /** From the coordinates of a drawing to pixels. */
  private readonly map = new Float64Array(6);
  /** Of the polygon at hand, in pixels: x, y, x, y, … */
  private readonly corners = new Float64Array(64);
  private readonly corner = new Float64Array(2);
  private readonly crossings = new Float64Array(32);

  /** @param size height and width of the picture, in pixels */
  constructor(private readonly size: number) {
    this.pixels = new Float64Array(size * size);
    this.cover = new Float64Array(size);
  }

  /**
   * What is drawn from now on lies slightly moved, turned and stretched: its x count from the picture's middle, its y from
   * `down` pixels below the upper edge.
   */
  place(dice: Dice, down: number): void {
    const { map } = this;
    const centre = this.size / 2;
    const [scale, stretch, angle] = [dice.around(1, 0.06), dice.around(1, 0.05), dice.around(0, 0.045)];
    const [c, s] = [scale * cosine(angle), scale * sine(angle)];
    mat2d.fromTranslation(map, [centre + dice.around(0, 0.9), centre + dice.around(0, 0.8)]);
    mat2d.multiply(map, map, [c, s, -s, c, 0, 0]);
    mat2d.scale(map, map, [stretch, 1 / stretch]);
    mat2d.translate(map, map, [0, down - centre]);
  }

  /** Fills a polygon (x, y, x, y, …; even-odd) with one grey in 0 to 255. At most 32 corners. */
  polygon(points: readonly number[], shade: number): void {
    const { size, cover, crossings, pixels, corners, corner } = this;
    let [top, bottom] = [size, 0];
    for (let i = 0; i < points.length; i += 2) {
      vec2.transformMat2d(corner, [points[i], points[i + 1]], this.map);
      corners.set(corner, i);
      top = Math.min(top, corner[1]);
      bottom = Math.max(bottom, corner[1]);
    }
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(size, bottom); row++) {
      cover.fill(0);
      for (let line = 0; line < LINES; line++) {
        const y = row + (line + 0.5) / LINES;
        let count = 0;
        for (let q = 0, p = points.length - 2; q < points.length; p = q, q += 2) {
          const from = corners[p + 1];
          const to = corners[q + 1];
          if (from <= y === to <= y) continue;
          const x = corners[p] + ((y - from) / (to - from)) * (corners[q] - corners[p]);
          let k = count++;
          for (; k > 0 && crossings[k - 1] > x; k--) crossings[k] = crossings[k - 1];
          crossings[k] = x;
        }
        for (let k = 0; k + 1 < count; k += 2) {
          const from = Math.max(0, crossings[k]);
          const to = Math.min(size, crossings[k + 1]);
          for (let x = Math.floor(from); x < to; x++) cover[x] += (Math.min(x + 1, to) - Math.max(x, from)) / LINES;
        }
      }
      for (let x = 0, p = row * size; x < size; x++, p++) pixels[p] += (shade - pixels[p]) * cover[x];
    }
  }

  /** A polygon and its mirror image, left and right of the middle. */
  pair(points: readonly number[], shade: number): void {
    this.polygon(points, shade);
    this.polygon(
      points.map((value, i) => (i % 2 === 0 ? -value : value)),
      shade,
    );
  }

  /** The polygon between a line from top to bottom and its mirror image. */
  symmetric(side: readonly number[], shade: number): void {
    const points = [...side];
    for (let i = side.length - 2; i >= 0; i -= 2) points.push(-side[i], side[i + 1]);
    this.polygon(points, shade);
  }

  /** A rectangle `half` to the left and right of the middle. */
  band(half: number, top: number, bottom: number, shade: number): void {
    this.symmetric([half, top, half, bottom], shade);
  }

  /** Straight lines from point to point, with blunt ends. */
  stroke(points: readonly number[], width: number, shade: number): void {
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x, y, toX, toY] = points.slice(i, i + 4);
      const half = width / 2 / (Math.sqrt((toX - x) * (toX - x) + (toY - y) * (toY - y)) + 1e-9);
      const [ax, ay] = [(toY - y) * half, (x - toX) * half];
      this.polygon([x + ax, y + ay, toX + ax, toY + ay, toX - ax, toY - ay, x - ax, y - ay], shade);
    }
  }

  /** Weaves, lights and roughens what is drawn, leaves the background 0, writes bytes from `offset` on, and begins anew. */
  finish(dice: Dice, out: Uint8Array, offset: number): void {
    const { pixels, folds, size } = this;
    const [lightX, lightY] = [dice.around(0, 0.008), dice.around(0, 0.008)];
    const [grain, depth] = [dice.between(0.02, 0.11), dice.between(0.03, 0.16)];
    for (let i = 0; i < folds.length; i++) folds[i] = dice.between(-depth, depth);
    // Stripes across, down, or both.
    const weave = dice.chance(0.3) ? 1 + dice.below(3) : 0;
    const period = 2 + dice.below(4);
    const phase = dice.below(period);
    const contrast = dice.between(0.06, 0.42);
    for (let y = 0, p = 0; y < size; y++)
      for (let x = 0; x < size; x++, p++) {
        out[offset + p] = 0;
        if (pixels[p] < FAINTEST) continue;
        const across = (weave & 1) === 1 && (y + phase) % period === 0;
        const striped = across || ((weave & 2) === 2 && (x + phase) % period === 0);
        const light = 1 + lightX * (x - size / 2) + lightY * (y - size / 2) + dice.between(-grain, grain);
        const grey = pixels[p] * (light + this.foldAt(x, y) - (striped ? contrast : 0));
        out[offset + p] = Math.min(255, Math.max(1, Math.floor(grey + 0.5)));
      }
    pixels.fill(0);
  }

  /** The folds' noise at a pixel, between the values at the four corners of its cell. */
  private foldAt(x: number, y: number): number {
    const { folds, size } = this;
    const [column, row] = [Math.floor((x * CELLS) / size), Math.floor((y * CELLS) / size)];
    const u = (x * CELLS) / size - column;
    const at = row * (CELLS + 1) + column;
    const below = at + CELLS + 1;
    const upper = folds[at] + u * (folds[at + 1] - folds[at]);
    return upper + ((y * CELLS) / size - row) * (folds[below] + u * (folds[below + 1] - folds[below]) - upper);
  }
}
