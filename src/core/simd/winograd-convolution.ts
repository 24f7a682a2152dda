// Convolution 3×3 to and from images of at least 4 × 4, by Winograd in all three passes; the mathematics: ../layers/conv2d.ts
import { address } from "./address.js";
import { clearGradients, pitches } from "./convolution.js";
import type { SimdExports } from "./exports.js";
import { smallest } from "../numeric/extremes.js";
import type { Conv2dTensors, Operation } from "../kernels/kernels.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";
import { tilesOf, type Tiles } from "./winograd-tiles.js";

/** Transformed tiles that go together take about this much: they stay in the L2 cache beside the filters of a point. */
const GROUP_BYTES = 450_000;
/** The same for the filters' gradient, whose sums run over tiles and so want many of them; it reads them once, in order. */
const GRADIENT_GROUP_BYTES = 2_000_000;

export function fitsWinograd({ x, w, y, stride }: Conv2dTensors): boolean {
  const sides = [x, y].flatMap(({ shape }) => shape.slice(1, 3));
  return w.shape[1] === 3 && stride === 1 && x.stride[2] % 4 === 0 && smallest(sides) >= 4;
}

interface Pass {
  down: Tiles;
  across: Tiles;
  points: number;
}

/** One pass for each shape of tile, over all samples. */
function passesOf(height: number, width: number): Pass[] {
  return tilesOf(height).flatMap((down) =>
    tilesOf(width).map((across) => ({ down, across, points: (down.length + 2) * (across.length + 2) })),
  );
}

/** Buffers that one call of a kernel fills and no other call reads, shared by all layers of a network. */
export class Scratch {
  private at = 0;
  private bytes = 0;

  constructor(private readonly arena: Arena) {}

  /** Address of at least this many bytes. */
  reserve(bytes: number): number {
    if (bytes > this.bytes) {
      this.at = this.arena.allocate(bytes);
      this.bytes = bytes;
    }
    return this.at;
  }
}

export function winogradConvolution(
  arena: Arena,
  scratch: Scratch,
  exports: SimdExports,
  { x, dx, w, dw, b, db, y, dy, padding }: Conv2dTensors,
): Operation {
  const [, rows, columns] = y.shape;
  const outputs = w.shape[0];
  const [inputPitch, outputPitch] = [x.stride[2], y.stride[2]];
  const xp = pitches(x);
  const dyp = pitches(dy);

  const bias = arena.allocate(roundUp(outputs, 8) * 4);
  const biasFrom = b && arena.byteView(address(b), outputs * 4);
  const biasTo = arena.byteView(bias, outputs * 4);
  const forward = convolution(passesOf(rows, columns), padding, outputs, inputPitch, outputPitch);
  const back = dx && convolution(passesOf(x.shape[1], x.shape[2]), 2 - padding, x.shape[3], outputPitch, inputPitch);
  const flipped = dx ? arena.allocate(x.shape[3] * 9 * outputPitch * 4) : 0;
  const zeros = dx ? arena.allocate(roundUp(inputPitch, 8) * 4) : 0;

  /** Room for a group of tiles, and the group's size: a multiple of 4, as products take four tiles at a time. */
  function buffers(
    bytes: number,
    points: number,
    channels: number,
    filters: number,
  ): { group: number; v: number; m: number; du: number; small: number } {
    const padded = roundUp(filters, 8);
    const group = Math.max(4, Math.floor(bytes / (points * (channels + padded) * 4) / 4) * 4);
    const v = points * (group * channels * 4 + 64);
    const m = points * (group * padded * 4 + 64);
    const du = points * (channels * padded * 4 + 64);
    // Eight lines of 128 bytes; then one word a tile, or 36 vectors.
    const small = 8 * 128 + Math.max(group * 4, 36 * 16);
    const at = scratch.reserve(v + m + du + small);
    return { group, v: at, m: at + v, du: at + v + m, small: at + v + m + du };
  }

  /** Filters in every shape that a pass wants, and the run over all passes; `pad` pixels of the halo are read. */
  function convolution(
    passes: Pass[],
    pad: number,
    filters: number,
    channels: number,
    pitch: number,
  ): { refresh: (from: number) => void; run: (n: number, from: Tensor, addend: number, to: Tensor) => void } {
    const transformed = new Map<string, number>();
    const key = ({ down, across }: Pass): string => `${down.length}×${across.length}`;
    const block = channels * 32;
    const point = Math.ceil(pitch / 8) * block + 64;
    for (const pass of passes)
      if (!transformed.has(key(pass))) transformed.set(key(pass), arena.allocate(pass.points * point));
    const bound = passes.map((pass) => ({
      ...pass,
      ...buffers(GROUP_BYTES, pass.points, channels, pitch),
      filters: transformed.get(key(pass)) ?? 0,
    }));
    return {
      refresh(from) {
        const done = new Set<number>();
        for (const { down, across, filters: u, small } of bound) {
          if (!done.has(u))
            exports.winogradFilters(filters, channels, down.length, across.length, from, u, block, point, small);
          done.add(u);
        }
      },
      run(n, from, addend, to) {
        const [fp, tp] = [pitches(from), pitches(to)];
        const corner = address(from) - pad * (fp.row + fp.pixel);
        for (const { down, across, group, v, m, small, filters: u } of bound)
          exports.winogradConvolve(
            n,
            down.count,
            across.count,
            down.length,
            across.length,
            channels,
            pitch,
            group,
            corner + down.start * fp.row + across.start * fp.pixel,
            fp.sample,
            fp.row,
            fp.pixel,
            u,
            addend,
            address(to) + down.start * tp.row + across.start * tp.pixel,
            tp.sample,
            tp.row,
            tp.pixel,
            v,
            m,
            small,
          );
      },
    };
  }

  const gradientPasses = passesOf(rows, columns).map((pass) => ({
    ...pass,
    ...buffers(GRADIENT_GROUP_BYTES, pass.points, inputPitch, outputPitch),
  }));
  const corner = address(x) - padding * (xp.row + xp.pixel);
  return {
    refresh() {
      if (biasFrom) biasTo.set(biasFrom);
      forward.refresh(address(w));
      if (!back) return;
      exports.flipFilters(outputs, outputPitch, x.shape[3], inputPitch, address(w), flipped);
      back.refresh(flipped);
    },
    forward(n) {
      forward.run(n, x, bias, y);
    },
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      for (let s = 0; db && s < n; s++)
        for (let r = 0; r < rows; r++)
          exports.addColumnSums(
            columns,
            outputPitch,
            address(dy) + s * dyp.sample + r * dyp.row,
            dyp.pixel,
            address(db),
          );
      for (const { down, across, group, v, m, du, small } of gradientPasses)
        exports.winogradWeightGradient(
          n,
          down.count,
          across.count,
          down.length,
          across.length,
          down.skip,
          across.skip,
          inputPitch,
          outputs,
          outputPitch,
          group,
          corner + down.start * xp.row + across.start * xp.pixel,
          xp.sample,
          xp.row,
          xp.pixel,
          address(dy) + down.start * dyp.row + across.start * dyp.pixel,
          dyp.sample,
          dyp.row,
          dyp.pixel,
          address(dw),
          v,
          m,
          du,
          small,
        );
      if (dx && back) back.run(n, dy, zeros, dx);
    },
  };
}
