/** Every family of models: what depends on it is read from here. */
import type { SpecsOf } from "../family.js";
import type { LayerSpec } from "../layers/table.js";
import { flattenBlocks } from "./blocks.js";
import { cnn } from "./cnn.js";
import { listed } from "./listed.js";
import { mlp } from "./mlp.js";
import type { ModelFamily } from "./model.js";
import { resnet } from "./resnet.js";

export const MODELS = { mlp, cnn, layers: listed, resnet };

export type ModelKind = keyof typeof MODELS;
export type ModelSpec = SpecsOf<typeof MODELS>;

/** What the table says of a model's family. */
export const familyOf = <Spec extends ModelSpec>({ kind }: Spec): ModelFamily<never, Spec> =>
  MODELS[kind] as unknown as ModelFamily<never, Spec>;

/** The layers a model spec stands for, ending in the logits of `classes` classes. */
export const modelLayers = (model: ModelSpec, classes: number): LayerSpec[] =>
  flattenBlocks(familyOf(model).blocks(model, classes));

/** The word for a model in ids, tables and legends: `mlp`, `cnn`, or the name of a list of layers. */
export const modelName = (model: ModelSpec): string => familyOf(model).id(model);

/**
 * The readable beginning of a cell's id, for example `cnn-nesterov-perm1-seed0`. Kinds in camel case are written in lower
 * case: ids that differ do so on file systems that take no notice of case, too.
 */
export function cellName(config: {
  model: ModelSpec;
  optimizer: { kind: string };
  permutation: number;
  seed: number;
}): string {
  const { model, optimizer, permutation, seed } = config;
  return `${modelName(model)}-${optimizer.kind}`.toLowerCase() + `-perm${permutation}-seed${seed}`;
}
