/** One cell without a run directory, the data that it trains on, and what a trained one says of images. */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { bytesOf } from "../../core/kernels/shape.js";
import { createPredictor } from "../../core/training/predict.js";
import type { EpochMetrics } from "../../core/training/result.js";
import { startPool } from "../../workers/pool.js";
import { chooseWidth } from "../../workers/width.js";
import type { DataChoice } from "../data/datasets.js";
import { loadDataset, type LoadOptions } from "../data/load.js";
import { MAX_THREADS } from "../executors/start.js";
import { runCell } from "../run/cell-run.js";
import { readTrained } from "../run/find-cell.js";
import { givenInit } from "../run/inits.js";
import { checkMemory } from "../run/memory.js";
import { checkCell } from "../run/plan.js";
import { specChoice } from "../run/spec-choice.js";
import { cellId } from "../spec/cell-id.js";
import type { DataOptions } from "../spec/data-options.js";
import { expandGrid } from "../spec/grid.js";
import { withInits } from "../spec/inits.js";
import type { CellRecord } from "../store/record.js";
import { checkArgument, checkDataset, checkOptions, typeWords } from "./arguments.js";
import { guarded, onceEach } from "./callback.js";
import { checkedSpec, type Config } from "./spec.js";
import { wholeNumber } from "./sweep.js";

export interface TrainOptions {
  /** Threads that share the cell's shards, if it has a shardSize: 1 by default. */
  threads?: number;
  /** Stops the training at its next batch; nothing of it is kept. */
  signal?: AbortSignal;
  /** What it throws stops the training and is thrown by it. */
  onEpoch?: (metrics: EpochMetrics) => void;
}

/** A trained cell in memory. */
export interface TrainedModel {
  record: CellRecord;
  /** As weights.bin has them: all parameters in model order, then running statistics. */
  weights: Float32Array;
  dataset: Dataset;
}

/** A trained cell of a run directory. */
export interface StoredModel {
  runDirectory: string;
  /** Or any beginning of it, or of the hash that ends it, that no other cell there shares. */
  id: string;
}

export interface Prediction {
  /** The most probable class: its label, and its name. */
  label: number;
  className: string;
  /** Of each class, in [0, 1]. */
  probabilities: Float64Array;
}

/** How many images are needed: a set that is drawn is drawn no further, others are whole. */
export type DataLimits = Pick<LoadOptions, "dataDir" | "trainLimit" | "testLimit" | "onProgress">;

/** See handgrad.ts. */
export async function loadData(data: DataChoice | DataOptions, options: DataLimits): Promise<Dataset> {
  checkOptions<DataLimits>("loadDataset", options, {
    ...{ dataDir: "string", trainLimit: "number", testLimit: "number", onProgress: "function" },
  });
  for (const limit of ["trainLimit", "testLimit"] as const)
    if (options[limit] !== undefined) wholeNumber(limit, options[limit], 1, 2 ** 31);
  const { dataset, notice } = await loadDataset({ data: specChoice({ data }, "loadDataset"), ...options });
  if (notice !== undefined) options.onProgress?.(notice);
  return dataset;
}

/** See handgrad.ts. */
export async function train(config: Config, dataset: Dataset, options: TrainOptions): Promise<TrainedModel> {
  checkArgument("train", config, "object", "a cell's config as an object");
  checkDataset("train", dataset);
  checkOptions<TrainOptions>("train", options, { threads: "number", signal: "object", onEpoch: "function" });
  const threads = wholeNumber("threads", options.threads ?? 1, 1, MAX_THREADS);
  const host = guarded(options.onEpoch, options.signal);
  host.signal.throwIfAborted();
  const spec = await withInits(checkedSpec({ name: "cell", base: config }, "config"), "config");
  const [whole] = expandGrid(spec, "config");
  const cell = { id: cellId(whole, dataset.digest), config: whole };
  checkCell(whole, dataset, "config");
  checkMemory([whole], dataset, 1, "config", threads);
  const tell = onceEach(host.call);
  const pool = await startPool(1, { threadsPerCell: threads });
  try {
    const trained = await runCell({
      ...{ cell, dataset, init: givenInit(spec, whole, dataset), executor: pool },
      ...{ signal: host.signal, cancelled: () => host.signal.aborted },
      onMessage: (message) => message.kind === "epochs" && tell(message.curve),
    });
    tell(trained?.record.curve ?? []);
    host.settle();
    if (!trained) throw host.signal.reason;
    const { record, weights } = trained;
    if (!weights) throw new Error(`${cell.id} failed: ${record.error ?? "no reason given"}`);
    return { record, weights, dataset };
  } finally {
    await pool.close();
  }
}

/** See handgrad.ts. */
export async function predict(
  model: TrainedModel | StoredModel,
  images: Uint8Array | readonly Uint8Array[],
): Promise<Prediction[]> {
  checkArgument("predict", model, "object", "a trained model, or { runDirectory, id }");
  const trained = "weights" in model ? model : await readTrained("predict", model.id, model.runDirectory);
  const { record, weights } = trained;
  const kind = "dataset" in trained ? trained.dataset : trained.images;
  // Before the kernels are compiled, which the threads of later trainings share.
  await chooseWidth();
  const ask = createPredictor(record.config, kind, weights);
  const { height, width, channels, classNames } = kind;
  const size = bytesOf(kind);
  return [images].flat().flatMap((bytes: Uint8Array) => {
    if ((bytes as Partial<Uint8Array> | null | undefined)?.BYTES_PER_ELEMENT !== 1)
      throw new InputError(
        `predict: got ${typeWords(bytes)}, expected images as a Uint8Array: bytes from 0 to 255, not scaled`,
      );
    if (bytes.length === 0 || bytes.length % size !== 0)
      throw new InputError(
        `predict: got ${bytes.length} bytes, expected ${size} for each image (${height} × ${width} × ${channels})`,
      );
    return Array.from({ length: bytes.length / size }, (_, i): Prediction => {
      const probabilities = ask(bytes.subarray(i * size, (i + 1) * size));
      const label = probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)));
      return { label, className: classNames[label], probabilities };
    });
  });
}
