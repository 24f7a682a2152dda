// How much arithmetic a layer's passes are, in multiply-adds of inner products:
//   nominal   as if every product were formed (dense convolution, no zero left out)
//   executed  what the simd kernels form: Winograd's fewer products, and of sparse operands only what is listed. Widths
//             padded to whole vectors count in full; transforms, normalisation, pooling, activations, additions and list
//             making do not count.
// The functions look at the tensors of one micro-batch of n samples; they are slow and run outside all timing.
import { NARROW } from "../../dist/core/simd/dense.js";
import { fitsWinograd } from "../../dist/core/simd/winograd-convolution.js";
import { cover, tilesOf } from "../../dist/core/simd/winograd-tiles.js";

const roundUp = (n, multiple) => Math.ceil(n / multiple) * multiple;
const none = { nominal: 0, executed: 0 };

/** How many elements of the first n samples of a vector tensor are not 0. */
function nonZeros(t, n) {
  let count = 0;
  for (let s = 0; s < n; s++) for (let i = 0; i < t.shape[1]; i++) if (t.get(s, i) !== 0) count++;
  return count;
}

/** Whether the 4 × 4 input pixels under a pooled pixel's four windows are all 0, halo included (one channel). */
function isBlank(x, s, r, q) {
  const corner = x.offset + s * x.stride[0] + (2 * r - 1) * x.stride[1] + (2 * q - 1) * x.stride[2];
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 4; j++) if (x.data[corner + i * x.stride[1] + j * x.stride[2]] !== 0) return false;
  return true;
}

/** Calls visit(s, r, q) for each pooled pixel whose windows the kernels look at: all, or with one channel those not blank. */
function forEachWindow({ x, y }, n, visit) {
  for (let s = 0; s < n; s++)
    for (let r = 0; r < y.shape[1]; r++)
      for (let q = 0; q < y.shape[2]; q++) if (x.stride[2] !== 1 || !isBlank(x, s, r, q)) visit(s, r, q);
}

const convReluPool = {
  name: ({ x, w }) => `conv ${x.shape[3]}→${w.shape[0]}, relu, pool (${x.shape[1]}×${x.shape[2]})`,

  forward(t, n) {
    const [, height, width, channels] = t.x.shape;
    const [, rows, columns, outputs] = t.y.shape;
    const nominal = n * height * width * 9 * channels * outputs;
    if (t.x.stride[2] === 1) {
      let windows = 0;
      forEachWindow(t, n, () => windows++);
      return { nominal, executed: windows * 4 * 9 * roundUp(outputs, 4) };
    }
    let products = 0;
    for (const down of cover(2 * rows))
      for (const across of cover(2 * columns))
        products += down.count * across.count * (down.length + 2) * (across.length + 2);
    return { nominal, executed: n * products * t.x.stride[2] * roundUp(outputs, 8) };
  },

  /** Before it runs: only where the ReLU let something through and the gradient is not 0 does a window take part. */
  backward(t, n) {
    const [, height, width, channels] = t.x.shape;
    const outputs = t.y.shape[3];
    const passes = t.dx ? 2 : 1;
    let entries = 0;
    forEachWindow(t, n, (s, r, q) => {
      for (let o = 0; o < outputs; o++) if (t.y.get(s, r, q, o) > 0 && t.dy.get(s, r, q, o) !== 0) entries++;
    });
    const row = t.x.stride[2] === 1 ? 4 : 3 * t.x.stride[2];
    return { nominal: passes * n * height * width * 9 * channels * outputs, executed: passes * entries * 3 * row };
  },
};

/** Points of the Winograd tiles on n images, one product each for every pair of channels; the tiles of each shape go `together` at a time. */
function tilePoints([, height, width], n, together) {
  let points = 0;
  for (const down of tilesOf(height))
    for (const across of tilesOf(width))
      points += roundUp(n * down.count * across.count, together) * (down.length + 2) * (across.length + 2);
  return points;
}

/** Products of a convolution by Winograd in its three passes: output, gradient of the filters, gradient of the input. */
const winograd = {
  output: ({ x, y }, n) => tilePoints(y.shape, n, 4) * x.stride[2] * roundUp(y.stride[2], 8),
  weight: ({ x, y }, n) => tilePoints(y.shape, n, 1) * x.stride[2] * roundUp(y.stride[2], 8),
  input: ({ x, y }, n) => tilePoints(x.shape, n, 4) * y.stride[2] * roundUp(x.stride[2], 8),
};

const conv2d = {
  name: ({ x, w }) => `conv ${x.shape[3]}→${w.shape[0]} (${x.shape[1]}×${x.shape[2]})`,

  forward(t, n) {
    const { x, w, y } = t;
    const [, rows, columns, outputs] = y.shape;
    const kernel = w.shape[1];
    const windows = n * rows * columns * kernel * kernel;
    return {
      nominal: windows * x.shape[3] * outputs,
      executed: fitsWinograd(t) ? winograd.output(t, n) : windows * x.stride[2] * roundUp(outputs, 8),
    };
  },

  backward(t, n) {
    const { x, dx, w, y } = t;
    const nominal = (dx ? 2 : 1) * conv2d.forward(t, n).nominal;
    if (fitsWinograd(t)) return { nominal, executed: winograd.weight(t, n) + (dx ? winograd.input(t, n) : 0) };
    const kernel = w.shape[1];
    const weight = n * y.shape[1] * y.shape[2] * kernel * roundUp(w.stride[1], 8) * roundUp(y.shape[3], 4);
    const input = dx ? n * x.shape[1] * x.shape[2] * kernel * kernel * y.stride[2] * roundUp(x.shape[3], 8) : 0;
    return { nominal, executed: weight + input };
  },
};

const denseLayer = (relu) => ({
  name: ({ w }) => `dense ${w.shape[0]}→${w.shape[1]}${relu ? ", relu" : ""}`,

  forward({ x, w, y }, n) {
    const [inputs, outputs] = w.shape;
    const width = y.stride[0];
    const rows = inputs <= NARROW || width <= NARROW ? roundUp(n, 4) * inputs : nonZeros(x, n);
    return { nominal: n * inputs * outputs, executed: rows * width };
  },

  /** Before it runs, hence before a fused ReLU has masked dy. */
  backward({ x, dx, w, y, dy }, n) {
    const [inputs, outputs] = w.shape;
    const width = y.stride[0];
    const weight = (width <= NARROW ? n * roundUp(inputs, 4) : nonZeros(x, n)) * width;
    const depth = Math.min(roundUp(inputs, 4), x.stride[0]);
    let alive = 0;
    for (let s = 0; s < n; s++)
      for (let o = 0; o < outputs; o++) if (dy.get(s, o) !== 0 && (!relu || y.get(s, o) > 0)) alive++;
    const input = dx ? (outputs <= NARROW || depth <= NARROW ? roundUp(n, 4) * outputs : alive) * depth : 0;
    return { nominal: (dx ? 2 : 1) * n * inputs * outputs, executed: weight + input };
  },
});

/** An operation without inner products. */
const map = (name) => ({ name, forward: () => none, backward: () => none });
const named = (name) => map(() => name);
/** The same with the channels and sides of its input. */
const onImages = (name) =>
  map(({ x }, ...options) => `${name(...options)} ${x.shape[3]} (${x.shape[1]}×${x.shape[2]})`);

/** By the name of the function of the kernel set that makes the operation. */
export const work = {
  conv2d,
  dense: denseLayer(false),
  batchNorm: onImages(() => "batch norm"),
  relu: named("relu"),
  maxPool2d: named("pool"),
  globalMaxPool2d: onImages(() => "global pool"),
  fork: named("fork"),
  add: onImages(() => "add"),
  flatten: named("flatten"),
};

/** The same of the fused ones. */
export const fusedWork = {
  convReluPool,
  denseRelu: denseLayer(true),
  batchNormRelu: onImages(() => "batch norm, relu"),
  batchNormReluPool: onImages(() => "batch norm, relu, pool"),
};
