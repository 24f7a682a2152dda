// Speeds of the product's own loops: training through src/core/training/train.ts, evaluation through src/core/training/evaluate.ts.
import { evaluate } from "../../dist/core/training/evaluate.js";
import { simdMemory } from "../../dist/core/simd/kernels.js";
import { splitSamples } from "../../dist/core/data/splits.js";
import { buildCell } from "../../dist/core/training/build.js";
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

/** A function that runs the calibration kernels ten times, a millisecond or so each, and gives the best GFLOP/s: that of pairs where V8 makes them 256 bits wide. */
export function peakMeter() {
  const { exports } = simdMemory(0);
  const OPERATIONS = 96;
  const STEPS = 400_000;
  return () => {
    let best = 0;
    for (let i = 0; i < 20; i++) {
      const kernel = i % 2 === 0 ? exports.peak : exports.peakOfPairs;
      const start = performance.now();
      const sum = kernel(STEPS, 1 + 2 ** -23, 2 ** -10);
      const seconds = (performance.now() - start) / 1000;
      if (!Number.isFinite(sum)) throw new Error("the calibration kernel overflowed");
      best = Math.max(best, (STEPS * OPERATIONS) / seconds / 1e9);
    }
    return best;
  };
}

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
