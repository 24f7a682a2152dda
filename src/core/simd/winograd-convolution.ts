// Convolution 3×3 to and from images of at least 4 × 4, by Winograd in all three passes; the arithmetic: ../reference/conv2d.ts
import { address, imageAt } from "./address.js";
import { addBiasGradient, clearGradients, paddedBias } from "./convolution-parameters.js";
import type { SimdExports } from "./exports.generated.js";
import { smallest } from "../numeric/extremes.js";
import type { Conv2dTensors, Operation } from "../kernels/kernels.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";
import { LINE, tilesOf, type Tiles } from "./winograd-tiles.js";

/** Transformed tiles that go together take about this much: they stay in the L2 cache beside the filters of a point. */
const GROUP_BYTES = 450_000;
/** The same for the filters' gradient, whose sums run over tiles and so want many of them; it reads them once, in order. */
const GRADIENT_GROUP_BYTES = 2_000_000;

/** Whether a convolution is one that `winogradConvolution` takes. */
export function fitsWinograd({ x, w, y, stride }: Conv2dTensors): boolean {
  const sides = [x, y].flatMap(({ shape }) => shape.slice(1, 3));
  return w.shape[1] === 3 && stride === 1 && x.stride[2] % 4 === 0 && smallest(sides) >= 4;
}

/** One shape of tile, wherever it lies in an image. */
interface TilePass {
  down: Tiles;
  across: Tiles;
  points: number;
}

/** One pass for each shape of tile, over all samples. */
function passesOf({ shape: [, height, width] }: Tensor): TilePass[] {
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
  private reserve(bytes: number): number {
    if (bytes > this.bytes) {
      this.at = this.arena.allocate(bytes);
      this.bytes = bytes;
    }
    return this.at;
  }

  /** Room for a group of tiles that takes about `bytes`, and the group's size: a multiple of 4, as products take four tiles at a time. */
  group(
    bytes: number,
    { points }: TilePass,
    channels: number,
    filters: number,
  ): { group: number; v: number; m: number; du: number; small: number } {
    const padded = roundUp(filters, 8);
    const group = Math.max(4, Math.floor(bytes / (points * (channels + padded) * 4) / 4) * 4);
    const v = points * (group * roundUp(channels, 8) * 4 + 64);
    const m = points * (group * padded * 4 + 64);
    const du = points * (channels * padded * 4 + 64);
    // Eight lines; then one word a tile, or 36 pairs of vectors.
    const small = 8 * LINE + Math.max(group * 4, 36 * 32);
    const at = this.reserve(v + m + du + small);
    return { group, v: at, m: at + v, du: at + v + m, small: at + v + m + du };
  }
}

/** Convolution that `fitsWinograd`. */
export function winogradConvolution(arena: Arena, scratch: Scratch, exports: SimdExports, t: Conv2dTensors): Operation {
  const { x, dx, w, dw, b, db, y, dy, padding } = t;
  const bias = paddedBias(arena, w.shape[0], b);
  const output = convolution(arena, scratch, exports, { from: x, to: y, padding });
  const inputGradient = dx && inputGradientOf(arena, scratch, exports, t, dx);
  const addWeightGradient = weightGradient(scratch, exports, t);
  return {
    refresh() {
      bias.refresh();
      output.refresh(address(w));
      inputGradient?.refresh();
    },
    forward: (n) => output.run(n, bias.at),
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      if (db) addBiasGradient(exports, n, dy, db);
      addWeightGradient(n);
      inputGradient?.run(n);
    },
  };
}

/** From images to images, `padding` pixels of the halo being read: the filters in every shape that a pass wants, and the run over all passes. */
function convolution(
  arena: Arena,
  scratch: Scratch,
  exports: SimdExports,
  { from, to, padding }: { from: Tensor; to: Tensor; padding: number },
): { refresh: (filters: number) => void; run: (n: number, bias: number) => void } {
  const filters = to.shape[3];
  const [channels, pitch] = [from.stride[2], to.stride[2]];
  const block = channels * 32;
  const point = Math.ceil(pitch / 8) * block + 64;
  const passes = passesOf(to);
  const transformed = new Map<string, number>();
  const key = ({ down, across }: TilePass): string => `${down.length}×${across.length}`;
  for (const pass of passes)
    if (!transformed.has(key(pass))) transformed.set(key(pass), arena.allocate(pass.points * point));
  const bound = passes.map((pass) => ({
    ...pass,
    ...scratch.group(GROUP_BYTES, pass, channels, pitch),
    u: transformed.get(key(pass)) ?? 0,
    tiles: imageAt(from, pass.down.start - padding, pass.across.start - padding),
    outputs: imageAt(to, pass.down.start, pass.across.start),
  }));
  return {
    refresh(w) {
      const done = new Set<number>();
      for (const { down, across, u, small } of bound) {
        if (!done.has(u))
          exports.winogradFilters(filters, channels, down.length, across.length, w, u, block, point, small);
        done.add(u);
      }
    },
    run(n, bias) {
      for (const { down, across, group, u, v, m, small, tiles, outputs } of bound)
        exports.winogradConvolve(
          n,
          down.count,
          across.count,
          down.length,
          across.length,
          channels,
          pitch,
          group,
          ...tiles,
          u,
          bias,
          ...outputs,
          v,
          m,
          small,
        );
    },
  };
}

/** dx: the same from dy, its filters those of the weights turned by 180°, with the two channel axes exchanged. */
function inputGradientOf(
  arena: Arena,
  scratch: Scratch,
  exports: SimdExports,
  { w, dy, padding }: Conv2dTensors,
  dx: Tensor,
): { refresh: () => void; run: (n: number) => void } {
  const back = convolution(arena, scratch, exports, { from: dy, to: dx, padding: 2 - padding });
  const [outputs, outputPitch] = [w.shape[0], dy.stride[2]];
  const [channels, inputPitch] = [dx.shape[3], dx.stride[2]];
  const flipped = arena.allocate(channels * 9 * outputPitch * 4);
  const zeros = arena.allocate(roundUp(inputPitch, 8) * 4);
  return {
    refresh() {
      exports.flipFilters(outputs, outputPitch, channels, inputPitch, address(w), flipped);
      back.refresh(flipped);
    },
    run: (n) => back.run(n, zeros),
  };
}

/** Adds the gradient of the filters of the first n samples to dw. */
function weightGradient(
  scratch: Scratch,
  exports: SimdExports,
  { x, dw, dy, padding }: Conv2dTensors,
): (n: number) => void {
  const outputs = dy.shape[3];
  const [inputPitch, outputPitch] = [x.stride[2], dy.stride[2]];
  const bound = passesOf(dy).map((pass) => ({
    ...pass,
    ...scratch.group(GRADIENT_GROUP_BYTES, pass, inputPitch, outputPitch),
    tiles: imageAt(x, pass.down.start - padding, pass.across.start - padding),
    gradients: imageAt(dy, pass.down.start, pass.across.start),
  }));
  return (n) => {
    for (const { down, across, group, v, m, du, small, tiles, gradients } of bound)
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
        ...tiles,
        ...gradients,
        address(dw),
        v,
        m,
        du,
        small,
      );
  };
}
