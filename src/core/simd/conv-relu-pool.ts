// N samples, C channels in, O out, P × Q pooled pixels: y = maxPool(relu(x ⋆ w + b)); the mathematics:
// ../layers/conv2d.ts, relu.ts, max-pool2d.ts
import { clearGradients, pitches } from "./convolution.js";
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import { largest } from "../numeric/extremes.js";
import type { ConvReluPoolTensors, Operation } from "../kernels/kernels.js";
import { originOf, type Arena } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";
import { cover } from "./winograd-tiles.js";

/** Windows whose gradients are listed together: their pixels and lists stay in the L1 cache. */
const LISTED_WINDOWS = 150;
/** Tiles that the Winograd kernel handles together (GROUP in assembly/winograd.ts). */
const GROUP = 16;

export function convReluPool(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  return t.x.stride[2] === 1 ? fromSingleChannel(arena, exports, t) : fromChannels(arena, exports, t);
}

/** Bytes of the winners' addresses for all samples: one word for each pooled output, and three pixels that are read beyond the last. */
const winnerBytes = ({ y }: ConvReluPoolTensors): number =>
  (y.shape[0] * y.shape[1] * y.shape[2] + 3) * y.stride[2] * 4;

/** The bias, padded with zeros to a multiple of 8. */
function paddedBias(arena: Arena, { b }: ConvReluPoolTensors): { bias: number; refresh: () => void } {
  const outputs = b.shape[0];
  const bias = arena.allocate(roundUp(outputs, 8) * 4);
  const from = arena.byteView(address(b), outputs * 4);
  const to = arena.byteView(bias, outputs * 4);
  return { bias, refresh: () => to.set(from) };
}

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
  const yp = pitches(y);
  const group = Math.max(1, Math.min(samples, Math.floor(LISTED_WINDOWS / (rows * columns))));
  const capacity = (group * rows * columns + 4) * 8;
  const at = arena.allocate(roundUp(outputs, 4) * capacity);
  const bounds = arena.allocate(roundUp(outputs, 4) * 8);
  const sampleWinners = rows * columns * yp.pixel;
  return {
    bounds,
    forEachGroup(n, use) {
      for (let s = 0; s < n; s += group) {
        exports.windowLists(
          Math.min(group, n - s),
          rows,
          columns,
          outputs,
          address(y) + s * yp.sample,
          address(dy) + s * yp.sample,
          yp.sample,
          yp.row,
          yp.pixel,
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
  const { x, w, dw, db, y } = t;
  const outputs = w.shape[0];
  const [, rows, columns] = y.shape;
  const [xp, yp] = [pitches(x), pitches(y)];
  const { bias, refresh } = paddedBias(arena, t);
  const packed = arena.allocate(roundUp(outputs, 4) * 9 * 4);
  const winner = arena.allocate(winnerBytes(t));
  const lists = windowLists(arena, exports, t, winner);
  const corner = address(x) - xp.row - xp.pixel;
  return {
    refresh() {
      refresh();
      exports.packSingleChannel(outputs, address(w), packed);
    },
    forward(n) {
      exports.singleChannelForward(
        n,
        rows,
        columns,
        outputs,
        corner,
        xp.sample,
        xp.row,
        packed,
        bias,
        address(y),
        yp.sample,
        yp.row,
        yp.pixel,
        winner,
      );
    },
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      lists.forEachGroup(n, () => exports.singleChannelWeightGradient(outputs, xp.row, lists.bounds, address(dw)));
    },
  };
}

/** Every later layer: Winograd forward, sparse backward. */
function fromChannels(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  const { x, dx, w, dw, db, y } = t;
  const [, height, width] = x.shape;
  const [, rows, columns, outputs] = y.shape;
  const channels = x.stride[2];
  const vectors = (3 * channels) / 4;
  const [xp, yp] = [pitches(x), pitches(y)];
  const corner = address(x) - xp.row - xp.pixel;

  // One pass for each shape of tile, with the filters transformed for it.
  const passes = cover(2 * rows).flatMap((down) =>
    cover(2 * columns).map((across) => {
      const points = (down.length + 2) * (across.length + 2);
      return { down, across, points, filters: arena.allocate(roundUp(outputs, 8) * points * channels * 4) };
    }),
  );
  const points = largest(passes.map((pass) => pass.points));
  const { bias, refresh } = paddedBias(arena, t);
  const tiles = arena.allocate(points * (GROUP * channels * 4 + 64));
  const products = arena.allocate(points * (GROUP * 32 + 64));
  const scratch = arena.allocate(36 * 16 + 8 * 128 + GROUP * 12);
  const winner = arena.allocate(winnerBytes(t));

  const lists = windowLists(arena, exports, t, winner);

  return {
    refresh() {
      refresh();
      for (const { down, across, points, filters } of passes)
        exports.winogradFilters(
          outputs,
          channels,
          down.length,
          across.length,
          address(w),
          filters,
          points * channels * 32,
          channels * 32,
          scratch,
        );
    },
    forward(n) {
      for (const { down, across, filters } of passes) {
        const [top, left] = [down.start / 2, across.start / 2];
        exports.winogradForward(
          n,
          down.count,
          across.count,
          down.length,
          across.length,
          channels,
          y.stride[2],
          corner + down.start * xp.row + across.start * xp.pixel,
          xp.sample,
          xp.row,
          xp.pixel,
          filters,
          bias,
          address(y) + top * yp.row + left * yp.pixel,
          yp.sample,
          yp.row,
          yp.pixel,
          winner + (top * columns + left) * yp.pixel,
          rows * columns * yp.pixel,
          columns * yp.pixel,
          tiles,
          products,
          scratch,
        );
      }
    },
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      if (dx) exports.zero(address(dx) - originOf(dx) * 4, n * xp.sample);
      lists.forEachGroup(n, () => {
        exports.windowWeightGradient(outputs, vectors, xp.row, lists.bounds, address(dw));
        if (dx)
          exports.windowInputGradient(outputs, vectors, xp.row, address(dx) - address(x), lists.bounds, address(w));
      });
      if (dx) exports.clearHalo(n, height, width, address(dx), xp.sample, xp.row, xp.pixel);
    },
  };
}
