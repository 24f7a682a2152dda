/** Builds what a config describes for a data set. */
import type { TrainConfig } from "../config.js";
import type { Dataset, ImageClasses } from "../data/dataset.js";
import { pixelPermutation } from "../data/permutation.js";
import type { Kernels } from "../kernels/kernels.js";
import type { ImageSize } from "../kernels/shape.js";
import { blueprint, type Blueprint } from "../network/blueprint.js";
import { buildOn } from "../network/create-network.js";
import { Network, type NetworkOptions } from "../network/network.js";
import { evaluationViews } from "../network/views.js";
import { CellState } from "./cell-state.js";
import type { Seen } from "./pruning.js";

/** A cell's network, and what training changes beside its weights. */
export interface Cell {
  network: Network;
  state: CellState;
}

/** The blueprint of a config's model for a data set. @throws InputError where they do not fit */
export const cellBlueprint = ({ model }: Pick<TrainConfig, "model">, dataset: ImageClasses): Blueprint =>
  blueprint(model, dataset, dataset.classNames.length);

/** What a network of a config is built with. */
export function networkOptions(config: TrainConfig, { height, width }: ImageSize): NetworkOptions {
  return {
    batchSize: config.batchSize,
    shardSize: config.shardSize,
    permutation: config.permutation === 0 ? undefined : pixelPermutation(config.permutation, height * width),
    augment: config.augment,
    labelSmoothing: config.labelSmoothing,
    views: evaluationViews(config),
  };
}

/** Makes a network on kernels; its weights are zeros. */
function networkBuilder(config: TrainConfig, dataset: ImageClasses): (kernels: Kernels) => Network {
  const plan = cellBlueprint(config, dataset);
  const options = networkOptions(config, dataset);
  return (kernels) => new Network(kernels, plan, options);
}

/** Makes a cell on kernels; its weights are zeros. @param seen what pruning goes by @throws InputError where model and data do not fit */
export function cellBuilder(config: TrainConfig, dataset: Dataset, seen?: Seen): (kernels: Kernels) => Cell {
  const build = networkBuilder(config, dataset);
  return (kernels) => {
    const network = build(kernels);
    return { network, state: new CellState(config, network, seen) };
  };
}

/**
 * A cell with initial weights.
 * @param seen what pruning goes by
 * @param init in place of random weights, as of `TrainResult.weights`
 * @throws InputError where model, data and weights do not fit
 */
export function buildCell(config: TrainConfig, dataset: Dataset, seen?: Seen, init?: Float32Array): Cell {
  const cell = buildOn(config.kernels, cellBuilder(config, dataset, seen));
  if (init) cell.network.loadWeights(init);
  else cell.network.initialise(config.seed);
  cell.state.begin();
  return cell;
}

/** A network with initial weights, for passes alone. @throws InputError where model and data do not fit */
export function buildNetwork(config: TrainConfig, dataset: ImageClasses): Network {
  const network = buildOn(config.kernels, networkBuilder(config, dataset));
  network.initialise(config.seed);
  return network;
}
