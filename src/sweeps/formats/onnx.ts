/** A trained cell as an ONNX model that answers what the cell answers: its views and pixel permutation are part of the graph. */
import type { TrainConfig } from "../../core/config.js";
import { pixelPermutation } from "../../core/data/permutation.js";
import { copyMoved, type Move } from "../../core/augment/augment-image.js";
import type { ImageSize } from "../../core/kernels/shape.js";
import type { LayerKind, LayerSpec } from "../../core/layers/table.js";
import { evaluationViews } from "../../core/network/views.js";
import { weightBytes } from "../../core/training/weight-bytes.js";
import { encodeModel, node, tensor, valueInfo, type Attributes } from "./onnx-proto.js";
import { namedTensors, type ModelTensors, type Part } from "./parameter-names.js";

/** A layer's place in the graph. */
interface Place {
  graph: Graph;
  /** Names of its input, and of the input of the residual block that ends here. */
  x: string;
  skipped: string;
  /** The names of its tensors, those that it has. */
  tensors: string[];
}

type Forms = { [Kind in LayerKind]: (place: Place, spec: Extract<LayerSpec, { kind: Kind }>) => string };

/** Every kind of layer: adds what computes it, and returns the name of its output. */
const FORMS: Forms = {
  conv2d: ({ graph, x, tensors }, { kernel, padding, stride = 1 }) =>
    graph.add("Conv", [x, ...tensors], {
      kernel_shape: { ints: [kernel, kernel] },
      pads: { ints: [padding, padding, padding, padding] },
      strides: { ints: [stride, stride] },
    }),
  dense: ({ graph, x, tensors }) => graph.add("Gemm", [x, ...tensors], { transB: { i: 1 } }),
  batchNorm: ({ graph, x, tensors }, { epsilon }) =>
    graph.add("BatchNormalization", [x, ...tensors], { epsilon: { f: epsilon } }),
  relu: ({ graph, x }) => graph.add("Relu", [x]),
  leakyRelu: ({ graph, x }, { slope }) => graph.add("LeakyRelu", [x], { alpha: { f: slope } }),
  silu: ({ graph, x }) => graph.add("Mul", [x, graph.add("Sigmoid", [x])]),
  // x·σ(2·√(2/π)·(x + 0.044715·x³)): ½·(1 + tanh u) = σ(2u). The operator Gelu is younger than the opset.
  gelu({ graph, x }) {
    const cube = graph.add("Mul", [graph.add("Mul", [x, x]), x]);
    const inner = graph.add("Add", [x, graph.add("Mul", [cube, graph.scalar(0.044715)])]);
    const gate = graph.add("Sigmoid", [graph.add("Mul", [inner, graph.scalar(1.5957691216057308)])]);
    return graph.add("Mul", [x, gate]);
  },
  maxPool2d: ({ graph, x }, { size }) =>
    graph.add("MaxPool", [x], { kernel_shape: { ints: [size, size] }, strides: { ints: [size, size] } }),
  globalMaxPool2d: ({ graph, x }) => graph.add("Flatten", [graph.add("GlobalMaxPool", [x])]),
  globalAveragePool2d: ({ graph, x }) => graph.add("Flatten", [graph.add("GlobalAveragePool", [x])]),
  flatten: ({ graph, x }) => graph.add("Flatten", [x]),
  dropout: ({ x }) => x,
  add: ({ graph, x, skipped }) => graph.add("Add", [x, skipped]),
};

class Graph {
  readonly nodes: object[] = [];
  readonly constants: object[] = [];

  /** @returns the name of the node's output */
  add(
    operator: string,
    inputs: string[],
    attributes?: Attributes,
    output = `${operator}_${this.nodes.length}`,
  ): string {
    this.nodes.push(node(operator, inputs, output, attributes));
    return output;
  }

  floats(name: string, shape: number[], values: Float32Array): string {
    this.constants.push(tensor(name, shape, weightBytes(values)));
    return name;
  }

  whole(values: readonly number[] | Uint32Array): string {
    const name = `constant_${this.constants.length}`;
    this.constants.push(tensor(name, [values.length], BigInt64Array.from(values, BigInt)));
    return name;
  }

  scalar(value: number): string {
    return this.floats(`constant_${this.constants.length}`, [], Float32Array.of(value));
  }
}

/**
 * @param weights as of `TrainResult.weights`
 * @param metadata what readers are told beside the graph
 * @returns the bytes of a model with the input "image" [N, C, H, W] in [0, 1] and the output "logits" [N, classes]
 */
export function encodeOnnx(
  config: TrainConfig,
  model: ModelTensors,
  weights: Float32Array,
  metadata: Record<string, string>,
): Uint8Array {
  const { image, layers, classes } = model.blueprint;
  const graph = new Graph();
  const views = evaluationViews(config);
  for (const { name, shape, values } of namedTensors(model, weights)) graph.floats(name, shape, values);
  const named = new Map(model.tensors.map(({ layer, part, name }) => [`${layer} ${part}`, name]));
  const parts: Part[] = ["weight", "bias", "running_mean", "running_var"];
  const inputs = [addViews(graph, config.permutation, views, image)];
  layers.forEach(({ spec }, layer) => {
    const form = FORMS[spec.kind] as (place: Place, spec: LayerSpec) => string;
    const tensors = parts.flatMap((part) => named.get(`${layer} ${part}`) ?? []);
    const skipped = spec.kind === "add" ? inputs[layer - spec.span] : "";
    inputs.push(form({ graph, x: inputs[layer], skipped, tensors }, spec));
  });
  const logits = inputs[layers.length];
  if (views.length === 1) graph.add("Identity", [logits], {}, "logits");
  else {
    const byView = graph.add("Reshape", [logits, graph.whole([-1, views.length, classes])]);
    graph.add("ReduceMean", [byView], { axes: { ints: [1] }, keepdims: { i: 0 } }, "logits");
  }
  return encodeModel(
    {
      name: "cell",
      node: graph.nodes,
      initializer: graph.constants,
      input: [valueInfo("image", ["N", image.channels, image.height, image.width])],
      output: [valueInfo("logits", ["N", classes])],
    },
    metadata,
  );
}

/** The images as the network gets them: all views of one, then those of the next, each with its pixels permuted. */
function addViews(graph: Graph, permutation: number, views: readonly Move[], image: ImageSize): string {
  const { height, width, channels } = image;
  const pixels = height * width;
  if (views.length === 1 && permutation === 0) return "image";
  const flat = graph.add("Reshape", ["image", graph.whole([-1, channels, pixels])]);
  // In front of the pixels a zero, which comes in where an image is shifted.
  const padded = graph.add("Pad", [flat, graph.whole([0, 0, 1, 0, 0, 0])]);
  const order = pixelPermutation(permutation, pixels);
  const sources = views.map((view) => {
    const moved = movedPixels(view, image);
    return Array.from(order, (at) => moved[at]);
  });
  const gathered = graph.add("Gather", [padded, graph.whole(sources.flat())], { axis: { i: 2 } });
  const apart = graph.add("Reshape", [gathered, graph.whole([-1, channels, views.length, pixels])]);
  const byView = graph.add("Transpose", [apart], { perm: { ints: [0, 2, 1, 3] } });
  return graph.add("Reshape", [byView, graph.whole([-1, channels, height, width])]);
}

/** Which pixel, counted from 1, a view shows at each place; 0 where it shows none: an image of these numbers, moved. */
function movedPixels(view: Move, { height, width }: ImageSize): Uint32Array {
  const numbers = Uint32Array.from({ length: height * width }, (_, i) => i + 1);
  const moved = new Uint32Array(numbers.length);
  const bytes = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);
  copyMoved(view, { height, width, channels: 4 }, bytes(numbers), 0, bytes(moved), 0);
  return moved;
}
