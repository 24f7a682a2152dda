/** Divides a network's layers among operations: each alone, or neighbours that a kernel set computes together. */
import type {
  BatchNormTensors,
  ConvReluPoolTensors,
  DenseTensors,
  FusedKernels,
  Operation,
} from "../kernels/kernels.js";
import type { Shape } from "../kernels/shape.js";
import type { Binding } from "../layers/layer.js";
import type { LayerKind, LayerSpec } from "../layers/table.js";
import type { LayerPlan } from "./blueprint.js";

/** One operation of a network: the layers from `first` to `last`, of which the first one holds the parameters. */
export interface Node {
  first: number;
  last: number;
  /** Absent where the layer is alone. */
  fusion?: Fusion;
}

interface Fusion {
  name: keyof FusedKernels;
  kinds: LayerKind[];
  /** Whether the layers from `first` on, which have the kinds, can be computed together. */
  fits(layers: readonly LayerPlan[], first: number): boolean;
  bind(fused: FusedKernels, binding: Binding, spec: LayerSpec): Operation;
}

/** The first that fits is taken. */
const FUSIONS: Fusion[] = [
  {
    name: "convReluPool",
    kinds: ["conv2d", "relu", "maxPool2d"],
    fits: (layers, first) =>
      isPlain(layers[first].spec) &&
      hasPooledTiles(layers[first].input, layers.slice(0, first)) &&
      halvesImages(layers[first + 2].spec),
    bind: (fused, { tensors, parameters }) => fused.convReluPool({ ...tensors, ...parameters } as ConvReluPoolTensors),
  },
  {
    name: "batchNormReluPool",
    kinds: ["batchNorm", "relu", "maxPool2d"],
    fits: (layers, first) => isPadded(layers[first].input) && halvesImages(layers[first + 2].spec),
    bind: (fused, binding, spec) => fused.batchNormReluPool(normalisation(binding, spec), binding.pass),
  },
  {
    name: "batchNormRelu",
    kinds: ["batchNorm", "relu"],
    fits: (layers, first) => layers[first].input.kind === "vector" || isPadded(layers[first].input),
    bind: (fused, binding, spec) => fused.batchNormRelu(normalisation(binding, spec), binding.pass),
  },
  {
    name: "denseRelu",
    kinds: ["dense", "relu"],
    fits: () => true,
    bind: (fused, { tensors, parameters }) => fused.denseRelu({ ...tensors, ...parameters } as DenseTensors),
  },
];

/** @param fused what the kernel set computes together; without it every layer is alone, and so is what an `add` skips from within */
export function fuse(layers: readonly LayerPlan[], fused?: FusedKernels): Node[] {
  const nodes: Node[] = [];
  for (let first = 0; first < layers.length; first = nodes[nodes.length - 1].last + 1) {
    const fusion = fused && FUSIONS.find((one) => fitsAt(one, layers, first));
    nodes.push({ first, last: first + (fusion ? fusion.kinds.length - 1 : 0), fusion });
  }
  return nodes;
}

function fitsAt({ kinds, fits }: Fusion, layers: readonly LayerPlan[], first: number): boolean {
  const same = kinds.every(
    (kind, i) => layers[first + i]?.spec.kind === kind && (i === 0 || addsFrom(layers, first + i).length === 0),
  );
  return same && fits(layers, first);
}

/** Places of the `add` layers that read the input of layer i. */
export function addsFrom(layers: readonly LayerPlan[], i: number): number[] {
  return layers.flatMap(({ spec }, place) => (spec.kind === "add" && place - spec.span === i ? [place] : []));
}

function normalisation({ tensors, parameters, statistics }: Binding, spec: LayerSpec): BatchNormTensors {
  const { epsilon } = spec as LayerSpec & { kind: "batchNorm" };
  return { ...tensors, ...parameters, ...statistics, epsilon } as BatchNormTensors;
}

/** A convolution 3×3 with padding 1, stride 1 and a bias. */
function isPlain(spec: LayerSpec): boolean {
  return (
    spec.kind === "conv2d" && spec.kernel === 3 && spec.padding === 1 && (spec.stride ?? 1) === 1 && spec.bias !== false
  );
}

const halvesImages = (spec: LayerSpec): boolean => spec.kind === "maxPool2d" && spec.size === 2;

/** An image of one channel, side by side, that needs no gradient, as no layer before has parameters; or one large enough for a Winograd tile of 4 × 4. */
function hasPooledTiles(x: Shape, before: readonly LayerPlan[]): boolean {
  if (x.kind !== "image") return false;
  return x.pitch === 1 ? !before.some(({ parameters }) => parameters.length > 0) : x.height >= 4 && x.width >= 4;
}

/** Any image but a grey one of the input, whose pixels lie side by side. */
function isPadded(x: Shape): boolean {
  return x.kind === "image" && x.pitch % 4 === 0;
}
