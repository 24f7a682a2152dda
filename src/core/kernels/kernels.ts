/**
 * The interface that both kernel sets implement: `reference` (src/core/reference/reference.ts, plain TypeScript, any
 * precision) and `simd` (src/core/simd). A set binds tensors to an operation once; running it allocates nothing.
 */
import type { Arena, Tensor } from "./tensor.js";

/** A bound operation. It works on the first n samples of its tensors. */
export interface Operation {
  forward(n: number): void;
  /** Adds to parameter gradients, or overwrites them where `fresh`; always overwrites input gradients. May overwrite dy. */
  backward(n: number, fresh: boolean): void;
  /** Called when parameters have changed and before the next forward, for operations that keep derived weights. */
  refresh?(): void;
}

/** What the pass at hand is for. Operations that act differently in training, or draw random numbers, read it when they run. */
export interface Pass {
  /** Batch statistics and dropout, or running statistics and none. */
  training: boolean;
  /** Keys of random streams: the cell's seed, the epoch (from 1), and the place of the pass's first sample in the epoch's order. */
  seed: number;
  epoch: number;
  start: number;
  /** The fraction of the cell's epochs that lie behind. */
  progress: number;
  /** How much every training sample counts, by its index; all alike where absent. */
  weights?: Float32Array;
}

/** y = x ⋆ w + b (cross-correlation); see reference/conv2d.ts. */
export interface Conv2dTensors {
  /** [N, H, W, C] inside a halo of at least `padding`. */
  x: Tensor;
  /** Absent for the first layer, whose input needs no gradient. */
  dx?: Tensor;
  /** [O, kernel, kernel, C] */
  w: Tensor;
  dw: Tensor;
  /** [O]; both absent in a convolution without bias. */
  b?: Tensor;
  db?: Tensor;
  /** [N, H', W', O]; where the stride is 1, its gradient lies inside a halo of at least kernel - 1 - padding. */
  y: Tensor;
  dy: Tensor;
  stride: number;
  padding: number;
}

/** y = x · w + b; see reference/dense.ts. */
export interface DenseTensors {
  /** [N, I] */
  x: Tensor;
  dx?: Tensor;
  /** [I, O] */
  w: Tensor;
  dw: Tensor;
  /** [O] */
  b: Tensor;
  db: Tensor;
  /** [N, O] */
  y: Tensor;
  dy: Tensor;
}

/** Convolution 3×3 with bias, stride 1 and padding 1, ReLU and 2×2 max-pooling in one: y and dy are the pooled ones. */
export type ConvReluPoolTensors = Omit<Required<Conv2dTensors>, "dx" | "stride" | "padding"> &
  Pick<Conv2dTensors, "dx">;

/** A layer without parameters, from x to y. In-place layers have x = y and dx = dy. */
export interface MapTensors {
  x: Tensor;
  dx?: Tensor;
  y: Tensor;
  dy: Tensor;
}

/** Batch normalisation of images over N, H, W or of vectors over N; see reference/batch-norm.ts. y and dy are laid out as x. */
export interface BatchNormTensors extends MapTensors {
  /** [C] */
  w: Tensor;
  dw: Tensor;
  /** [C] */
  b: Tensor;
  db: Tensor;
  /** [2, C]: mean and variance, by which evaluation normalises. */
  running: Tensor;
  /** [2, C]: mean and unbiased variance of the samples that went forward last in training; written there. */
  batch: Tensor;
  epsilon: number;
}

/** The end of a residual block: y = x + skipped; see reference/add.ts. */
export interface AddTensors extends MapTensors {
  skipped: Tensor;
}

/** The loss and what evaluation needs, per sample; see reference/softmax-cross-entropy.ts. */
export interface LossOperation {
  /**
   * For the first n samples: the sum of their losses, each times its weight, is returned; predicted classes and their
   * probabilities are stored; the gradient of the logits is written, times weight and `scale` (1 / batch size).
   */
  run(n: number, scale: number): number;
  /** Fraction of every target that is spread over all classes; 0 at first. */
  smoothing: number;
  /** True classes, to be filled before `run`. Predictions are right where they equal these. */
  labels: Uint8Array;
  /** The second class of a sample mixed of two, and the first one's share in [0, 1]; 1 at first: then the partner has no part. */
  partners: Uint8Array;
  shares: Tensor;
  /** How much each sample counts; 1 at first. */
  weights: Tensor;
  predicted: Uint8Array;
  /** Softmax probability of the predicted class. */
  confidence: Tensor;
}

/** Copies samples into the input tensor, scaled to [0, 1]; see reference/gather.ts. */
export interface GatherOperation {
  /** Sample j of the input becomes image order[start + j], for j < n. */
  run(images: Uint8Array, order: Uint32Array, start: number, n: number): void;
}

/** Optimizers on flat arrays, parameters, gradients and state of one length, and the arithmetic around them; see src/core/optimizers. */
export interface OptimizerKernels {
  /** y ← y + a·x */
  addScaled(y: Tensor, x: Tensor, a: number): void;
  /** x ← a·x */
  scale(x: Tensor, a: number): void;
  /** e ← d·e + (1-d)·p */
  blend(e: Tensor, p: Tensor, d: number): void;
  /** Σ x², summed in Float64 in an order of the kernel set's own. */
  sumOfSquares(x: Tensor): number;
  /** p ← p - lr·g */
  sgd(p: Tensor, g: Tensor, lr: number): void;
  /** v ← momentum·v + g; p ← p - lr·(nesterov ? g + momentum·v : v) */
  momentum(p: Tensor, g: Tensor, v: Tensor, lr: number, momentum: number, nesterov: boolean): void;
  /** m ← β1·m + (1-β1)·g; v ← β2·v + (1-β2)·g²; p ← p - stepSize·m / (√v·rootScale + ε) */
  adam(p: Tensor, g: Tensor, m: Tensor, v: Tensor, coefficients: AdamCoefficients): void;
}

/** Of one step of Adam: the bias corrections are part of stepSize and rootScale. */
export interface AdamCoefficients {
  beta1: number;
  beta2: number;
  stepSize: number;
  rootScale: number;
  epsilon: number;
}

/** Of a matrix whose rows lie one after another. */
export interface MatrixSize {
  rows: number;
  /** With those that are padding, and hold zeros: a multiple of 4. */
  columns: number;
}

/** Neighbouring layers in one operation, whose output is the last one's and whose parameters are the first one's. */
export interface FusedKernels {
  /** Of an unpadded image of one channel, then without dx, or of a padded one of at least 4 × 4 pixels. */
  convReluPool(t: ConvReluPoolTensors): Operation;
  /** y = max(x · w + b, 0) */
  denseRelu(t: DenseTensors): Operation;
  /** y = max(0, normalised x); x a vector or a padded image. */
  batchNormRelu(t: BatchNormTensors, pass: Pass): Operation;
  /** Batch normalisation of a padded image, ReLU and 2×2 max-pooling: y and dy are the pooled ones. */
  batchNormReluPool(t: BatchNormTensors, pass: Pass): Operation;
}

export interface Kernels {
  readonly name: "reference" | "simd";
  readonly arena: Arena;
  conv2d(t: Conv2dTensors): Operation;
  dense(t: DenseTensors): Operation;
  batchNorm(t: BatchNormTensors, pass: Pass): Operation;
  relu(t: MapTensors): Operation;
  leakyRelu(t: MapTensors, slope: number): Operation;
  /** silu and gelu need x in the backward pass, so only their gradients may share storage. */
  silu(t: MapTensors): Operation;
  gelu(t: MapTensors): Operation;
  /** `layer` is its place in the list: each dropout layer draws from streams of its own. */
  dropout(t: MapTensors, rate: number, layer: number, pass: Pass): Operation;
  add(t: AddTensors): Operation;
  /** The start of a residual block: backward adds the gradient `skipped` that went around the block to dx. */
  fork(dx: Tensor, skipped: Tensor): Operation;
  /** [N, H, W, C] → [N, C] */
  globalMaxPool2d(t: MapTensors): Operation;
  globalAveragePool2d(t: MapTensors): Operation;
  maxPool2d(t: MapTensors, size: number): Operation;
  /** x image-shaped, y a vector of the same elements. */
  flatten(t: MapTensors): Operation;
  softmaxCrossEntropy(logits: Tensor, dlogits: Tensor): LossOperation;
  /** x [N, H, W, C], `pixels` = H·W; `permutation` is one of the pixels, absent it means the original order. */
  gather(x: Tensor, pixels: number, permutation?: Uint32Array): GatherOperation;
  /** Absent where every layer is an operation of its own. */
  readonly fused?: FusedKernels;
  readonly optimizer: OptimizerKernels;
  /** x ← roughly the orthogonal matrix nearest to it, for matrices of these sizes; see reference/orthogonalize.ts. */
  orthogonalizer(sizes: MatrixSize[]): (x: Tensor, size: MatrixSize) => void;
}
