// The JavaScript peers' side of the lines that bench/peers.mjs exchanges with them.
import fs from "node:fs";
import readline from "node:readline";
import { parseArgs } from "node:util";

const PIXELS = 784;

/** Answers with a reason and ends. */
export function unable(error) {
  const reason = String(error instanceof Error ? error.message : error).split("\n")[0];
  process.stdout.write(JSON.stringify({ unable: reason }) + "\n", () => process.exit());
}

/**
 * Reads the data and serves training steps until standard input ends.
 * @param {(task: {model: "mlp" | "cnn" | "resnet", optimizer: string, lr: number, batch: number, batches: number,
 *   images: Uint8Array, labels: Uint8Array}) => Promise<{version: string, step?: (batch: number) => number | Promise<number>,
 *   run?: (count: number) => {count: number, loss: number}}>} prepare
 *   builds the net and returns either one training step (it trains on the batch of that number and returns the mean loss
 *   before the update) or a loop over about `count` steps that says how many it took
 */
export async function serve(prepare) {
  const { values } = parseArgs({
    options: Object.fromEntries(
      ["model", "data", "batch", "lr", "optimizer", "decay", "variant"].map((name) => [name, { type: "string" }]),
    ),
  });
  const batch = Number(values.batch);
  const images = new Uint8Array(fs.readFileSync(`${values.data}/images`));
  const labels = new Uint8Array(fs.readFileSync(`${values.data}/labels`));
  const batches = Math.floor(labels.length / batch);
  try {
    const {
      version,
      step,
      run = overSteps,
    } = await prepare({ ...values, lr: Number(values.lr), batch, batches, images, labels });
    process.stdout.write(JSON.stringify({ ready: version }) + "\n");
    for await (const line of readline.createInterface({ input: process.stdin })) {
      const { from, count } = JSON.parse(line);
      const start = performance.now();
      const result = await run(count, from);
      const seconds = (performance.now() - start) / 1000;
      process.stdout.write(JSON.stringify({ seconds, ...result }) + "\n");
    }
    async function overSteps(count, from) {
      let total = 0;
      for (let i = from; i < from + count; i++) total += await step(i % batches);
      return { count, loss: total / count };
    }
  } catch (error) {
    unable(error);
  }
}

/** Pixels as floats in [0, 1]. */
export const scaled = (bytes) => Float32Array.from(bytes, (byte) => byte / 255);

/** Batch number b of an array with `width` numbers a sample, as a view. */
export const slice = (array, b, batch, width = PIXELS) => array.subarray(b * batch * width, (b + 1) * batch * width);

/** Weights uniform in ±1/√fanIn from a seeded generator, PyTorch's default. */
export function initialiser(seed = 1) {
  let state = seed;
  return (size, fanIn) =>
    Float32Array.from({ length: size }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return ((state / 2 ** 32) * 2 - 1) / Math.sqrt(fanIn);
    });
}
