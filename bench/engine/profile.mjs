// Where the time of a training step goes, layer by layer: a network on kernels whose operations are wrapped in clocks
// and counters. The kernels know nothing of it, and no speed that the benchmark reports is measured with it.
import { BatchSum } from "../../dist/core/training/batch-sum.js";
import { CellPasses } from "../../dist/core/training/passes.js";
import { soloRunner } from "../../dist/core/training/shard-runner.js";
import { splitSamples } from "../../dist/core/data/splits.js";
import { cellBuilder } from "../../dist/core/training/build.js";
import { buildOn } from "../../dist/core/network/create-network.js";
import { median } from "../median.mjs";
import { fusedWork, work } from "./work.mjs";

/** Steps to warm up and timed ones: this many, unless they take longer than this. */
const WARM_UP_STEPS = 10;
const WARM_UP_SECONDS = 0.4;
const TIMED_STEPS = 100;
const TIMED_SECONDS = 0.7;
const COUNTED_STEPS = 3;

/** What is measured of one operation: milliseconds of every timed step by phase, multiply-adds of the counted steps. */
class Row {
  ms = { forward: [], backward: [], prepare: [] };
  multiplyAdds = { forward: { nominal: 0, executed: 0 }, backward: { nominal: 0, executed: 0 } };

  constructor(name) {
    this.name = name;
  }

  add(phase, { nominal, executed }) {
    this.multiplyAdds[phase].nominal += nominal;
    this.multiplyAdds[phase].executed += executed;
  }
}

/** Kernels like `kernels`, every operation of which fills a row of its own in `recorder`. */
function recorded(kernels, recorder) {
  const timed = (row, phase, run) => {
    if (recorder.phase !== "time") return run();
    const start = performance.now();
    const result = run();
    const steps = row.ms[phase];
    steps[recorder.step] = (steps[recorder.step] ?? 0) + performance.now() - start;
    return result;
  };
  const addRow = (name) => {
    const row = new Row(name);
    recorder.rows.push(row);
    return row;
  };
  const withRows = (makers, works) => {
    const wrapped = { ...makers };
    for (const [kind, { name, forward, backward }] of Object.entries(works))
      wrapped[kind] = (tensors, ...options) => {
        const operation = makers[kind](tensors, ...options);
        const row = addRow(name(tensors, ...options));
        return {
          forward(n) {
            timed(row, "forward", () => operation.forward(n));
            if (recorder.phase === "count") row.add("forward", forward(tensors, n));
          },
          backward(n, fresh) {
            if (recorder.phase === "count") row.add("backward", backward(tensors, n));
            timed(row, "backward", () => operation.backward(n, fresh));
          },
          refresh: operation.refresh && (() => timed(row, "prepare", () => operation.refresh())),
        };
      };
    return wrapped;
  };
  const wrapped = { ...withRows(kernels, work), fused: withRows(kernels.fused, fusedWork) };
  wrapped.gather = (...tensors) => {
    const operation = kernels.gather(...tensors);
    const row = addRow("gather");
    return { run: (...values) => timed(row, "forward", () => operation.run(...values)) };
  };
  wrapped.softmaxCrossEntropy = (...tensors) => {
    const operation = kernels.softmaxCrossEntropy(...tensors);
    const { run } = operation;
    const row = addRow("softmax, cross-entropy");
    operation.run = (...values) => timed(row, "forward", () => run(...values));
    return operation;
  };
  const row = new Row("optimizer");
  recorder.optimizer = row;
  const steps = Object.entries(kernels.optimizer).map(([name, step]) => [
    name,
    (...values) => timed(row, "backward", () => step(...values)),
  ]);
  wrapped.optimizer = Object.fromEntries(steps);
  return wrapped;
}

/**
 * Trains on from a state (whose weights have the zeros that training brings), with clocks, then with counters.
 * @returns the layers in model order, then the optimizer, with milliseconds (medians) and multiply-adds of a batch
 */
export function profile(config, dataset, state) {
  const recorder = { phase: "warm up", step: 0, rows: [] };
  const build = cellBuilder(config, dataset);
  const { network, state: cell } = buildOn("simd", (kernels) => {
    // Of the dry run nothing stays.
    recorder.rows = [];
    return build(recorded(kernels, recorder));
  });
  const splits = splitSamples(config, dataset);
  const runner = soloRunner(new CellPasses(config, network, splits));
  cell.restore(state, splits.train.count);
  const sum = new BatchSum(network, cell.gradientSum);
  const { batchSize } = config;
  const batches = Math.floor(splits.train.count / batchSize);
  /** The batch's part of src/core/training/train.ts. */
  const train = (phase, steps, seconds = Infinity) => {
    recorder.phase = phase;
    const end = performance.now() + seconds * 1000;
    for (recorder.step = 0; recorder.step < steps && performance.now() < end; recorder.step++) {
      sum.begin();
      runner.batch({ epoch: state.epoch + 1, start: (cell.step % batches) * batchSize, n: batchSize }, sum);
      cell.step += 1;
      cell.optimizer.step(cell.step, config.optimizer.lr);
      network.refresh();
    }
  };
  train("warm up", WARM_UP_STEPS, WARM_UP_SECONDS);
  train("time", TIMED_STEPS, TIMED_SECONDS);
  train("count", COUNTED_STEPS);

  const perBatch = ({ nominal, executed }) => ({
    nominal: nominal / COUNTED_STEPS,
    executed: executed / COUNTED_STEPS,
  });
  return [...recorder.rows, recorder.optimizer].map(({ name, ms, multiplyAdds }) => ({
    name,
    ms: { forward: median(ms.forward), backward: median(ms.backward), prepare: median(ms.prepare) },
    multiplyAdds: { forward: perBatch(multiplyAdds.forward), backward: perBatch(multiplyAdds.backward) },
  }));
}
