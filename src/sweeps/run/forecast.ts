/** How long a sweep will take on this machine: the costs of its cells, and the speed at which some of them train here. */
import type { TrainConfig } from "../../core/config.js";
import type { Dataset } from "../../core/data/dataset.js";
import { cellBlueprint } from "../../core/training/build.js";
import { train } from "../../core/training/train.js";
import { chooseWidth } from "../../workers/width.js";
import { standIn } from "../data/datasets.js";
import { cellCost, costSoFar } from "./cost.js";
import type { SweepOutput } from "./output.js";

/** Seconds that all measurements take together, roughly, and how many networks are measured at most. */
const [MEASURED_SECONDS, MOST_MEASURED] = [1, 6];
/** Multiply-adds of one measured epoch: some hundredths of a second for the simd kernels. */
const EPOCH_COST = 5e8;
/** How many times fewer samples the reference kernels get. */
const SLOW = 30;
/** Threads, kernels and the page take this before the first cell trains. */
const START_SECONDS = 0.5;

export interface ForecastRequest {
  /** Of the cells that are to be trained; with stages, of all cells. */
  configs: readonly TrainConfig[];
  dataset: Dataset;
  workers: number;
  threadsPerCell: number;
  /** What trains one after the other: so many of the cells, for a part of their epochs. Absent: all cells, whole. */
  stages?: { cells: number; part: number }[];
  output?: Pick<SweepOutput, "say">;
}

/** Seconds that training the cells will take. Trains on this thread for about a second; keeps nothing. */
export async function expectedSeconds(request: ForecastRequest): Promise<number> {
  const { configs, workers, stages = [{ cells: configs.length, part: 1 }] } = request;
  if (!stages.some(({ cells }) => cells > 0)) return 0;
  const seconds = await cellSeconds(request);
  const total = seconds.reduce((sum, value) => sum + value, 0);
  const longest = seconds.reduce((most, value) => Math.max(most, value), 0);
  return stages
    .filter(({ cells }) => cells > 0)
    .map(({ cells, part }) => part * Math.max(((total / configs.length) * cells) / workers, longest))
    .reduce((sum, value) => sum + value, START_SECONDS);
}

/** Seconds that training each cell will take. Trains on this thread for about a second; keeps nothing. */
export async function cellSeconds(request: Omit<ForecastRequest, "workers">): Promise<number[]> {
  const { configs, dataset, threadsPerCell, output } = request;
  await chooseWidth((line) => output?.say(line));
  const kinds = new Map<string, { config: TrainConfig; work: number }>();
  const keyOf = ({ model, optimizer, kernels, batchSize, shardSize, augment }: TrainConfig): string =>
    JSON.stringify([model, optimizer.kind, kernels, batchSize, shardSize, augment]);
  for (const config of configs)
    if (!kinds.has(keyOf(config))) kinds.set(keyOf(config), { config, work: cellBlueprint(config, dataset).work });
  const sorted = [...kinds.values()].sort((a, b) => a.work - b.work);
  const number = Math.min(MOST_MEASURED, sorted.length);
  const images = measuredImages(dataset);
  const measured = Array.from({ length: number }, (_, i) => {
    const kind = sorted[number === 1 ? 0 : Math.round((i * (sorted.length - 1)) / (number - 1))];
    return { ...kind, speed: speedOf(kind.config, images, MEASURED_SECONDS / number) };
  });
  const speeds = new Map<string, number>();
  for (const [key, { config, work }] of kinds) {
    const distance = (other: (typeof measured)[number]): number =>
      Math.abs(Math.log(work / other.work)) +
      (other.config.batchSize === config.batchSize ? 0 : 1) +
      (other.config.optimizer.kind === config.optimizer.kind ? 0 : 1) +
      (other.config.kernels === config.kernels ? 0 : 100);
    speeds.set(key, measured.reduce((best, other) => (distance(other) < distance(best) ? other : best)).speed);
  }
  return configs.map((config) => {
    const threads = config.shardSize === undefined ? 1 : threadsPerCell;
    return cellCost(config, dataset) / (speeds.get(keyOf(config)) as number) / threads;
  });
}

/** Images to measure on: those of a dry run that fetched none are zeros, which kernels skip. */
function measuredImages(dataset: Dataset): Dataset {
  const blank = dataset.train.images.subarray(0, 100_000).every((value) => value === 0);
  const drawn = blank ? standIn.draw(2000, 500) : dataset;
  const alike = (["height", "width", "channels"] as const).every((side) => drawn[side] === dataset[side]);
  return alike ? drawn : dataset;
}

/** Highest learning rate of a measurement, which must not diverge before its second epoch. */
const SAFE_RATE = 1e-4;

function slowed(optimizer: TrainConfig["optimizer"]): TrainConfig["optimizer"] {
  const lr = Math.min(optimizer.lr, SAFE_RATE);
  if (optimizer.kind !== "muon") return { ...optimizer, lr };
  return { ...optimizer, lr, others: { ...optimizer.others, lr: Math.min(optimizer.others.lr, SAFE_RATE) } };
}

/** Cost that a second of training takes off, of the fastest measured epoch: slower ones were disturbed, or not yet compiled. */
function speedOf(config: TrainConfig, dataset: Dataset, seconds: number): number {
  const { work } = cellBlueprint(config, dataset);
  const samples = Math.max(2, Math.round(EPOCH_COST / (config.kernels === "reference" ? SLOW : 1) / (3 * work)));
  // A batch that alone takes longer than all measurements may says no more than a smaller one; of one sample, batch
  // normalisation has nothing to normalise.
  const batchSize = Math.min(config.batchSize, samples);
  const trainLimit = Math.min(dataset.train.count, Math.round(samples / batchSize) * batchSize);
  const short: TrainConfig = {
    ...config,
    batchSize,
    ...{
      validation: undefined,
      stop: undefined,
      prune: undefined,
      schedule: undefined,
      init: undefined,
      evaluateShifted: undefined,
    },
    optimizer: slowed(config.optimizer),
    epochs: 100_000,
    trainLimit,
    testLimit: Math.max(1, Math.min(dataset.test.count, Math.round(trainLimit / 6))),
  };
  const cost = costSoFar(short, dataset, 1);
  // Time on the processor: what else the machine does while this is measured says nothing of the sweep's time.
  const now = (): number => process.cpuUsage().user / 1e6;
  let [start, fastest] = [now(), Infinity];
  const end = start + seconds;
  for (const event of train(short, dataset)) {
    if (event.kind !== "epoch") continue;
    const time = now();
    // The first epoch builds the network and compiles.
    if (event.metrics.epoch > 1) fastest = Math.min(fastest, time - start);
    if (time > end && event.metrics.epoch > 2) break;
    start = time;
  }
  return cost / Math.max(fastest, 1e-6);
}
