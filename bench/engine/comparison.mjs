// What the benchmark prints of a run beside another (--against).
import { counterpart } from "./against.mjs";
import { count, fixed, sum, table } from "./report.mjs";

const PHASES = ["forwardMs", "backwardMs", "prepareMs"];
const three = fixed(3);
const words = (bounds) => bounds?.map(three).join(" – ") ?? "";

/** Nothing where the noise is not known. */
const verdict = (ratio, withinNoise) =>
  ({ true: "within the noise", false: ratio > 1 ? "faster" : "slower" })[withinNoise] ?? "";

function speeds({ models, against }) {
  const rows = against.ratios.map(({ name, optimizer, ratio, range, withinNoise }, i) => [
    name,
    optimizer,
    count(models[i].samplesPerSecond),
    count(counterpart(models[i], against.models)?.samplesPerSecond ?? 0),
    three(ratio),
    words(range),
    verdict(ratio, withinNoise),
  ]);
  return table([["model", "optimizer", "training samples/s", "before", "times as fast", "range", ""], ...rows], 2);
}

/** A model's layers in milliseconds, beside the other run's. */
function layers(model, other, [allRatio, ...ratios]) {
  const row = (name, now, before, { ratio, range }) => [
    name,
    ...PHASES.flatMap((phase) => [now, before].map((layers) => three(sum(layers.map((layer) => layer[phase]))))),
    three(ratio),
    words(range),
  ];
  const head = [
    "layer",
    "forward ms",
    "before",
    "backward ms",
    "before",
    "prepare ms",
    "before",
    "times as fast",
    "range",
  ];
  const rows = model.layers.map((layer, i) =>
    row(layer.name, [layer], "ratio" in ratios[i] ? [other.layers[i]] : [], ratios[i]),
  );
  const { name, optimizer, batch } = model;
  return `${name}, ${optimizer}, a batch of ${batch}, with clocks\n\n${table([head, ...rows, row("all", model.layers, other.layers, allRatio)], 1)}`;
}

/** As text, the result of a run with what it is `against`. */
export function printedComparison(result) {
  const { build, images, models, against } = result;
  const sameKernels = against.build.kernels === build.kernels ? "the same kernels" : "other kernels";
  const builds = against.build.dist === build.dist ? "the same build" : sameKernels;
  const how = against.paired
    ? "Both trained in turns, in pairs of processes: the median and the range of the pairs' ratios, within the noise where these lie on both sides of 1."
    : "Its build is not there as it was, or would run otherwise: its figures are the stored ones, and the machine's noise is not cancelled.";
  const tables = against.ratios.flatMap(({ layers: ratios }, i) => {
    const isShown = ratios && models.findIndex(({ name }) => name === models[i].name) === i;
    return isShown ? layers(models[i], counterpart(models[i], against.models), ratios) : [];
  });
  return (
    [
      [
        `${images}, one thread, Node ${build.node}, kernels ${build.width}`,
        `Before: ${against.build.folder}, ${builds}. ${how}`,
        ...against.differences,
      ].join("\n"),
      speeds(result),
      ...tables,
      `Layers: ${against.paired ? "likewise, of one clocked pass in each process" : "one clocked pass each"}. Rates, and layers of the other optimizers: --json.`,
    ].join("\n\n") + "\n"
  );
}
