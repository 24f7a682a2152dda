/**
 * Small trainings that between them run every simd kernel, and every width of those that have copies for several: a
 * machine, or a way to compile the kernels, that gives these the same bits gives them to every network.
 */
import { trainConfigSchema, type TrainConfigInput } from "../config.js";
import type { Dataset, Samples } from "../data/dataset.js";
import { RandomStream } from "../numeric/random.js";
import { train } from "../training/train.js";

type Block = Extract<TrainConfigInput["model"], { kind: "layers" }>["layers"][number];
type Layer = Exclude<Block, { kind: "residual" }>;

const flatten: Layer = { kind: "flatten" };
const relu: Layer = { kind: "relu" };
const pool: Layer = { kind: "maxPool2d", size: 2 };
const norm: Layer = { kind: "batchNorm" };
const dense = (units: number): Layer => ({ kind: "dense", units });
const conv = (channels: number, kernel = 3, padding = 1, stride = 1): Layer => ({
  kind: "conv2d",
  channels,
  kernel,
  padding,
  stride,
});
const pooled = (channels: number): Layer[] => [conv(channels), relu, pool];
const layers = (...list: Block[]): TrainConfigInput["model"] => ({ kind: "layers", name: "tour", layers: list });

const sgd = { kind: "sgd", lr: 0.01 } as const;
const nesterov = { kind: "nesterov", lr: 0.01, momentum: 0.9 } as const;
const adam = { kind: "adam", lr: 0.001 } as const;
const muon = { kind: "muon", lr: 0.02 } as const;

/** The homework's networks, the bonus's, and lists of layers for what these leave out. */
const GREY: TrainConfigInput[] = [
  { model: { kind: "mlp" }, optimizer: sgd },
  { model: { kind: "cnn" }, optimizer: adam, permutation: 1 },
  { model: { kind: "resnet", width: 24 }, optimizer: muon, shardSize: 32, clipNorm: 1, weightAverage: 0.9 },
  // Sums of 1 to 13 vectors, over rows of a matrix and over windows of 1 to 8 vectors a pixel.
  {
    model: layers(
      flatten,
      ...[52, 48, 44, 40, 36, 32, 28, 24, 20, 56, 64].flatMap((units) => [dense(units), relu]),
      dense(12),
      relu,
      dense(4),
      relu,
      dense(10),
    ),
    optimizer: nesterov,
  },
  { model: layers(...pooled(4), ...pooled(12), ...pooled(20), flatten, dense(10)), optimizer: nesterov },
  { model: layers(...pooled(24), ...pooled(28), ...pooled(8), flatten, dense(10)), optimizer: sgd, shardSize: 16 },
];

/** Other kernel sizes and strides, other activations, pooling and normalisation of their own. */
const COLOUR: TrainConfigInput[] = [
  {
    model: layers(
      conv(5, 5, 2),
      { kind: "silu" },
      conv(12, 3, 1, 2),
      norm,
      { kind: "gelu" },
      conv(9, 1, 0),
      norm,
      relu,
      pool,
      { kind: "residual", layers: [conv(9), norm, relu, conv(9), { kind: "leakyRelu" }] },
      { kind: "maxPool2d", size: 3 },
      { kind: "globalAveragePool2d" },
      { kind: "dropout", rate: 0.3 },
      dense(20),
      norm,
      relu,
      dense(10),
    ),
    optimizer: { ...adam, weightDecay: 0.01 },
    labelSmoothing: 0.1,
  },
];

/** Steps of each: the first ones tell the compiler what runs often, the last run what it made of that. */
const STEPS = 4;
const BATCH = 64;

/** Random images, half of whose values are 0. The last batch is of another size. */
function randomImages(channels: number): Dataset {
  const random = new RandomStream("samples", channels);
  const samples = (count: number): Samples => ({
    count,
    images: Uint8Array.from({ length: count * 28 * 28 * channels }, () => Math.max(0, random.below(512) - 256)),
    labels: Uint8Array.from({ length: count }, () => random.below(10)),
  });
  return {
    name: "random",
    digest: "0".repeat(64),
    height: 28,
    width: 28,
    channels,
    classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    train: samples(STEPS * BATCH - 23),
    test: samples(50),
  };
}

/** The final weights of all trainings, which take about three seconds together. */
export function trainOnEveryKernel(): Float32Array[] {
  return [GREY, COLOUR].flatMap((cells, i) => {
    const images = randomImages(1 + 2 * i);
    return cells.map((cell) => finalWeights({ batchSize: BATCH, epochs: 1, ...cell }, images));
  });
}

function finalWeights(config: TrainConfigInput, dataset: Dataset): Float32Array {
  const training = train(trainConfigSchema.parse(config), dataset);
  for (;;) {
    const { done, value } = training.next();
    if (done) return value!.weights;
  }
}
