/**
 * The trainable parameters of a model: one flat array for values, one for gradients and any number beside them, all laid
 * out alike, so that an optimizer step is one pass over flat arrays.
 */
import ndarray from "ndarray";
import { elementsOf } from "./shape.js";
import { floatsOf, forEachPlace, type Arena, type Tensor } from "./tensor.js";

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

/** Flat arrays of one layout in an arena. */
export class ParameterArrays {
  readonly values: Tensor;
  readonly gradients: Tensor;
  /** Elements of all parameters, padding excluded. */
  readonly count: number;

  /** @param length floats of a flat array, padding included */
  constructor(
    private readonly arena: Arena,
    readonly layouts: readonly ParameterLayout[],
    private readonly length: number,
  ) {
    this.count = layouts.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
    this.values = this.allocate();
    this.gradients = this.allocate();
  }

  /** One more flat array, of zeros. */
  allocate(): Tensor {
    return this.arena.tensor([this.length], [1], this.length);
  }

  /** One parameter's own shape as a view on a flat array. */
  view(flat: Tensor, { shape, stride, offset }: ParameterLayout): Tensor {
    return ndarray(flat.data, shape, stride, flat.offset + offset);
  }

  /** A flat array's elements without padding, parameter by parameter, as Float32. */
  pack(flat: Tensor): Float32Array {
    const packed = new Float32Array(this.count);
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
