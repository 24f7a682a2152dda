// Speeds of the product's own loops: training through src/core/training/train.ts, evaluation through src/core/training/evaluate.ts.
import { evaluate } from "../../dist/core/training/evaluate.js";
import { splitSamples } from "../../dist/core/data/splits.js";
import { buildCell } from "../../dist/core/training/build.js";
import { peakGflops } from "../../dist/core/simd/peak.js";
import { median } from "../median.mjs";
import { train } from "../../dist/core/training/train.js";

/** Training that goes on for as many epochs as the config has: run(seconds) trains on for at least this long and gives samples a second. */
export class Training {
  /** Samples a second of every round. */
  rounds = [];
  #done = 0;
  #events;

  constructor(config, dataset) {
    const one = { count: 1, images: dataset.test.images, labels: dataset.test.labels };
    this.#events = train(config, { ...dataset, test: one });
  }

  run(seconds) {
    const start = performance.now();
    const before = this.#done;
    for (;;) {
      const { value: event, done } = this.#events.next();
      if (done) throw new Error("the training diverged");
      if (event.kind === "progress") this.#done = (event.epoch - 1) * event.samplesPerEpoch + event.samples;
      const elapsed = (performance.now() - start) / 1000;
      if (elapsed >= seconds && this.#done > before) return (this.#done - before) / elapsed;
    }
  }

  /** Trains on to the epoch's end; the state there. */
  state() {
    for (;;) {
      const { value: event } = this.#events.next();
      if (event.kind === "epoch") return event.state();
    }
  }
}

/** A function that gives the best GFLOP/s of some runs of the calibration kernels. */
export const peakMeter = () => () => peakGflops(() => performance.now() / 1000);

/** Test samples a second from a state of the training: the median of at least one round and of as many as fit into `seconds`. */
export function evaluationSpeed(config, dataset, state, seconds = 0.5) {
  const { network, state: cell } = buildCell(config, dataset);
  const { train: seen, test: samples } = splitSamples(config, dataset);
  cell.restore(state, seen.count);
  // The first round warms up.
  evaluate(network, samples);
  const speeds = [];
  for (const end = performance.now() + seconds * 1000; speeds.length === 0 || performance.now() < end;) {
    const start = performance.now();
    evaluate(network, samples);
    speeds.push((samples.count / (performance.now() - start)) * 1000);
  }
  return median(speeds);
}
