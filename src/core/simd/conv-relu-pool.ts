// N samples, C channels in, O out, P × Q pooled pixels: y = maxPool(relu(x ⋆ w + b)); the mathematics:
// ../layers/conv2d.ts, relu.ts, max-pool2d.ts
import { clearGradients, pitches } from "./convolution.js";
import type { SimdExports } from "./exports.js";
import { address } from "./kernels.js";
import type { ConvReluPoolTensors, Operation } from "../kernels.js";
import { roundUp, type Arena } from "../tensor.js";

/** Windows whose gradients are listed together: their pixels and lists stay in the L1 cache. */
const LISTED_WINDOWS = 150;
/** Tiles that the Winograd kernel handles together (GROUP in assembly/winograd.ts). */
const GROUP = 16;

export function convReluPool(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  return t.x.stride[2] === 1 ? fromSingleChannel(arena, exports, t) : fromChannels(arena, exports, t);
}

/** Bytes of the winners' addresses for all samples: one word for each pooled output, and three pixels that are read beyond the last. */
const winnerBytes = ({ y }: ConvReluPoolTensors): number => (y.shape[0] * y.shape[1] * y.shape[2] + 3) * y.stride[2] * 4;

/** The bias, padded with zeros to a multiple of 8. */
function paddedBias(arena: Arena, { b }: ConvReluPoolTensors): { bias: number; refresh: () => void } {
  const outputs = b.shape[0];
  const bias = arena.allocate(roundUp(outputs, 8) * 4);
  const from = arena.byteView(address(b), outputs * 4);
  const to = arena.byteView(bias, outputs * 4);
  return { bias, refresh: () => to.set(from) };
}

/** The first layer: direct convolution of an image of one channel. */
function fromSingleChannel(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  const { x, w, dw, db, y, dy } = t;
  const outputs = w.shape[0];
  const [, rows, columns] = y.shape;
  const [xp, yp] = [pitches(x), pitches(y)];
  const { bias, refresh } = paddedBias(arena, t);
  const packed = arena.allocate(roundUp(outputs, 4) * 9 * 4);
  const winner = arena.allocate(winnerBytes(t));
  const corner = address(x) - xp.row - xp.pixel;
  return {
    refresh() {
      refresh();
      exports.packSingleChannel(outputs, address(w), packed);
    },
    forward(n) {
      exports.singleChannelForward(n, rows, columns, outputs, corner, xp.sample, xp.row, packed, bias, address(y), yp.sample, yp.row, yp.pixel, winner);
    },
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      exports.singleChannelWeightGradient(n, rows, columns, outputs, xp.row, address(y), address(dy), yp.sample, yp.row, yp.pixel, winner, address(dw), address(db));
    },
  };
}

/** Multiplications of F(m×m, 3×3) over a pooled image, in units of C·O. */
function winogradCost(rows: number, columns: number, m: number): number {
  return 2 * rows < m || 2 * columns < m ? Infinity : Math.ceil((2 * rows) / m) * Math.ceil((2 * columns) / m) * (m + 2) * (m + 2);
}

/** Every later layer: Winograd forward, sparse backward. */
function fromChannels(arena: Arena, exports: SimdExports, t: ConvReluPoolTensors): Operation {
  const { x, dx, w, dw, db, y, dy } = t;
  const [samples, height, width] = x.shape;
  const [, rows, columns, outputs] = y.shape;
  const channels = x.stride[2];
  const vectors = (3 * channels) / 4;
  const [xp, yp] = [pitches(x), pitches(y)];
  const corner = address(x) - xp.row - xp.pixel;

  // Of equal costs the smaller tile: its transforms are cheaper and rounder.
  const m = winogradCost(rows, columns, 6) < winogradCost(rows, columns, 4) ? 6 : 4;
  const points = (m + 2) * (m + 2);
  const { bias, refresh } = paddedBias(arena, t);
  const filters = arena.allocate(roundUp(outputs, 8) * points * channels * 4);
  const tiles = arena.allocate(points * (GROUP * channels * 4 + 64));
  const products = arena.allocate(points * (GROUP * 32 + 64));
  const scratch = arena.allocate(2 * points * 16 + GROUP * 12);
  const winner = arena.allocate(winnerBytes(t));

  const group = Math.max(1, Math.min(samples, Math.floor(LISTED_WINDOWS / (rows * columns))));
  const capacity = (group * rows * columns + 4) * 8;
  const lists = arena.allocate(roundUp(outputs, 4) * capacity);
  const ends = arena.allocate(roundUp(outputs, 4) * 4);
  const sampleWinners = rows * columns * yp.pixel;

  return {
    refresh() {
      refresh();
      exports.winogradFilters(outputs, channels, m, address(w), filters, scratch);
    },
    forward(n) {
      exports.winogradForward(n, rows, columns, channels, y.stride[2], m, corner, xp.sample, xp.row, xp.pixel,
        filters, bias, address(y), yp.sample, yp.row, yp.pixel, winner, tiles, products, scratch);
    },
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      if (dx) exports.zero(address(dx) - xp.row - xp.pixel, n * xp.sample);
      for (let s = 0; s < n; s += group) {
        exports.windowLists(Math.min(group, n - s), rows, columns, outputs, address(y) + s * yp.sample, address(dy) + s * yp.sample,
          yp.sample, yp.row, yp.pixel, winner + s * sampleWinners, lists, capacity, ends, address(db));
        exports.windowWeightGradient(outputs, vectors, xp.row, lists, capacity, ends, address(dw));
        if (dx) exports.windowInputGradient(outputs, vectors, xp.row, address(dx) - address(x), lists, capacity, ends, address(w));
      }
      if (dx) exports.clearHalo(n, height, width, address(dx), xp.sample, xp.row, xp.pixel);
    },
  };
}
