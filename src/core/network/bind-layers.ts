/** Binds a network's layers to tensors: what runs forwards in order, and backwards in reverse. */
import ndarray from "ndarray";
import type { Kernels, MapTensors, Operation, Pass } from "../kernels/kernels.js";
import type { ParameterArrays } from "../kernels/parameters.js";
import type { Shape } from "../kernels/shape.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import type { Binding } from "../layers/layer.js";
import { layerOf } from "../layers/table.js";
import type { LayerPlan } from "./blueprint.js";
import { addsFrom, fuse, type Node } from "./fuse.js";
import type { Statistics } from "./statistics.js";

/** What the layers from `first` to `last`, by their places in the list, give. */
export interface LayerOutput {
  first: number;
  last: number;
  y: Tensor;
}

export interface BoundLayers {
  input: Tensor;
  operations: Operation[];
  /** What each group of layers that is computed together leaves; a later layer that works in place overwrites it. */
  outputs: LayerOutput[];
  logits: Tensor;
  /** Of the logits. */
  gradient: Tensor;
}

/** What all layers of a network have in common. */
interface Common {
  kernels: Kernels;
  layers: readonly LayerPlan[];
  /** Samples that go through at most. */
  batch: number;
  parameters: ParameterArrays;
  /** By the places of the layers that keep some. */
  statistics: ReadonlyMap<number, Statistics>;
  pass: Pass;
}

/** Output, its gradient and the skipped input of an `add` whose block has begun. */
interface Sum {
  skipped: Tensor;
  y: Tensor;
  dy: Tensor;
}

/** Allocates and binds from the first layer to the last. */
export function bindLayers(common: Common): BoundLayers {
  const { kernels, layers } = common;
  const { arena } = kernels;
  const operations: Operation[] = [];
  const outputs: LayerOutput[] = [];
  const push = (operation: Operation): void =>
    void operations.push(arena.check ? checked(operation, arena) : operation);
  const input = allocate(common, layers[0].input, haloOfInput(layers, 0));
  let x = input;
  /** The gradient of x, once a layer has parameters to pass it on to. */
  let dx: Tensor | undefined;
  /** Whether x must survive the forward pass, as a later `add` reads it. */
  let kept = false;
  const sums = new Map<number, Sum>();

  for (const node of fuse(layers, kernels.fused)) {
    const { first, last } = node;
    arena.owner = `${node.fusion?.name ?? layers[first].spec.kind} ${first + 1}`;
    for (const end of addsFrom(layers, first)) {
      const sum = beginBlock(common, first, end, x);
      sums.set(end, sum);
      if (dx) push(kernels.fork(dx, sum.dy));
      kept = true;
    }
    const flat = layerOf(layers[first].spec).isReshape ? asVector(x) : undefined;
    if (flat) {
      x = flat;
      dx = dx && asVector(dx);
      continue;
    }
    const sum = sums.get(first);
    const { y, dy } = sum ?? allocateOutput(common, node, x, dx, kept);
    push(bind(common, node, { x, dx, y, dy }, sum?.skipped));
    outputs.push({ first, last, y });
    // In place before any parameters: still no gradient to pass on.
    if (y !== x || dx) dx = dy;
    if (y !== x) kept = false;
    x = y;
  }
  return { input, operations, outputs, logits: x, gradient: dx ?? arena.like(x) };
}

function allocate({ kernels: { arena }, batch }: Common, shape: Shape, halo: number): Tensor {
  return shape.kind === "vector"
    ? arena.vectors(batch, shape.size)
    : arena.images(batch, shape.height, shape.width, shape.channels, shape.pitch, halo);
}

/** The sum at the end of a residual block, laid out as the block's output, whose pitch is not the input's where that is unpadded. */
function beginBlock(common: Common, first: number, end: number, skipped: Tensor): Sum {
  const { layers } = common;
  const halo = Math.max(haloOfInput(layers, first), haloOfInput(layers, end + 1));
  const { output } = layers[end];
  return { skipped, y: allocate(common, output, halo), dy: allocate(common, output, halo) };
}

/** The output of a node and its gradient. */
function allocateOutput(
  common: Common,
  { first, last, fusion }: Node,
  x: Tensor,
  dx: Tensor | undefined,
  kept: boolean,
): { y: Tensor; dy: Tensor } {
  const { arena } = common.kernels;
  const layers = common.layers.slice(first, last + 1).map(({ spec }) => layerOf(spec));
  if (layers.every(({ keepsLayout }) => keepsLayout)) {
    const y = !fusion && layers[0].inPlace && !kept ? x : arena.like(x);
    return { y, dy: dx ?? (y === x ? x : arena.like(x)) };
  }
  const { spec, output } = common.layers[last];
  const halo = Math.max(haloOfInput(common.layers, last + 1), fusion ? 0 : layerOf(spec).halo(spec).gradient);
  return { y: allocate(common, output, halo), dy: allocate(common, output, halo) };
}

function bind(common: Common, { first, fusion }: Node, tensors: MapTensors, skipped?: Tensor): Operation {
  const { kernels, layers, pass, statistics } = common;
  const { spec } = layers[first];
  const binding: Binding = {
    kernels,
    tensors,
    parameters: parametersOf(common, first),
    statistics: statistics.get(first),
    skipped,
    index: first,
    pass,
  };
  return fusion && kernels.fused ? fusion.bind(kernels.fused, binding, spec) : layerOf(spec).bind(spec, binding);
}

/** A layer's parameters and their gradients. */
function parametersOf({ parameters, layers }: Common, layer: number): Binding["parameters"] {
  const { values, gradients } = parameters;
  const [weight, bias] = layers[layer].parameters;
  return {
    ...(weight && { w: parameters.view(values, weight), dw: parameters.view(gradients, weight) }),
    ...(bias && { b: parameters.view(values, bias), db: parameters.view(gradients, bias) }),
  };
}

/** The same operation, after whose every pass the arena is checked. */
function checked(operation: Operation, arena: Arena): Operation {
  const { owner } = arena;
  const after = (pass: string): void => arena.check?.(`${pass} of ${owner}`);
  return {
    refresh() {
      operation.refresh?.();
      after("refresh");
    },
    forward(n) {
      operation.forward(n);
      after("forward");
    },
    backward(n, fresh) {
      operation.backward(n, fresh);
      after("backward");
    },
  };
}

/** The halo that layer i needs around its input: of the layer that reads the buffer, or one laid out as it. */
function haloOfInput(layers: readonly LayerPlan[], i: number): number {
  while (layers[i] && layerOf(layers[i].spec).keepsLayout) i++;
  return layers[i] ? layerOf(layers[i].spec).halo(layers[i].spec).input : 0;
}

/** The same elements as [N, K] where they lie without gaps within a sample, else undefined. */
function asVector(x: Tensor): Tensor | undefined {
  const [n, h, w, c] = x.shape;
  if (x.shape.length === 2) return x;
  if (x.stride[2] !== c || x.stride[1] !== w * c) return undefined;
  return ndarray(x.data, [n, h * w * c], [x.stride[0], 1], x.offset);
}
