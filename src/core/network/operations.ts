/** Binds a model's layers to tensors: what runs forwards in order, and backwards in reverse. */
import ndarray from "ndarray";
import type { LayerSpec } from "../config.js";
import type { BatchNormTensors, Kernels, MapTensors, Operation, Pass } from "../kernels/kernels.js";
import type { ParameterArrays } from "./parameters.js";
import type { Shape } from "../kernels/shapes.js";
import type { Statistics } from "./statistics.js";
import type { Arena, Tensor } from "../kernels/tensor.js";

/** Layers whose output has their input's shape and layout. */
const KEEP_LAYOUT = new Set<string>(["relu", "leakyRelu", "dropout", "silu", "gelu", "batchNorm", "batchNormRelu"]);
/** Those of them that work in place: neither their own backward pass nor another layer's asks for their input. */
const IN_PLACE = new Set<string>(["relu", "leakyRelu", "dropout"]);

/** What the layers from `first` to `last`, by their places in the list, give. */
export interface LayerOutput {
  first: number;
  last: number;
  y: Tensor;
}

interface BoundLayers {
  input: Tensor;
  operations: Operation[];
  /** What each group of layers that is computed together leaves; a later layer that works in place overwrites it. */
  outputs: LayerOutput[];
  logits: Tensor;
  /** Of the logits. */
  gradient: Tensor;
}

/**
 * @param shapes input shape of every layer, then the output's
 * @param batch samples that go through at most
 * @param statistics of every layer that normalises
 */
export function bindLayers(
  kernels: Kernels,
  layers: LayerSpec[],
  shapes: Shape[],
  batch: number,
  parameters: ParameterArrays,
  statistics: Statistics[],
  pass: Pass,
): BoundLayers {
  const { arena } = kernels;
  const allocate = (shape: Shape, halo: number): Tensor =>
    shape.kind === "vector"
      ? arena.vectors(batch, shape.size)
      : arena.images(batch, shape.height, shape.width, shape.channels, shape.pitch, halo);

  /** A layer's parameters and their gradients. */
  const of = (layer: number): { w: Tensor; dw: Tensor; b?: Tensor; db?: Tensor } => {
    const [weight, bias] = parameters.layouts.filter((layout) => layout.layer === layer);
    const { values, gradients } = parameters;
    const w = { w: parameters.view(values, weight), dw: parameters.view(gradients, weight) };
    return bias ? { ...w, b: parameters.view(values, bias), db: parameters.view(gradients, bias) } : w;
  };
  const normalisation = (layer: number, epsilon: number, tensors: MapTensors): BatchNormTensors => {
    const { running, batch } = statistics.find((entry) => entry.layer === layer) as Statistics;
    return { ...tensors, ...(of(layer) as Required<ReturnType<typeof of>>), running, batch, epsilon };
  };

  const operations: Operation[] = [];
  const outputs: LayerOutput[] = [];
  const push = (operation: Operation): void =>
    void operations.push(arena.check ? checked(operation, arena) : operation);
  const input = allocate(shapes[0], haloOfInput(layers, 0));
  let x = input;
  /** The gradient of x, once a layer has parameters to pass it on to. */
  let dx: Tensor | undefined;
  /** Whether x must survive the forward pass, as a later `add` reads it. */
  let kept = false;
  /** Output, its gradient and the skipped input of every `add` whose block has begun, by its place in the list. */
  const sums = new Map<number, { skipped: Tensor; y: Tensor; dy: Tensor }>();

  for (const { kind, first, last } of kernels.fuse(layers, shapes)) {
    const spec = layers[first];
    arena.owner = `${kind} ${first + 1}`;
    for (const end of addsFrom(layers, first)) {
      const halo = Math.max(haloOfInput(layers, first), haloOfInput(layers, end + 1));
      // Laid out as the block's output, whose pitch is not the input's where that is the unpadded image.
      const sum = { skipped: x, y: allocate(shapes[end + 1], halo), dy: allocate(shapes[end + 1], halo) };
      sums.set(end, sum);
      if (dx) push(kernels.fork(dx, sum.dy));
      kept = true;
    }
    const flat = kind === "flatten" && asVector(x);
    if (flat) {
      x = flat;
      dx = dx && asVector(dx);
      continue;
    }

    let y: Tensor;
    let dy: Tensor;
    if (spec.kind === "add") ({ y, dy } = sums.get(first) as { y: Tensor; dy: Tensor });
    else if (KEEP_LAYOUT.has(kind)) {
      y = IN_PLACE.has(kind) && !kept ? x : arena.like(x);
      dy = dx ?? (y === x ? x : arena.like(x));
    } else {
      const halo = Math.max(
        haloOfInput(layers, last + 1),
        kind === "conv2d" && spec.kind === "conv2d" ? haloOfGradient(spec) : 0,
      );
      y = allocate(shapes[last + 1], halo);
      dy = allocate(shapes[last + 1], halo);
    }
    const tensors = { x, dx, y, dy };
    push(bind(kind, spec, first, tensors));
    outputs.push({ first, last, y });
    // In place before any parameters: still no gradient to pass on.
    if (y !== x || dx) dx = dy;
    if (y !== x) kept = false;
    x = y;
  }
  return { input, operations, outputs, logits: x, gradient: dx ?? arena.like(x) };

  function bind(kind: string, spec: LayerSpec, layer: number, tensors: MapTensors): Operation {
    switch (spec.kind) {
      case "conv2d": {
        const { w, dw, b, db } = of(layer);
        if (kind === "convReluPool" && b && db) return kernels.convReluPool({ ...tensors, w, dw, b, db });
        return kernels.conv2d({ ...tensors, w, dw, b, db, stride: spec.stride ?? 1, padding: spec.padding });
      }
      case "dense":
        return kernels.dense({ ...tensors, ...(of(layer) as Required<ReturnType<typeof of>>) }, kind === "denseRelu");
      case "batchNorm": {
        const all = normalisation(layer, spec.epsilon, tensors);
        return kind === "batchNormReluPool"
          ? kernels.batchNormReluPool(all, pass)
          : kernels.batchNorm(all, pass, kind === "batchNormRelu");
      }
      case "add":
        return kernels.add({ ...tensors, skipped: (sums.get(layer) as { skipped: Tensor }).skipped });
      case "dropout":
        return kernels.dropout(tensors, spec.rate, layer, pass);
      case "leakyRelu":
        return kernels.leakyRelu(tensors, spec.slope);
      case "maxPool2d":
        return kernels.maxPool2d(tensors, spec.size);
      default:
        return kernels[spec.kind](tensors);
    }
  }
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

/** Places of the `add` layers that read the input of layer i. */
export function addsFrom(layers: LayerSpec[], i: number): number[] {
  return layers.flatMap((spec, place) => (spec.kind === "add" && place - spec.span === i ? [place] : []));
}

/** The halo that layer i needs around its input: the padding of the convolution that reads the buffer, or one laid out as it. */
function haloOfInput(layers: LayerSpec[], i: number): number {
  while (layers[i] && (KEEP_LAYOUT.has(layers[i].kind) || layers[i].kind === "add")) i++;
  const spec = layers[i];
  return spec?.kind === "conv2d" ? spec.padding : 0;
}

/** The halo that a convolution needs around the gradient of its output. */
function haloOfGradient({ kernel, padding, stride = 1 }: LayerSpec & { kind: "conv2d" }): number {
  return stride === 1 ? kernel - 1 - padding : 0;
}

/** The same elements as [N, K] where they lie without gaps within a sample, else undefined. */
function asVector(x: Tensor): Tensor | undefined {
  const [n, h, w, c] = x.shape;
  if (x.shape.length === 2) return x;
  if (x.stride[2] !== c || x.stride[1] !== w * c) return undefined;
  return ndarray(x.data, [n, h * w * c], [x.stride[0], 1], x.offset);
}
