// N samples, C channels in, O out, P × Q pooled pixels: y = maxPool(relu(x ⋆ w + b)); the arithmetic:
// ../reference/conv2d.ts, relu.ts, max-pool2d.ts
import { address, imageAt, pitches } from "./address.js";
import { clearGradients, paddedBias } from "./convolution-parameters.js";
import type { SimdExports } from "./exports.generated.js";
import { largest } from "../numeric/extremes.js";
import type { ConvReluPoolTensors, Operation } from "../kernels/kernels.js";
import { originOf, type Arena } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";
import { cover, LINE } from "./winograd-tiles.js";

/** Windows whose gradients are listed together: their pixels and lists stay in the L1 cache. */
const LISTED_WINDOWS = 150;
/** Tiles that the Winograd kernel handles together (GROUP in assembly/winograd.ts). */
const GROUP = 16;

/** Of an unpadded image of one channel, which gets no gradient, or of a padded one of at least 4 × 4 pixels. */
export function convReluPool(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  return t.x.stride[2] === 1 ? fromSingleChannel(arena, exports, t) : fromChannels(arena, exports, t);
}

/** Bytes of the winners' addresses for all samples: one word for each pooled output, and three pixels that are read beyond the last. */
const winnerBytes = ({ y }: ConvReluPoolTensors): number =>
  (y.shape[0] * y.shape[1] * y.shape[2] + 3) * y.stride[2] * 4;

/** The lists of winning windows and gradients, made for a few samples at a time. */
interface WindowLists {
  /** Address of two words an output channel: where its list starts and ends. */
  bounds: number;
  /** Makes the lists of each group of the first n samples, adding to db, and calls use() for it. */
  forEachGroup(n: number, use: () => void): void;
}

function windowLists(
  arena: Arena,
  exports: SimdExports,
  { y, dy, db }: ConvReluPoolTensors,
  winner: number,
): WindowLists {
  const [samples, rows, columns, outputs] = y.shape;
  const { sample, row, pixel } = pitches(y);
  const group = Math.max(1, Math.min(samples, Math.floor(LISTED_WINDOWS / (rows * columns))));
  const capacity = (group * rows * columns + 4) * 8;
  const at = arena.allocate(roundUp(outputs, 4) * capacity);
  const bounds = arena.allocate(roundUp(outputs, 4) * 8);
  const sampleWinners = rows * columns * pixel;
  return {
    bounds,
    forEachGroup(n, use) {
      for (let s = 0; s < n; s += group) {
        exports.windowLists(
          Math.min(group, n - s),
          rows,
          columns,
          outputs,
          address(y) + s * sample,
          address(dy) + s * sample,
          sample,
          row,
          pixel,
          winner + s * sampleWinners,
          at,
          capacity,
          bounds,
          address(db),
        );
        use();
      }
    },
  };
}

/** The first layer: direct convolution of an image of one channel. */
function fromSingleChannel(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  const { x, w, dw, b, db, y } = t;
  const outputs = w.shape[0];
  const [, rows, columns] = y.shape;
  const [corner, sample, row] = imageAt(x, -1, -1);
  const bias = paddedBias(arena, outputs, b);
  const packed = arena.allocate(roundUp(outputs, 4) * 9 * 4);
  const winner = arena.allocate(winnerBytes(t));
  const lists = windowLists(arena, exports, t, winner);
  const to = imageAt(y);
  return {
    refresh() {
      bias.refresh();
      exports.packSingleChannel(outputs, address(w), packed);
    },
    forward: (n) =>
      exports.singleChannelForward(n, rows, columns, outputs, corner, sample, row, packed, bias.at, ...to, winner),
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      lists.forEachGroup(n, () => exports.singleChannelWeightGradient(outputs, row, lists.bounds, address(dw)));
    },
  };
}

/** Every later layer: Winograd forward, sparse backward. */
function fromChannels(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  const { x, dx, w, dw, db } = t;
  const [, height, width] = x.shape;
  const outputs = w.shape[0];
  const vectors = (3 * x.stride[2]) / 4;
  const { sample, row } = pitches(x);
  const { winner, refresh, forward } = winogradOutput(arena, exports, t);
  const lists = windowLists(arena, exports, t, winner);
  return {
    refresh,
    forward,
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      if (dx) exports.zero(address(dx) - originOf(dx) * 4, n * sample);
      lists.forEachGroup(n, () => {
        exports.windowWeightGradient(outputs, vectors, row, lists.bounds, address(dw));
        if (dx) exports.windowInputGradient(outputs, vectors, row, address(dx) - address(x), lists.bounds, address(w));
      });
      if (dx) exports.clearHalo(n, height, width, ...imageAt(dx));
    },
  };
}

/** y and the winners' addresses: one pass for each shape of tile, with the filters transformed for it. */
function winogradOutput(
  arena: Arena,
  exports: SimdExports,
  t: ConvReluPoolTensors,
): { winner: number; refresh: () => void; forward: (n: number) => void } {
  const { x, w, b, y } = t;
  const [, rows, columns, outputs] = y.shape;
  const [channels, pitch] = [x.stride[2], y.stride[2]];
  const passes = cover(2 * rows).flatMap((down) =>
    cover(2 * columns).map((across) => {
      const points = (down.length + 2) * (across.length + 2);
      return {
        down,
        across,
        points,
        filters: arena.allocate(roundUp(outputs, 8) * points * channels * 4),
        from: imageAt(x, down.start - 1, across.start - 1),
        to: imageAt(y, down.start / 2, across.start / 2),
      };
    }),
  );
  const points = largest(passes.map((pass) => pass.points));
  const bias = paddedBias(arena, outputs, b);
  const tiles = arena.allocate(points * (GROUP * channels * 4 + 64));
  const products = arena.allocate(points * (GROUP * 32 + 64));
  const scratch = arena.allocate(36 * 16 + 8 * LINE + GROUP * 12);
  const winner = arena.allocate(winnerBytes(t));
  const winnerRow = columns * pitch * 4;
  return {
    winner,
    refresh() {
      bias.refresh();
      const point = channels * 32;
      for (const { down, across, points, filters } of passes)
        exports.winogradFilters(
          outputs,
          channels,
          down.length,
          across.length,
          address(w),
          filters,
          points * point,
          point,
          scratch,
        );
    },
    forward(n) {
      for (const { down, across, filters, from, to } of passes)
        exports.winogradForward(
          n,
          down.count,
          across.count,
          down.length,
          across.length,
          channels,
          pitch,
          ...from,
          filters,
          bias.at,
          ...to,
          winner + (down.start / 2) * winnerRow + (across.start / 2) * pitch * 4,
          rows * winnerRow,
          winnerRow,
          tiles,
          products,
          scratch,
        );
    },
  };
}
