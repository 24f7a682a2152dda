/**
 * Proof, before a cell trains, that the simd kernels compute its network rightly: the reference kernels compute the same. Wrong
 * bits repeat perfectly, so that no rerun would show them; only another way to the same numbers does.
 */
import type { TrainConfig } from "../config.js";
import { createNetwork } from "../network/create-network.js";
import type { LayerPlan } from "../network/blueprint.js";
import type { Dataset, Samples } from "../data/dataset.js";
import { GuardedArena } from "../kernels/guarded-arena.js";
import type { Network } from "../network/network.js";
import { beyondRounding, perturbed, type Figures } from "./rounding.js";
import type { LayerOutput } from "../network/bind-layers.js";
import { splitSamples } from "../data/splits.js";
import { asImages, forEachPlace, type Tensor } from "../kernels/tensor.js";
import { cellBlueprint, networkOptions } from "../training/build.js";

/** Samples of a pass that only fills the buffers, more than are compared: what it leaves behind must not reach those. */
const FILLED = 5;
/** Beside the largest value: twice what Float32 sums are off where nothing is ill-conditioned (test/core/compare-networks.ts). */
const TOLERANCE = 1e-4;
const REMEDY = "train with --kernels reference, and report the network as a bug";

/**
 * Compares the logits, the loss and all gradients of the first training samples.
 * @param samples how many, at least 1 @param alive called before every pass, as each may take seconds
 * @param build makes the simd network; tests put a faulty one in its place
 * @returns in one line what is wrong, naming the layer; undefined where the sets agree
 */
export function checkKernels(
  config: TrainConfig,
  dataset: Dataset,
  samples: number,
  alive: () => void = () => undefined,
  build: typeof createNetwork = createNetwork,
): string | undefined {
  const { train } = splitSamples(config, dataset);
  const plan = cellBlueprint(config, dataset);
  const options = { ...networkOptions(config, dataset), augment: undefined, views: [] };
  const batchSize = Math.min(FILLED, config.batchSize, train.count);
  try {
    const simd = build("simd", plan, { ...options, batchSize }, { Memory: GuardedArena });
    simd.initialise(config.seed);
    const n = Math.min(samples, simd.microBatch);
    const reference = (precision: "float32" | "float64"): Network => {
      const network = createNetwork(
        "reference",
        plan,
        { ...options, batchSize: n, shardSize: undefined },
        { precision },
      );
      network.parameters.unpack(simd.parameters.pack(simd.parameters.values), network.parameters.values);
      network.refresh();
      return network;
    };
    const pass = (network: Network, count = n): Figures => {
      alive();
      return figuresOf(network, train, config.seed, count);
    };
    pass(simd, simd.microBatch);
    const got = pass(simd);
    const truth = reference("float64");
    const expected = pass(truth);
    const misfit = beyondRounding(
      got,
      expected,
      () => TOLERANCE,
      () => ({
        got: perturbed(simd, () => pass(simd)),
        expected: [pass(reference("float32")), ...perturbed(truth, () => pass(truth))],
      }),
    );
    if (!misfit) return undefined;
    // Outputs as they were: the passes with other weights overwrote them.
    for (const network of [simd, truth]) pass(network);
    const { figure, got: value, expected: wanted } = misfit;
    return `the simd kernels compute ${faultyLayers(plan.layers, simd, truth, n, got, expected)} wrongly: got ${value} in the ${figure}, expected ${wanted}; ${REMEDY}`;
  } catch (error) {
    return `the simd kernels cannot compute this network: ${error instanceof Error ? error.message : String(error)}; ${REMEDY}`;
  }
}

/** One training pass of the first n samples. */
function figuresOf(network: Network, { images, labels }: Samples, seed: number, n: number): Figures {
  Object.assign(network.pass, { training: true, seed, epoch: 1, start: 0, progress: 0 });
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const loss = network.forward(images, labels, order, 0, n, 1 / n) / n;
  const { parameters } = network;
  const logits = valuesOf(network.logits, n);
  network.backward(n, true);
  return { logits, loss: [loss], gradients: parameters.pack(parameters.gradients) };
}

/** The elements of a tensor's first n samples. */
function valuesOf(t: Tensor, n: number): number[] {
  const values: number[] = [];
  forEachPlace(asImages(t).hi(n), (place) => values.push(t.data[place]));
  return values;
}

/** What computes wrongly: the first layers whose output differs; else, as gradients flow from the last layer to the first, the last whose gradients do. */
function faultyLayers(
  layers: readonly LayerPlan[],
  simd: Network,
  truth: Network,
  n: number,
  got: Figures,
  expected: Figures,
): string {
  const differ = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    beyondRounding(
      { part: a },
      { part: b },
      () => TOLERANCE,
      () => ({ got: [], expected: [] }),
    ) !== undefined;
  const output = simd.outputs.find(({ last, y }) => {
    const same = truth.outputs.find((other) => other.last === last);
    return same && differ(valuesOf(y, n), valuesOf(same.y, n));
  });
  if (output) return inWords(layers, output);
  let end = simd.parameters.pack(simd.parameters.values).length;
  const part = (figures: Figures, start: number): ArrayLike<number> =>
    Array.prototype.slice.call(figures.gradients, start, end) as number[];
  const faulty = simd.parameters.layouts.findLast(({ shape }) => {
    const start = end - shape.reduce((a, b) => a * b, 1);
    const wrong = differ(part(got, start), part(expected, start));
    end = start;
    return wrong;
  });
  return faulty ? `the gradients of ${inWords(layers, { first: faulty.layer, last: faulty.layer })}` : "the loss";
}

function inWords(layers: readonly LayerPlan[], { first, last }: Pick<LayerOutput, "first" | "last">): string {
  const kinds = layers
    .slice(first, last + 1)
    .map(({ spec }) => spec.kind)
    .join(", ");
  return first === last ? `layer ${first + 1} (${kinds})` : `layers ${first + 1} to ${last + 1} (${kinds})`;
}
