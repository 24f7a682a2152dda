// What a run is compared with (--against), and how the two compare.
import fs from "node:fs";
import path from "node:path";
import { median } from "../median.mjs";
import { buildOf } from "./build.mjs";
import { sum } from "./report.mjs";

/** An error that is told in one line. */
export const refusal = (message) => Object.assign(new Error(message), { name: "InputError" });

function readRun(file) {
  try {
    // A pipe may never end.
    const text = fs.statSync(file).isFile() ? fs.readFileSync(file, "utf8") : "";
    // npm's banner may stand before it.
    const run = JSON.parse(text.slice(text.indexOf("{")));
    const { build, images, models } = run;
    const isSpeed = ({ config, samplesPerSecond, layers }) => config && samplesPerSecond > 0 && Array.isArray(layers);
    if (path.isAbsolute(build.folder) && images && models.length > 0 && models.every(isSpeed)) return run;
  } catch {
    // Said below.
  }
  throw refusal(
    `--against got ${file}, expected a run stored by npm run bench -- --json > FILE, or another checkout's folder`,
  );
}

/**
 * What `place` names: `build` to run beside this one, that of a checkout's folder or of a stored run where it is still as it
 * was then and would run as it did; and the `stored` run.
 */
export async function readAgainst(place) {
  if (fs.statSync(place, { throwIfNoEntry: false })?.isDirectory()) {
    const build = await buildOf(path.resolve(place));
    if (!build)
      throw refusal(`--against got ${place} without a build, expected a checkout with dist/; run npm run build there`);
    return { build };
  }
  const stored = readRun(place);
  const { folder, ...then } = stored.build;
  const now = { ...(await buildOf(folder)) };
  const isThere = Object.entries(then).every(([key, value]) => now[key] === value);
  return { stored, build: isThere ? now : undefined };
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const title = ({ name, optimizer }) => `${name} with ${optimizer}`;
/** The entry of another run for the same model and optimizer. */
export const counterpart = (model, models) => models.find((other) => title(other) === title(model));

/** A line for everything but the build that is not the same in both runs. */
function differences(now, before) {
  const lines = [];
  const note = (what, a, b) => same(a, b) || lines.push(`${what}: ${a} before, ${b} now`);
  if (!same(before.build.processor, now.build.processor))
    lines.push("Another machine: the ratios say nothing of the builds.");
  note("Processor", before.build.processor, now.build.processor);
  note("Node", before.build.node, now.build.node);
  note("Width of the kernels", before.build.width, now.build.width);
  note("Engine version", before.build.engineVersion, now.build.engineVersion);
  note("Images", before.images, now.images);
  const lacking = (models, others) => models.filter((model) => !counterpart(model, others)).map(title);
  for (const name of lacking(before.models, now.models)) lines.push(`${name}: only before`);
  for (const name of lacking(now.models, before.models)) lines.push(`${name}: only now`);
  for (const model of now.models) {
    const other = counterpart(model, before.models);
    if (other && !same(other.config, model.config)) lines.push(`${title(model)}: another model or training before`);
  }
  return lines;
}

/** In as many equal parts, one after the other. */
const split = (values, parts) =>
  Array.from({ length: parts }, (_, i) => values.slice((i * values.length) / parts, ((i + 1) * values.length) / parts));

const bounds = (values) => [Math.min(...values), Math.max(...values)];

/** Milliseconds of all layers, then of each. */
function milliseconds({ layers }) {
  const each = layers.map(({ name, forwardMs, backwardMs, prepareMs }) => ({
    name,
    ms: forwardMs + backwardMs + prepareMs,
  }));
  return [{ name: "all", ms: sum(each.map(({ ms }) => ms)) }, ...each];
}

/** How many times as fast all layers are, then each that stands where it stood: the median of the passes, and their range. */
function layerRatios(passes, others) {
  const [now, before] = [passes, others].map((list) => list.map(milliseconds));
  return now[0].map(({ name }, i) => {
    if (before[0][i]?.name !== name) return { name };
    const ratios = now.map((pass, p) => before[p][i].ms / pass[i].ms);
    return { name, ratio: median(ratios), range: ratios.length > 1 ? bounds(ratios) : undefined };
  });
}

/**
 * How many times as fast a run is as another, both as `measure` gives them: in `paired` ones the builds took turns. Rounds
 * of one process share its luck with memory, so that only pairs of processes tell how large the noise is.
 * @returns the other run's result, and what --json tells of the two
 */
export function compare(run, other, paired) {
  const [now, before] = [run.result, other.result];
  const ratios = now.models.map(({ name, optimizer }, i) => {
    const at = before.models.indexOf(counterpart({ name, optimizer }, before.models));
    if (at < 0) return { name, optimizer };
    const speeds = run.rounds[i].map((speed, round) => speed / other.rounds[at][round]);
    const medians = split(speeds, run.passes[i].length).map(median);
    const range = bounds(medians);
    const noise = paired && { range, withinNoise: range[0] <= 1 && range[1] >= 1 };
    const layers = layerRatios(run.passes[i], other.passes[at]);
    return { name, optimizer, ratio: median(medians), ...noise, layers };
  });
  return { ...before, paired, differences: differences(now, before), ratios };
}

/** A result alone, as `measure` would give it after one round and one pass. */
export const single = (result) => ({
  result,
  rounds: result.models.map(({ samplesPerSecond }) => [samplesPerSecond]),
  passes: result.models.map((model) => [model]),
});
