/** How much memory a cell's tensors take, and whether that can be had: asked before anything is allocated. */
import os from "node:os";
import type { TrainConfig } from "../../core/config.js";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { bytesFor } from "../../core/network/create-network.js";
import { stateCount } from "../../core/optimizers/table.js";
import { cellBlueprint, cellBuilder } from "../../core/training/build.js";

/** Within what one WebAssembly memory can address, with room for the copies that weights and checkpoints are. */
export const MAX_CELL_BYTES = 2 * 2 ** 30;

/** Bytes of a cell's arena, by the dry run that also sizes the real one. */
export function arenaBytes(config: TrainConfig, dataset: Dataset): number {
  // Parts of the dry run have real size: a model that is hopeless by its parameters alone needs none.
  const parameters = parameterBytes(config, dataset);
  return parameters > MAX_CELL_BYTES ? parameters : bytesFor(config.kernels, cellBuilder(config, dataset));
}

const parameterBytes = (config: TrainConfig, dataset: Dataset): number =>
  4 * cellBlueprint(config, dataset).parameterFloats;

/** Bytes that a cell with arenas of at most that size takes on this many threads: an arena each, and what they share. */
function cellBytes(arena: number, config: TrainConfig, dataset: Dataset, threads: number): number {
  if (threads === 1 || config.shardSize === undefined) return arena;
  return threads * arena + (1 + Math.ceil(config.batchSize / config.shardSize)) * parameterBytes(config, dataset);
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
    const { model, optimizer, batchSize, shardSize, weightAverage, augment, kernels } = config;
    const views = [config.evaluateFlipped, config.evaluateShifted];
    const arrays = [stateCount(optimizer), weightAverage !== undefined, config.permutation > 0];
    const key = JSON.stringify([model, optimizer.kind, arrays, batchSize, shardSize, augment, views, kernels]);
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
