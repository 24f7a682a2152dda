/** One random network on both kernel sets: everything that a training step computes. */
import { BatchSum } from "../../src/core/training/batch-sum.js";
import { modelLayers } from "../../src/core/models/table.js";
import type { Network } from "../../src/core/network/network.js";
import { beyondRounding, perturbed, type Figures, type Others } from "../../src/core/check/rounding.js";
import { statisticsMomenta } from "../../src/core/network/blueprint.js";
import type { Tensor } from "../../src/core/kernels/tensor.js";
import { expectClose, samples, trainee, type Case, type Sample, type Trainee } from "./networks.js";
import { SIDE, type RandomNetwork } from "./random-networks.js";

/** Float32 sums of up to 10^5 terms, and what Winograd's transforms cost (test/core/kernels/winograd.test.ts), relative to the largest value. */
const TOLERANCE = { loss: 1e-5, logits: 5e-5, gradients: 5e-5, statistics: 5e-5, weights: 2e-5, muon: 5e-4 };
/** @throws where the two sets differ beyond rounding, or a kernel writes beyond its memory */
export function compareNetworks(random: RandomNetwork): void {
  const { batch, shardSize, optimizer, zeros, channels, height = SIDE, width = SIDE } = random;
  const layers = modelLayers({ kind: "layers", name: "found", layers: random.layers }, 10);
  const test: Case = { name: "found", layers, height, width, channels, batch, shardSize, zeros };
  const build = (kernels: "simd" | "reference", precision: "float32" | "float64" = "float64"): Trainee =>
    trainee(test, kernels, optimizer, precision);
  const trainees = [build("simd"), build("reference")];
  const [simd, reference] = trainees.map(({ net }) => net);
  const data = samples(test, batch, 10);
  const sumOf = (net: Network, total?: Tensor): BatchSum => new BatchSum(net, shardSize ? total : undefined);
  const sums = new Map(trainees.map(({ net, gradients }) => [net, sumOf(net, gradients)]));
  const run = (net: Network, n: number): Figures =>
    trainingFigures(net, data, n, sums.get(net)!, shardSize !== undefined);
  const evaluate = (net: Network, n: number): Figures => evaluationFigures(net, data, n);

  /** A pass of n samples on both sets. */
  const compare = (pass: (net: Network, n: number) => Figures, n: number): void => {
    sameWeights(simd, reference);
    const [got, expected] = [simd, reference].map((net) => pass(net, n));
    const others = (): Others => {
      const { net: single, gradients } = build("reference", "float32");
      sums.set(single, sumOf(single, gradients));
      sameWeights(simd, single);
      const again = (net: Network): Figures[] => perturbed(net, () => pass(net, n));
      return { got: again(simd), expected: [pass(single, n), ...again(reference)] };
    };
    const misfit = beyondRounding(got, expected, (figure) => TOLERANCE[figure as keyof typeof TOLERANCE], others);
    if (misfit) throw new Error(`${misfit.figure}[${misfit.place}]: got ${misfit.got}, expected ${misfit.expected}`);
  };

  compare(run, batch);

  // Passes with other weights may have followed.
  run(simd, batch);
  // A step along one gradient, the simd set's: Adam and Muon make its smallest differences large.
  const momenta = statisticsMomenta(simd.blueprint);
  const gradient = simd.parameters.pack(sums.get(simd)!.gradient);
  for (const { net, optimizer: steps } of trainees) {
    const sum = sums.get(net)!;
    net.parameters.unpack(gradient, sum.gradient);
    steps.step(1, optimizer.lr);
    net.kernels.arena.check?.(`a step of ${optimizer.kind}`);
    sum.moveStatistics(momenta);
    net.refresh();
  }
  const [got, expected] = [simd, reference].map(({ parameters }) => parameters.pack(parameters.values));
  expectClose("weights after a step", got, expected, TOLERANCE[optimizer.kind === "muon" ? "muon" : "weights"]);

  // Fewer samples on the same buffers: nothing of the pass before may shine through. First in evaluation.
  const few = Math.ceil(batch / 2);
  compare(evaluate, Math.min(few, simd.microBatch));
  compare(run, few);
}

/** Gives the reference network the Float32 weights and running statistics of the other. */
function sameWeights(simd: Network, reference: Network): void {
  reference.parameters.unpack(simd.parameters.pack(simd.parameters.values), reference.parameters.values);
  for (let i = 0; i < simd.statistics.size; i++) reference.statistics.set(i, simd.statistics.get(i));
  reference.refresh();
}

const valuesOf = (t: Tensor): number[] => Array.from({ length: t.size }, (_, i) => t.get(i));
const logitsOf = ({ logits, classes }: Network, n: number): number[] =>
  Array.from({ length: n * classes }, (_, i) => logits.get(Math.floor(i / classes), i % classes));

function trainingFigures(
  net: Network,
  { images, labels, order }: Sample,
  n: number,
  sum: BatchSum,
  apart: boolean,
): Figures {
  net.pass.training = true;
  sum.begin();
  let last = 0;
  for (let start = 0; start < n; start += net.microBatch) {
    last = Math.min(net.microBatch, n - start);
    net.pass.start = start;
    const loss = net.forward(images, labels, order, start, last, 1 / n);
    net.backward(last, apart || start === 0);
    sum.add(last, { loss, correct: net.correct(last) });
  }
  return {
    loss: [sum.loss / n],
    logits: logitsOf(net, last),
    gradients: net.parameters.pack(sum.gradient),
    statistics: valuesOf(net.shardStatistics),
  };
}

function evaluationFigures(net: Network, { images, labels, order }: Sample, n: number): Figures {
  const loss = net.evaluate(images, labels, order, 0, n);
  return { loss: [loss / n], logits: logitsOf(net, n), gradients: [], statistics: [] };
}
