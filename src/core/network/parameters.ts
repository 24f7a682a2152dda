/**
 * The trainable parameters of a model: one flat array for values, one for gradients and one for each
 * optimizer state, all laid out alike, so that an optimizer step is one pass over flat arrays.
 */
import ndarray from "ndarray";
import type { LayerSpec } from "../config.js";
import type { Matrix, Range } from "../optimizers/muon.js";
import { channelsOf, type Shape } from "../kernels/shapes.js";
import { floatsOf, forEachPlace, roundUp, type Arena, type Tensor } from "../kernels/tensor.js";

/** A parameter tensor's place in the flat arrays; strides include padding, which stays zero. */
export interface ParameterLayout {
  /** "conv2d 1 weight", "dense 2 bias", … */
  name: string;
  layer: number;
  shape: number[];
  stride: number[];
  offset: number;
  /** Inputs to one output: the initialisation's bound is 1/√fanIn. */
  fanIn: number;
  /** What every element starts at, where they do not start at random. */
  constant?: number;
}

/** What a layer's parameter is, apart from its place. */
type Part = Pick<ParameterLayout, "shape" | "stride" | "fanIn" | "constant">;

/** Weight [O, K, K, C] with each row of K pixels padded to a multiple of 4, then bias [O], where there is one. */
function convParameters(
  { channels: outputs, kernel, bias = true }: LayerSpec & { kind: "conv2d" },
  channels: number,
  pitch: number,
): Part[] {
  const row = roundUp(kernel * pitch, 4);
  const fanIn = kernel * kernel * channels;
  const weight = { shape: [outputs, kernel, kernel, channels], stride: [kernel * row, row, pitch, 1], fanIn };
  return bias ? [weight, { shape: [outputs], stride: [1], fanIn }] : [weight];
}

/** Weight [I, O] with each row of O floats padded to a multiple of 4, then bias [O]. */
function denseParameters(inputs: number, outputs: number): Part[] {
  return [
    { shape: [inputs, outputs], stride: [roundUp(outputs, 4), 1], fanIn: inputs },
    { shape: [outputs], stride: [1], fanIn: inputs },
  ];
}

/** Weight [C] (the gain, 1 at first), then bias [C] (0 at first). */
function batchNormParameters(channels: number): Part[] {
  return [1, 0].map((constant) => ({ shape: [channels], stride: [1], fanIn: channels, constant }));
}

function partsOf(spec: LayerSpec, input: Shape): Part[] {
  if (spec.kind === "conv2d" && input.kind === "image") return convParameters(spec, input.channels, input.pitch);
  if (spec.kind === "dense" && input.kind === "vector") return denseParameters(input.size, spec.units);
  if (spec.kind === "batchNorm") return batchNormParameters(channelsOf(input));
  return [];
}

/** Lays out the parameters of all layers; `shapes[i]` is the input shape of layer i. */
export function layoutParameters(layers: LayerSpec[], shapes: Shape[]): { layouts: ParameterLayout[]; length: number } {
  const layouts: ParameterLayout[] = [];
  let length = 0;
  layers.forEach((spec, layer) => {
    partsOf(spec, shapes[layer]).forEach((part, i) => {
      layouts.push({ name: `${spec.kind} ${layer} ${i === 0 ? "weight" : "bias"}`, layer, offset: length, ...part });
      length = roundUp(length + part.shape[0] * part.stride[0], 16);
    });
  });
  return { layouts, length };
}

const elements = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** Number of trainable parameters, padding excluded. */
export const countElements = (layouts: ParameterLayout[]): number =>
  layouts.reduce((sum, { shape }) => sum + elements(shape), 0);

/** How Muon divides parameters: the weights but the last layer's as matrices, and all others. */
export function matricesAndOthers(layouts: ParameterLayout[]): { matrices: Matrix[]; others: Range[] } {
  const isWeight = ({ shape }: ParameterLayout): boolean => shape.length > 1;
  const last = layouts.findLast(isWeight);
  const matrices: Matrix[] = [];
  const others: Range[] = [];
  for (const layout of layouts) {
    const { shape, stride, offset, fanIn } = layout;
    const length = shape[0] * stride[0];
    if (!isWeight(layout) || layout === last) others.push({ offset, length: roundUp(length, 16) });
    else
      matrices.push({ offset, length, rows: shape[0], columns: stride[0], ratio: elements(shape) / (fanIn * fanIn) });
  }
  return { matrices, others };
}

/** Flat arrays of one layout in an arena. */
export class ParameterArrays {
  readonly values: Tensor;
  readonly gradients: Tensor;
  readonly state: Tensor[];

  constructor(
    arena: Arena,
    readonly layouts: ParameterLayout[],
    length: number,
    stateCount: number,
  ) {
    const flat = (): Tensor => arena.tensor([length], [1], length);
    this.values = flat();
    this.gradients = flat();
    this.state = Array.from({ length: stateCount }, flat);
  }

  /** One parameter's own shape as a view on a flat array. */
  view(flat: Tensor, { shape, stride, offset }: ParameterLayout): Tensor {
    return ndarray(flat.data, shape, stride, flat.offset + offset);
  }

  /** A flat array's elements without padding, parameter by parameter, as Float32. */
  pack(flat: Tensor): Float32Array {
    const packed = new Float32Array(countElements(this.layouts));
    let next = 0;
    const floats = floatsOf(flat);
    for (const layout of this.layouts) forEachPlace(layout, (i) => (packed[next++] = floats[i]));
    return packed;
  }

  /** The inverse of `pack`. */
  unpack(packed: ArrayLike<number>, flat: Tensor): void {
    let next = 0;
    const floats = floatsOf(flat);
    for (const layout of this.layouts) forEachPlace(layout, (i) => (floats[i] = packed[next++]));
  }
}
