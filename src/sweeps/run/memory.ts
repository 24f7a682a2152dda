/** How much memory a cell's tensors take, and whether that can be had: asked before anything is allocated. */
import os from "node:os";
import { arrayCount } from "../../core/training/cell-state.js";
import type { TrainConfig } from "../../core/config.js";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { countParameters, Network } from "../../core/network/network.js";
import { referenceKernels } from "../../core/reference/reference.js";
import { simdKernels } from "../../core/simd/kernels.js";
import { Arena } from "../../core/kernels/tensor.js";
import { networkOptions } from "../../core/training/train.js";

/** Within what one WebAssembly memory can address, with room for the copies that weights and checkpoints are. */
export const MAX_CELL_BYTES = 2 * 2 ** 30;

/** Bytes of a cell's arena, by the dry run that also sizes the real one. */
export function arenaBytes(config: TrainConfig, dataset: Dataset): number {
  const arena = new Arena();
  // Parts of the dry run have real size: a model that is hopeless by its parameters alone needs none.
  const parameters = 4 * countParameters(config.model, dataset.height, dataset.width, dataset.classNames.length);
  if (parameters > MAX_CELL_BYTES) return parameters;
  return new Network(
    config.kernels === "simd" ? simdKernels(arena) : referenceKernels(arena),
    networkOptions(config, dataset),
  ).kernels.arena.bytes;
}

/** Bytes that a cell with arenas of that size takes on this many threads: an arena each, and what they share. */
function cellBytes(
  arena: number,
  config: TrainConfig,
  { height, width, classNames }: Dataset,
  threads: number,
): number {
  if (threads === 1 || config.shardSize === undefined) return arena;
  const parameters = 4 * countParameters(config.model, height, width, classNames.length);
  return threads * arena + (1 + Math.ceil(config.batchSize / config.shardSize)) * parameters;
}

/** @param threads that share a cell @param source names the spec in errors @throws InputError where a cell, or `workers` cells at once, need more than they can have */
export function checkMemory(
  configs: TrainConfig[],
  dataset: Dataset,
  workers: number,
  source: string,
  threads = 1,
): void {
  const known = new Map<string, number>();
  const sizes = configs.map((config) => {
    const key = JSON.stringify([
      config.model,
      config.optimizer.kind,
      arrayCount(config),
      config.batchSize,
      config.shardSize,
      config.augment,
      config.kernels,
    ]);
    const bytes = known.get(key) ?? arenaBytes(config, dataset);
    known.set(key, bytes);
    if (bytes > MAX_CELL_BYTES)
      throw new InputError(
        `${source}: model: a cell needs ${gigabytes(bytes)} of memory, expected at most ${gigabytes(MAX_CELL_BYTES)}; make its layers or its batch smaller`,
      );
    return cellBytes(bytes, config, dataset, threads);
  });
  const together = sizes
    .sort((a, b) => b - a)
    .slice(0, workers)
    .reduce((sum, bytes) => sum + bytes, 0);
  const memory = Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
  if (together > memory)
    throw new InputError(
      `${source}: ${workers === 1 ? "one cell needs" : `${workers} cells at once need`} ${gigabytes(together)} of memory, this machine has ${gigabytes(memory)}; use fewer --workers${threads > 1 ? " or --threads-per-cell" : ""}`,
    );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
