// What the benchmark prints: one object for --json, tables for people.

const FLOPS = 2; // a multiply-add
const giga = (multiplyAdds, ms) => (ms > 0 ? (FLOPS * multiplyAdds) / ms / 1e6 : 0);
export const sum = (values) => values.reduce((a, b) => a + b, 0);

/** The figures of one model × optimizer. Rates of whole models are per second of undisturbed training, not of the profile. */
export function modelFigures({ name, optimizer, config, samplesPerSecond, evaluationSamplesPerSecond, layers }) {
  const total = (kind) =>
    sum(layers.map(({ multiplyAdds }) => multiplyAdds.forward[kind] + multiplyAdds.backward[kind]));
  const batch = config.batchSize;
  const batchMs = (1000 * batch) / samplesPerSecond;
  return {
    name,
    optimizer,
    batch,
    config,
    samplesPerSecond,
    evaluationSamplesPerSecond,
    nominalGflops: giga(total("nominal"), batchMs),
    executedGflops: giga(total("executed"), batchMs),
    layers: layers.map(({ name, ms, multiplyAdds: { forward, backward } }) => ({
      name,
      forwardMs: ms.forward,
      backwardMs: ms.backward,
      prepareMs: ms.prepare,
      forwardNominalGflops: giga(forward.nominal, ms.forward),
      forwardExecutedGflops: giga(forward.executed, ms.forward),
      backwardNominalGflops: giga(backward.nominal, ms.backward),
      backwardExecutedGflops: giga(backward.executed, ms.backward),
    })),
  };
}

/** Columns padded to one width; all but the first `left` are aligned to the right. */
export function table(rows, left) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((cell, i) => (i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return [line(rows[0]), widths.map((width) => "─".repeat(width)).join("  "), ...rows.slice(1).map(line)].join("\n");
}

export const count = (value) => Math.round(value).toLocaleString("en");
export const fixed = (digits) => (value) => (value > 0 ? value.toFixed(digits) : "");

export function printed({ build, peakGflops, models, images }) {
  const share = (gflops) => (gflops > 0 ? `${Math.round((100 * gflops) / peakGflops)} %` : "");
  const [one, three] = [fixed(1), fixed(3)];
  const speeds = [
    [
      "model",
      "optimizer",
      "training samples/s",
      "test samples/s",
      "nominal GFLOP/s",
      "executed GFLOP/s",
      "executed, of peak",
    ],
    ...models.map((m) => [
      m.name,
      m.optimizer,
      count(m.samplesPerSecond),
      count(m.evaluationSamplesPerSecond),
      one(m.nominalGflops),
      one(m.executedGflops),
      share(m.executedGflops),
    ]),
  ];
  const layers = ({ name, optimizer, batch, samplesPerSecond, layers }) => {
    const total = (key) => sum(layers.map((layer) => layer[key]));
    const rows = [
      ["layer", "forward ms", "backward ms", "prepare ms", "forward GFLOP/s", "of peak", "backward GFLOP/s", "of peak"],
      ...layers.map((l) => [
        l.name,
        three(l.forwardMs),
        three(l.backwardMs),
        three(l.prepareMs),
        one(l.forwardExecutedGflops),
        share(l.forwardExecutedGflops),
        one(l.backwardExecutedGflops),
        share(l.backwardExecutedGflops),
      ]),
      ["all", three(total("forwardMs")), three(total("backwardMs")), three(total("prepareMs")), "", "", "", ""],
    ];
    const ms = total("forwardMs") + total("backwardMs") + total("prepareMs");
    return `${name}, ${optimizer}, a batch of ${batch}: ${ms.toFixed(2)} ms with clocks, ${((1000 * batch) / samplesPerSecond).toFixed(2)} ms without\n\n${table(rows, 1)}`;
  };
  const shown = models.filter(({ name }, i) => models.findIndex((model) => model.name === name) === i);
  return (
    [
      `${images}, one thread, Node ${build.node}, the kernels ${build.width}; the processor's peak in such strict operations: ${peakGflops.toFixed(1)} GFLOP/s`,
      table(speeds, 2),
      ...shown.map(layers),
      "nominal: as if dense. executed: the inner products that are formed (Winograd's, and of sparse operands the non-zero ones).\nprepare: weights repacked after each step. The layers' GFLOP/s are executed ones; those of the other optimizers: --json.",
    ].join("\n\n") + "\n"
  );
}
