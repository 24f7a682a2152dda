/**
 * Everything about a network that follows from its model and the size of the images: plain data, worked out once. Types
 * alone are imported of what needs zod or ndarray, so that the page can use it.
 */
import { InputError } from "../input-error.js";
import type { ParameterLayout } from "../kernels/parameters.js";
import { elementsOf, inputShape, type ImageSize, type Shape } from "../kernels/shape.js";
import type { Parameter, Place, RunningStatistics } from "../layers/layer.js";
import { layerOf, type LayerSpec } from "../layers/table.js";
import { modelLayers, type ModelSpec } from "../models/table.js";
import { roundUp } from "../numeric/math.js";

/** A layer's running statistics in a flat array: its means, then its variances, each padded to a multiple of 4. */
export interface StatisticsLayout {
  channels: number;
  momentum: number;
  offset: number;
}

/** A layer in its place. */
export interface LayerPlan {
  spec: LayerSpec;
  input: Shape;
  output: Shape;
  parameters: ParameterLayout[];
  statistics?: StatisticsLayout;
  /** Multiply-adds of one sample's forward pass. */
  work: number;
}

export interface Blueprint {
  image: ImageSize;
  classes: number;
  layers: LayerPlan[];
  /** Trainable parameters, padding excluded: 89,610 of the homework's MLP and 29,066 of its CNN. */
  parameters: number;
  /** Floats of a flat array of them, padding included. */
  parameterFloats: number;
  /** Floats of a flat array of all running statistics, padding included. */
  statisticsFloats: number;
  /** Multiply-adds of one sample's forward pass. */
  work: number;
}

/** The blueprint of a model. @throws InputError where layers do not fit together, or do not end in a logit a class */
export function blueprint(model: ModelSpec, image: ImageSize, classes: number): Blueprint {
  const plan = layersBlueprint(modelLayers(model, classes), image);
  if (plan.classes !== classes)
    throw new InputError(
      `model: got ${plan.classes} outputs after the last layer, expected ${classes}, one a class; end with { "kind": "dense", "units": ${classes} }`,
    );
  return plan;
}

/** The blueprint of a list of layers, whose outputs are the logits. @throws InputError where they do not fit together */
export function layersBlueprint(specs: LayerSpec[], image: ImageSize): Blueprint {
  const layers = planLayers(specs, image);
  const last = layers.at(-1)?.output ?? inputShape(image);
  if (last.kind !== "vector")
    throw new InputError(
      "model: the last layer gives an image, expected a vector of logits; end with flatten and dense",
    );
  const sum = (count: (plan: LayerPlan) => number): number => layers.reduce((total, plan) => total + count(plan), 0);
  const parameters = countParameters(layers);
  if (parameters === 0) throw new InputError("model: no layer has parameters; add a dense layer");
  const { height, width, channels } = image;
  return {
    image: { height, width, channels },
    classes: last.size,
    layers,
    parameters,
    parameterFloats: sum((plan) => plan.parameters.reduce((floats, layout) => floats + floatsOfParameter(layout), 0)),
    statisticsFloats: sum(({ statistics }) => (statistics ? floatsOfStatistics(statistics) : 0)),
    work: sum(({ work }) => work),
  };
}

/** Layers one after another, each in its place. @throws InputError where one does not fit */
export function planLayers(specs: LayerSpec[], image: ImageSize): LayerPlan[] {
  const shapes = [inputShape(image)];
  let [nextParameter, nextStatistic] = [0, 0];
  return specs.map((spec, index) => {
    const layer = layerOf(spec);
    const input = shapes[index];
    const output = layer.output(spec, input, placeOf(spec, index, shapes));
    shapes.push(output);
    const parameters = layer.parameters(spec, input).map((parameter, i): ParameterLayout => {
      const name = `${spec.kind} ${index} ${i === 0 ? "weight" : "bias"}`;
      const layout = { name, layer: index, offset: nextParameter, ...parameter };
      nextParameter += floatsOfParameter(parameter);
      return layout;
    });
    const running = layer.statistics(spec, input);
    const statistics = running && { ...running, offset: nextStatistic };
    if (running) nextStatistic += floatsOfStatistics(running);
    return { spec, input, output, parameters, statistics, work: layer.work(spec, input, output) };
  });
}

/** What a parameter takes in a flat array: the next one begins at a multiple of 16. */
const floatsOfParameter = ({ shape, stride }: Parameter): number => roundUp(shape[0] * stride[0], 16);
const floatsOfStatistics = ({ channels }: RunningStatistics): number => 2 * roundUp(channels, 4);

/** How many trainable parameters a model's layers have, padding excluded. */
export function countParameters(layers: Pick<LayerPlan, "parameters">[]): number {
  const parameters = layers.flatMap((layer) => layer.parameters);
  return parameters.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
}

/** The momentum of every running statistic, in the layout of `Network.statistics`. */
export function statisticsMomenta({ layers, statisticsFloats }: Blueprint): Float64Array {
  const momenta = new Float64Array(statisticsFloats);
  // Up to the end: the layers after this one overwrite theirs.
  for (const { statistics } of layers) if (statistics) momenta.fill(statistics.momentum, statistics.offset);
  return momenta;
}

function placeOf({ kind }: LayerSpec, index: number, shapes: readonly Shape[]): Place {
  return {
    index,
    shapes,
    misfit(got, expected) {
      throw new InputError(
        `model: layer ${index + 1} (${kind}) got ${got}, expected ${expected}; change the layers before it`,
      );
    },
  };
}
