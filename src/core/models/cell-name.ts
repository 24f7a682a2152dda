/** The readable beginning of a cell's id, which its hash follows. */
import type { TrainConfig } from "../config.js";
import { modelName } from "./table.js";

/**
 * For example `cnn-nesterov-perm1-seed0`. Kinds in camel case are written in lower case: ids that differ do so on file
 * systems that take no notice of case, too.
 */
export function cellName({ model, optimizer, permutation, seed }: TrainConfig): string {
  return `${modelName(model)}-${optimizer.kind}`.toLowerCase() + `-perm${permutation}-seed${seed}`;
}
