/** A model's tensors under the names and in the layouts that PyTorch's `nn.Sequential` gives them, and where their elements lie in `TrainResult.weights`. */
import { InputError } from "../../core/input-error.js";
import type { ParameterLayout } from "../../core/kernels/parameters.js";
import { channelsOf, elementsOf, pixelsOf, type ImageSize } from "../../core/kernels/shape.js";
import type { BlockSpec } from "../../core/models/blocks.js";
import { familyOf, type ModelSpec } from "../../core/models/table.js";
import { blueprint, type Blueprint, type LayerPlan } from "../../core/network/blueprint.js";
import { roundUp } from "../../core/numeric/math.js";

/** What a tensor is to its layer: the last two are the running statistics of batch normalisation. */
export type Part = "weight" | "bias" | "running_mean" | "running_var";

/** Where a tensor's elements lie, row by row, in the flat weights. */
export interface TensorPlan {
  /** Such as "3.weight"; within a residual block "3.0.weight". */
  name: string;
  /** In the flat list of layers, from 0. */
  layer: number;
  part: Part;
  shape: number[];
  places: Uint32Array;
}

export interface NamedTensor {
  name: string;
  shape: number[];
  /** Row by row. */
  values: Float32Array;
}

/** All tensors of a model, layer by layer. */
export interface ModelTensors {
  blueprint: Blueprint;
  tensors: TensorPlan[];
  /** Numbers in `TrainResult.weights`. */
  count: number;
}

/** Of a vector in channels-first order, which element of the network's it is; undefined: the same one. */
type Order = Uint32Array | undefined;

/** @throws InputError where model, images and classes do not fit */
export function modelTensors(model: ModelSpec, image: ImageSize, classes: number): ModelTensors {
  const plan = blueprint(model, image, classes);
  const names = moduleNames(familyOf(model).blocks(model, classes));
  const orders = vectorOrders(plan.layers);
  let next = 0;
  const tensors = plan.layers.flatMap(({ parameters, statistics }, layer): TensorPlan[] => {
    const [input, output] = [orders[layer], orders[layer + 1]];
    const tensor = (part: Part, { shape, places }: Pick<TensorPlan, "shape" | "places">) => ({
      name: `${names[layer]}.${part}`,
      layer,
      part,
      shape,
      places,
    });
    const trained = parameters.map((parameter, i) => {
      const placed = placesOf(parameter, next, input, output);
      next += elementsOf(parameter.shape);
      return tensor(i === 0 ? "weight" : "bias", placed);
    });
    if (!statistics) return trained;
    const { channels, offset } = statistics;
    const running = (["running_mean", "running_var"] as const).map((part, i) =>
      tensor(part, vectorAt(plan.parameters + offset + i * roundUp(channels, 4), channels, output)),
    );
    return [...trained, ...running];
  });
  return { blueprint: plan, tensors, count: plan.parameters + plan.statisticsFloats };
}

/** The tensors' values, out of `TrainResult.weights`. */
export function namedTensors({ tensors }: ModelTensors, weights: Float32Array): NamedTensor[] {
  return tensors.map(({ name, shape, places }) => ({
    name,
    shape,
    values: Float32Array.from(places, (place) => weights[place]),
  }));
}

/** The name of the module of each layer in the flat list; a residual block's last layer is its addition. */
function moduleNames(blocks: BlockSpec[]): string[] {
  return blocks.flatMap((block, i) =>
    block.kind === "residual" ? [...block.layers.map((_, j) => `${i}.${j}`), String(i)] : [String(i)],
  );
}

/**
 * The orders of the vectors between the layers: an image is flattened channel by channel there, here pixel by pixel. Both ends
 * of a residual block must have one order, so a block's last dense layer gives its output in that of the block's input.
 */
function vectorOrders(layers: readonly LayerPlan[]): Order[] {
  const orders: Order[] = [undefined];
  layers.forEach(({ spec, input }, i) => {
    const before = orders[i];
    if (spec.kind === "flatten" && input.kind === "image") {
      const [pixels, channels] = [pixelsOf(input), channelsOf(input)];
      orders.push(
        Uint32Array.from({ length: pixels * channels }, (_, at) => (at % pixels) * channels + Math.floor(at / pixels)),
      );
    } else if (spec.kind === "dense") {
      const end = layers.findIndex((after, j) => j > i && (after.spec.kind === "dense" || after.spec.kind === "add"));
      const last = layers[end]?.spec;
      orders.push(last?.kind === "add" && end - last.span <= i ? orders[end - last.span] : undefined);
    } else orders.push(before);
  });
  return orders;
}

/** A parameter's elements as there: filters [O, K, K, C] as [O, C, K, K], a matrix [I, O] as [O, I]. */
function placesOf(
  { shape }: ParameterLayout,
  start: number,
  input: Order,
  output: Order,
): Pick<TensorPlan, "shape" | "places"> {
  if (shape.length === 1) return vectorAt(start, shape[0], output);
  const places = new Uint32Array(elementsOf(shape));
  let next = 0;
  if (shape.length === 2) {
    const [inputs, outputs] = shape;
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) places[next++] = start + (input?.[i] ?? i) * outputs + (output?.[o] ?? o);
    return { shape: [outputs, inputs], places };
  }
  const [outputs, kernel, , channels] = shape;
  const pixels = kernel * kernel;
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < pixels; p++) places[next++] = start + (o * pixels + p) * channels + c;
  return { shape: [outputs, channels, kernel, kernel], places };
}

const vectorAt = (start: number, length: number, order: Order): Pick<TensorPlan, "shape" | "places"> => ({
  shape: [length],
  places: Uint32Array.from({ length }, (_, i) => start + (order?.[i] ?? i)),
});

/**
 * The inverse of `namedTensors`, for tensors that come from elsewhere. Running statistics that are missing are what training starts with: means 0, variances 1.
 * @param source names the file in errors
 * @throws InputError where a tensor is missing, has another shape, a number that is not finite or a negative variance, or is none of the model's
 */
export function weightsOf(
  { tensors, count }: ModelTensors,
  given: ReadonlyMap<string, NamedTensor>,
  source: string,
): Float32Array {
  const weights = new Float32Array(count);
  const wrong = (name: string, got: string, expected: string): InputError =>
    new InputError(`${source}: tensor ${name}: got ${got}, expected ${expected}`);
  const names = new Set(tensors.map(({ name }) => name));
  const more = [...given.keys()].find((name) => !names.has(name));
  for (const { name, part, shape, places } of tensors) {
    const values = given.get(name)?.values;
    if (!values && (part === "weight" || part === "bias"))
      throw wrong(name, more === undefined ? "none" : `none, but one named ${more}`, shapeText(shape));
    const found = given.get(name)?.shape ?? shape;
    if (found.join() !== shape.join()) throw wrong(name, shapeText(found), shapeText(shape));
    const astray = values?.find((value) => !Number.isFinite(value));
    if (astray !== undefined) throw wrong(name, String(astray), "finite numbers, which training can start from");
    const negative = part === "running_var" ? values?.find((value) => value < 0) : undefined;
    if (negative !== undefined) throw wrong(name, String(negative), "variances of at least 0");
    places.forEach((place, i) => (weights[place] = values?.[i] ?? (part === "running_var" ? 1 : 0)));
  }
  if (more !== undefined) throw wrong(more, shapeText(given.get(more)?.shape ?? []), "none of that name in this model");
  return weights;
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
