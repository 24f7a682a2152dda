#!/usr/bin/env node
// Throughput of the engine, per model and per layer: npm run bench [-- --json]
//
// The training steps are those of src/core/training/train.ts; medians of rounds in which all models and optimizers take
// turns, since machines are noisy; the calibration kernel's best round is the peak. The layers come from a separate, clocked pass (engine/profile.mjs).
import fs from "node:fs";
import { parseArgs } from "node:util";
import { loadImages } from "./data.mjs";
import { MODELS } from "./models.mjs";

const USAGE = `npm run bench [-- --json] [--models cnn,mlp,resnet]
Training and test speed of the homework's CNN and MLP with each optimizer (batch 64) and of the bonus's residual network
with Nesterov and Muon (batch 128 in shards of 32), one thread: nominal and executed GFLOP/s, and milliseconds by
layer, against what the processor's SIMD units do at most. About 40 seconds.
--json prints one object on standard output and nothing else there.
Images: FashionMNIST in $FASHION_MNIST_DIR, data/fashion-mnist or ../shared/data/fashion-mnist, else synthetic ones.
`;
/** Rates at which the loss falls. */
const OPTIMIZERS = { sgd: 0.01, nesterov: 0.01, adam: 0.001 };
/** The residual network's. */
const RESNET_OPTIMIZERS = { nesterov: 0.01, muon: 0.02 };
/** Training samples: more than any cache holds, few enough for an epoch's end to come soon. */
const SAMPLES = { train: 12_800, test: 2_000 };
/** A step of the residual network takes long enough that loading its images does not count. */
const RESNET_SAMPLES = { train: 512, test: 500 };
const WARM_UP_SECONDS = 0.4;
const ROUND_SECONDS = 0.2;
/** Rounds go on until there are enough of them and so much time has passed. */
const ROUNDS_SECONDS = 9;
const ROUNDS = 5;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { json: { type: "boolean" }, models: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    const names = values.models?.split(",") ?? Object.keys(MODELS);
    if (!names.every((name) => name in MODELS))
      throw new Error(`--models got ${values.models}, expected some of ${Object.keys(MODELS)}`);
    return { ...values, names };
  } catch (error) {
    const [message] = error.message.split(/\. |\n/);
    console.error(`bench: ${message}; npm run bench -- --help explains`);
    return process.exit(2);
  }
}

async function main() {
  const options = readOptions();
  if (options.help) return void process.stdout.write(USAGE);
  if (!fs.existsSync(new URL("../dist/core/training/train.js", import.meta.url))) {
    console.error("bench: got no build in dist/, expected one; run npm run build");
    process.exit(2);
  }
  const { trainConfigSchema } = await import("../dist/core/config.js");
  const { Training, evaluationSpeed } = await import("./engine/measure.mjs");
  const { peakGflops } = await import("../dist/core/simd/peak.js");
  const { simdBits } = await import("../dist/workers/width.js");
  const { median } = await import("./median.mjs");
  const { profile } = await import("./engine/profile.mjs");
  const { modelFigures, printed } = await import("./engine/report.mjs");
  const note = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

  // Before the kernels are compiled.
  const bits = simdBits();
  note("loading the images …");
  const { dataset, images } = await loadImages({ trainLimit: SAMPLES.train, testLimit: SAMPLES.test });
  const runs = options.names.flatMap((name) => {
    const [optimizers, samples] = name === "resnet" ? [RESNET_OPTIMIZERS, RESNET_SAMPLES] : [OPTIMIZERS, SAMPLES];
    return Object.entries(optimizers).map(([optimizer, lr]) => {
      const fields = MODELS[name];
      const config = trainConfigSchema.parse({
        ...fields,
        optimizer: { kind: optimizer, lr, ...fields.optimizer },
        trainLimit: samples.train,
        testLimit: samples.test,
        // More than any round gets to.
        epochs: 100_000,
      });
      return { name, optimizer, config, training: new Training(config, dataset) };
    });
  });
  const seconds = () => performance.now() / 1000;
  const peaks = [];
  note("warming up …");
  for (const { training } of runs) training.run(WARM_UP_SECONDS);
  for (let i = 0; i < 3; i++) peakGflops(seconds);
  const start = performance.now();
  for (let round = 1; round <= ROUNDS || performance.now() - start < ROUNDS_SECONDS * 1000; round++) {
    note(`round ${round} …`);
    for (const { training } of runs) training.rounds.push(training.run(ROUND_SECONDS));
    peaks.push(peakGflops(seconds));
  }
  note("layer by layer …");
  const models = runs.map(({ name, optimizer, config, training }) => {
    const state = training.state();
    return modelFigures({
      name,
      optimizer,
      batch: config.batchSize,
      samplesPerSecond: median(training.rounds),
      evaluationSamplesPerSecond: evaluationSpeed(config, dataset, state),
      layers: profile(config, dataset, state),
    });
  });
  note("");
  const result = { simdBits: bits, peakGflops: Math.max(...peaks), images, models };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : printed(result));
}

await main().catch((error) => {
  if (error.name !== "InputError") throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
});
