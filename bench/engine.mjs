#!/usr/bin/env node
// Throughput of the engine, per model and per layer: npm run bench [-- --json] [--against FILE|DIR]
//
// The training steps are those of src/core/training/train.ts; medians of rounds in which all models, optimizers and builds
// take turns, since machines are noisy; the calibration kernel's best round is the peak. The layers come from a separate,
// clocked pass (engine/profile.mjs).
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, readAgainst, refusal, single } from "./engine/against.mjs";
import { buildOf } from "./engine/build.mjs";
import { printedComparison } from "./engine/comparison.mjs";
import { printed } from "./engine/report.mjs";
import { measure } from "./engine/rounds.mjs";
import { MODELS } from "./models.mjs";

const USAGE = `npm run bench [-- --json] [--models cnn,mlp,resnet] [--against FILE|DIR]
Training and test speed of the homework's CNN and MLP with each optimizer (batch 64) and of the bonus's residual network
with Nesterov and Muon (batch 128 in shards of 32), one thread: nominal and executed GFLOP/s, and milliseconds by
layer, against what the processor's SIMD units do at most. About 40 seconds.
--json prints one object on standard output and nothing else there.
--against DIR compares with the build of another checkout, such as a git worktree of the commit before: both train in
turns, a round each, in pairs of processes, on one core where taskset can pin them; the ratio is the median of
six pairs', beside their range. Of builds that are equal, one row in 32 is called faster or slower all the same.
--against FILE compares with a run that --json printed: likewise where the build that it names is still there as it was,
else with its figures, from which the machine's noise is not cancelled. A model takes one to four minutes.
Images: FashionMNIST in $FASHION_MNIST_DIR, data/fashion-mnist or ../shared/data/fashion-mnist, else synthetic ones.
`;
/** Rates at which the loss falls. */
const OPTIMIZERS = { sgd: 0.01, nesterov: 0.01, adam: 0.001 };
/** The residual network's. */
const RESNET_OPTIMIZERS = { nesterov: 0.01, muon: 0.02 };
/** Training samples: more than any cache holds, few enough for an epoch's end to come soon. */
const SAMPLES = { trainLimit: 12_800, testLimit: 2_000 };
/** A step of the residual network takes long enough that loading its images does not count. */
const RESNET_SAMPLES = { trainLimit: 512, testLimit: 500 };
const LENGTHS = { warmUpSeconds: 0.4, roundSeconds: 0.2 };
const ALONE = { processes: 1, rounds: 5, seconds: 9, ...LENGTHS };
/** So many processes that all of their pairs seldom err alike. */
const PAIRED = { processes: 6, rounds: 4, seconds: 0, ...LENGTHS };
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean" },
        models: { type: "string" },
        against: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw refusal(`${error.message.split(/\. |\n/)[0]}; npm run bench -- --help explains`);
  }
}

/** The names of the models to measure: those that a stored run has, unless told. */
function readModels(models, stored) {
  const known = Object.keys(MODELS).filter((name) => !stored || stored.models.some((model) => model.name === name));
  const names = [...new Set(models?.split(",") ?? known)];
  if (names.length > 0 && names.every((name) => known.includes(name))) return names;
  throw refusal(`--models got ${models}, expected some of ${known}${stored ? ", which the stored run has" : ""}`);
}

async function main() {
  const options = readOptions();
  if (options.help) return void process.stdout.write(USAGE);
  const own = await buildOf(root);
  if (!own) throw refusal("got no build in dist/, expected one; run npm run build");
  const { build, stored } = options.against === undefined ? {} : await readAgainst(options.against);
  const runs = readModels(options.models, stored).flatMap((name) => {
    const [optimizers, samples] = name === "resnet" ? [RESNET_OPTIMIZERS, RESNET_SAMPLES] : [OPTIMIZERS, SAMPLES];
    return Object.entries(optimizers).map(([optimizer, lr]) => {
      const fields = MODELS[name];
      const config = {
        ...fields,
        optimizer: { kind: optimizer, lr, ...fields.optimizer },
        ...samples,
        // More than any round gets to.
        epochs: 100_000,
      };
      return { name, optimizer, config };
    });
  });
  const note = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
  const [now, before] = await measure(build ? [own, build] : [own], runs, build ? PAIRED : ALONE, note);
  const against = before ? compare(now, before, true) : stored && compare(single(now.result), single(stored), false);
  const result = { ...now.result, against };
  process.stdout.write(
    options.json ? `${JSON.stringify(result)}\n` : against ? printedComparison(result) : printed(result),
  );
}

await main().catch((error) => {
  const { name, code, message } = error;
  const isEnded = name === "EndedError";
  if (!isEnded && name !== "InputError" && code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.error(`bench: ${message}${code ? "; run npm ci and npm run build there" : ""}`);
  process.exitCode = isEnded ? 1 : 2;
});
