// How much arithmetic a layer's passes are, in multiply-adds of inner products:
//   nominal   as if every product were formed (dense convolution, no zero left out)
//   executed  what the simd kernels form: Winograd's fewer products, and of sparse operands only what is listed. Widths
//             padded to whole vectors count in full; transforms, pooling, activations and list making do not count.
// The functions look at the tensors of one micro-batch of n samples; they are slow and run outside all timing.
import { cover } from "../../dist/core/simd/conv-relu-pool.js";
import { NARROW } from "../../dist/core/simd/dense.js";

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
  for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) if (x.data[corner + i * x.stride[1] + j * x.stride[2]] !== 0) return false;
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
    for (const down of cover(2 * rows)) for (const across of cover(2 * columns)) products += down.count * across.count * (down.length + 2) * (across.length + 2);
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

const conv2d = {
  name: ({ x, w }) => `conv ${x.shape[3]}→${w.shape[0]} (${x.shape[1]}×${x.shape[2]})`,

  forward({ x, w, y }, n) {
    const [, rows, columns, outputs] = y.shape;
    const kernel = w.shape[1];
    const windows = n * rows * columns * kernel * kernel;
    return { nominal: windows * x.shape[3] * outputs, executed: windows * x.stride[2] * roundUp(outputs, 8) };
  },

  backward(t, n) {
    const { nominal } = conv2d.forward(t, n);
    const { x, dx, w, y } = t;
    const kernel = w.shape[1];
    const weight = n * y.shape[1] * y.shape[2] * kernel * roundUp(w.stride[1], 8) * roundUp(y.shape[3], 4);
    const input = dx ? n * x.shape[1] * x.shape[2] * kernel * kernel * y.stride[2] * roundUp(x.shape[3], 8) : 0;
    return { nominal: (dx ? 2 : 1) * nominal, executed: weight + input };
  },
};

const dense = {
  name: ({ w }, relu) => `dense ${w.shape[0]}→${w.shape[1]}${relu ? ", relu" : ""}`,

  forward({ x, w, y }, n) {
    const [inputs, outputs] = w.shape;
    const width = y.stride[0];
    const rows = inputs <= NARROW || width <= NARROW ? roundUp(n, 4) * inputs : nonZeros(x, n);
    return { nominal: n * inputs * outputs, executed: rows * width };
  },

  /** Before it runs, hence before a fused ReLU has masked dy. */
  backward({ x, dx, w, y, dy }, n, relu) {
    const [inputs, outputs] = w.shape;
    const width = y.stride[0];
    const weight = (width <= NARROW ? n * roundUp(inputs, 4) : nonZeros(x, n)) * width;
    const depth = Math.min(roundUp(inputs, 4), x.stride[0]);
    let alive = 0;
    for (let s = 0; s < n; s++) for (let o = 0; o < outputs; o++) if (dy.get(s, o) !== 0 && (!relu || y.get(s, o) > 0)) alive++;
    const input = dx ? (outputs <= NARROW || depth <= NARROW ? roundUp(n, 4) * outputs : alive) * depth : 0;
    return { nominal: (dx ? 2 : 1) * n * inputs * outputs, executed: weight + input };
  },
};

const map = (name) => ({ name: () => name, forward: () => none, backward: () => none });

/** By the name of the function of the kernel set that makes the operation. */
export const work = { convReluPool, conv2d, dense, relu: map("relu"), maxPool2d: map("pool"), flatten: map("flatten") };
