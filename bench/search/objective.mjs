// The objective that Optuna asks: trains a config with Handgrad's core, and goes on after each epoch when told to.
//   asker → {"config": {path: value}}   objective → {"accuracy": validation accuracy} after each epoch
//   asker → {"go": true | false} after each of these but the last
import readline from "node:readline";
import { expandGrid } from "../../dist/sweeps/spec/grid.js";
import { train } from "../../dist/core/training/train.js";
import { loadImages } from "../data.mjs";
import { BASE, LIMITS } from "./space.mjs";

const { dataset } = await loadImages(LIMITS);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => {
  const { value, done } = await lines.next();
  return done ? undefined : JSON.parse(value);
};
for (let asked = await hear(); asked !== undefined; asked = await hear()) {
  const axes = Object.fromEntries(Object.entries(asked.config).map(([path, value]) => [path, [value]]));
  const [config] = expandGrid({ name: "objective", base: BASE, axes }, "objective");
  let ended = 0;
  for (const event of train(config, dataset)) {
    if (event.kind !== "epoch") continue;
    ended += 1;
    process.stdout.write(`${JSON.stringify({ accuracy: event.metrics.validationAccuracy })}\n`);
    if (ended < config.epochs && !(await hear()).go) break;
  }
}
