/** What a sweep is: its data, and how much was trained on how much, in words computed from the configs. */
import type { TrainConfig } from "../../../../src/core/config.js";
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { count, plural } from "../../../../src/core/numeric/words.js";
import type { ReportData } from "../../../../src/sweeps/page/report-data.js";
import type { CellRecord } from "../../../../src/sweeps/store/record.js";
import { duration, list } from "../data/format.js";
import type { SweepCells } from "../data/sweep-cells.js";

type Configs = readonly Pick<TrainConfig, "epochs" | "seed" | "trainLimit" | "testLimit" | "validation">[];
type Counts = ReportData["counts"];

/** A cell's config with the epochs that it was trained for: patience and successive halving leave some out, a reference result its curve. */
export function trainedConfig({ status, config, curve }: Pick<CellRecord, "status" | "config" | "curve">): TrainConfig {
  const sooner = (status === "done" || status === "stopped") && curve.length > 0;
  return sooner ? { ...config, epochs: curve.length } : config;
}

/** Epochs that the homework's cells are trained for by default; fewer make a quick run. */
const EPOCHS = 10;

/** "3", or "3 to 10" where they vary. */
function range(values: readonly number[]): string {
  const [low, high] = [smallest(values), largest(values)];
  return low === high ? count(low) : `${count(low)} to ${count(high)}`;
}

const noun = (values: readonly number[], name: string): string =>
  `${range(values)} ${name}${largest(values) === 1 ? "" : "s"}`;

/** Images of a split that each config uses; undefined where one uses all of a number that is not known. */
function imagesUsed(limits: readonly (number | undefined)[], whole: number | undefined): number[] | undefined {
  const used = limits.map((limit) => Math.min(limit ?? Infinity, whole ?? Infinity));
  return used.every(Number.isFinite) ? used : undefined;
}

/** "6,000 of 60,000 training images", "all 60,000 training images", "6,000 training images" of an unknown number; empty where nothing is known. */
function images(used: readonly number[] | undefined, whole: number | undefined, split: string): string {
  if (!used) return "";
  if (whole === undefined) return `${range(used)} ${split} images`;
  return smallest(used) === whole
    ? `all ${count(whole)} ${split} images`
    : `${range(used)} of ${count(whole)} ${split} images`;
}

function parts(configs: Configs, counts: Counts): { epochs: string; train: string; test: string; seeds: number } {
  const limits = imagesUsed(
    configs.map(({ trainLimit }) => trainLimit),
    counts?.train,
  );
  const used = limits?.map((limit, i) => limit - (configs[i].validation ?? 0));
  const tested = imagesUsed(
    configs.map(({ testLimit }) => testLimit),
    counts?.test,
  );
  return {
    epochs: noun(
      configs.map(({ epochs }) => epochs),
      "epoch",
    ),
    train: images(used, counts?.train, "training"),
    test: images(tested, counts?.test, "test"),
    seeds: new Set(configs.map(({ seed }) => seed)).size,
  };
}

/** For the byline: "3 epochs on 6,000 of 60,000 training images · tested on 1,000 of 10,000 test images · 3 seeds". Empty without configs. */
export function scopeText(configs: Configs, counts: Counts): string {
  if (configs.length === 0) return "";
  const { epochs, train, test, seeds } = parts(configs, counts);
  return [train ? `${epochs} on ${train}` : epochs, test && `tested on ${test}`, plural(seeds, "seed")]
    .filter(Boolean)
    .join(" · ");
}

/** The same as a sentence. Empty without configs. @param which of the cells */
export function scopeSentence(configs: Configs, counts: Counts, which = " of sections 2.2 to 2.5"): string {
  if (configs.length === 0) return "";
  const { epochs, train, test, seeds } = parts(configs, counts);
  return `The cells${which} are trained for ${epochs}${train && ` on ${train}`}${test && `, tested on ${test}`}, with ${plural(seeds, "seed")}.`;
}

/** True where a config uses fewer images than there are; without their number, where it has a limit. */
const limited = ({ trainLimit, testLimit }: Configs[number], counts: Counts): boolean =>
  (trainLimit ?? Infinity) < (counts?.train ?? Infinity) || (testLimit ?? Infinity) < (counts?.test ?? Infinity);

/** What was left out, where the configs are no full run: fewer images than there are, or fewer epochs than the homework's where that counts. Else undefined. */
export function quickRun(configs: Configs, counts: Counts, homework = true): string | undefined {
  if (!configs.some((config) => (homework && config.epochs < EPOCHS) || limited(config, counts))) return undefined;
  const { epochs, train, test } = parts(configs, counts);
  return `${epochs}${train && ` on ${train}`}${test && `, tested on ${test}`}`;
}

export const datasetName = ({ dataset, datasetText }: ReportData): string => datasetText?.title ?? dataset;

/** What was run, in a line. */
export function byline({ data, cells, neutral }: SweepCells): string {
  const workers = data.workers > 0 ? ` on ${plural(data.workers, "worker")}` : "";
  return [
    neutral ? "" : "EE-411, homework 3",
    `sweep ${data.sweep}`,
    plural(cells.length, "cell"),
    scopeText(
      cells.map(({ record }) => trainedConfig(record)),
      data.counts,
    ),
    data.wallSeconds > 0 ? `${duration(data.wallSeconds)}${workers}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What the words on the data are filled with. */
export function dataWords({ data, homework, neutral }: SweepCells) {
  const { datasetText, imageSize: size, classNames, counts } = data;
  const facts = [
    datasetName(data),
    ...(size ? [`${size.height}×${size.width}${size.channels === 1 ? "" : `×${size.channels}`}`] : []),
    ...(classNames.length > 0 ? [`${classNames.length} classes`] : []),
  ];
  const configs = homework.map(({ record }) => trainedConfig(record));
  const pixels = size && size.height * size.width;
  const batches = [...new Set(configs.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  return {
    about: [
      datasetText?.about ?? `The sweep used ${facts.join(", ")}.`,
      scopeSentence(configs, counts, neutral ? "" : undefined),
    ],
    shape: size ? `${size.height}×${size.width}×${size.channels}` : "height×width×channels",
    length: size && pixels ? pixels * size.channels : "height·width·channels",
    pixels,
    batch: batches.length > 0 ? `, ${list(batches.map(String)).replace(" and ", " or ")} images at a time` : "",
  };
}
