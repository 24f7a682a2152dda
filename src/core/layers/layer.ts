/** What the network, the page and the checks need to know of a kind of layer: everything but its arithmetic, which kernel sets do. */
import type { Schema, SpecOf, Zod } from "../family.js";
import type { Kernels, MapTensors, Operation, Pass } from "../kernels/kernels.js";
import { sizeOf, type Shape } from "../kernels/shape.js";
import type { Tensor } from "../kernels/tensor.js";

/** A parameter of a layer, in the order in which it lies in the flat arrays; strides include padding. */
export interface Parameter {
  shape: number[];
  stride: number[];
  /** Inputs to one output: the initialisation's bound is 1/√fanIn. */
  fanIn: number;
  /** What every element starts at, where they do not start at random. */
  constant?: number;
}

/** Running statistics that a layer keeps for evaluation. */
export interface RunningStatistics {
  /** Each has a mean and a variance. */
  channels: number;
  /** s ← (1 - momentum)·s + momentum·(the batch's), after every step. */
  momentum: number;
}

/** A layer's place in its model. */
export interface Place {
  /** In the list of layers, from 0. */
  index: number;
  /** Input shapes of the layers up to this one. */
  shapes: readonly Shape[];
  /** @throws InputError that names the layer */
  misfit(got: string, expected: string): never;
}

/** What a layer's operation is bound to. */
export interface Binding {
  kernels: Kernels;
  tensors: MapTensors;
  /** The layer's parameters and their gradients: the first is the weight, the second, where there is one, the bias. */
  parameters: { w?: Tensor; dw?: Tensor; b?: Tensor; db?: Tensor };
  /** Running and batch statistics, [2, C]; of a layer that keeps some. */
  statistics?: { running: Tensor; batch: Tensor };
  /** The input of the residual block that ends here. */
  skipped?: Tensor;
  /** The layer's place in the list. */
  index: number;
  pass: Pass;
}

export interface Layer<S extends Schema, Spec = SpecOf<S>> {
  schema: S;
  /** Shape of the output. */
  output(spec: Spec, input: Shape, place: Place): Shape;
  parameters(spec: Spec, input: Shape): Parameter[];
  statistics(spec: Spec, input: Shape): RunningStatistics | undefined;
  /** Multiply-adds of one sample's forward pass; 0 where they are few beside those of a product. */
  work(spec: Spec, input: Shape, output: Shape): number;
  /** Whether the output has the input's shape and is laid out as it. */
  keepsLayout: boolean;
  /** Whether input and output may share storage: neither this layer's backward pass nor another's asks for the input. */
  inPlace: boolean;
  /** Whether the output is the input's elements in their order: where these lie without gaps, nothing is computed. */
  isReshape: boolean;
  /** Zeros that must lie around the images of the input, and of the output's gradient. */
  halo(spec: Spec): { input: number; gradient: number };
  bind(spec: Spec, binding: Binding): Operation;
  /** What tables call the layer. */
  words(spec: Spec): string;
  /** The number of parameters as a sum of products, in words of the shape; empty without parameters. */
  derivation(spec: Spec, input: Shape): string;
}

/** Checks that every part of a layer is there, and infers its spec from the schema. */
export const layer = <S extends Schema>(parts: Layer<S>): Layer<S> => parts;

/** Of layers without parameters. */
export const plain = {
  parameters: (): Parameter[] => [],
  statistics: () => undefined,
  work: () => 0,
  isReshape: false,
  halo: () => ({ input: 0, gradient: 0 }),
  derivation: () => "",
};

/** Of layers that give for every value another one. */
export const elementwise = { ...plain, output: (_: unknown, input: Shape): Shape => input, keepsLayout: true };

/** Units of a dense layer, channels of a convolution. */
export const sizeSchema = (z: Zod) => z.int().min(1).max(65_536);

/** The input as an image. @throws InputError where it is a vector */
export function asImage(input: Shape, { misfit }: Place): Shape & { kind: "image" } {
  return input.kind === "image" ? input : misfit("a vector", "an image");
}

/** A vector of a shape's values. */
export const asVector = (shape: Shape): Shape => ({ kind: "vector", size: sizeOf(shape) });
