/** A variant of a cell: what a reader changed of its config, checked before anything is trained. */
import found from "virtual:what-if";
import type { TrainConfig } from "../../../../src/core/config.js";
import { stringify } from "../../../../src/core/json-text.js";
import type { ModelSpec } from "../../../../src/core/models/table.js";
import type { OptimizerSpec } from "../../../../src/core/optimizers/table.js";
import { optimizerWord } from "../data/config-fields.js";

/** What can be changed, as the reader writes it. */
export interface Changes {
  optimizer: string;
  lr: string;
  /** Units or channels, layer by layer; absent of models that have none to change. */
  width?: string;
  epochs: string;
  seed: string;
}

const optimizers = found.optimizers as Record<string, OptimizerSpec>;

export const optimizerChoices = Object.values(optimizers).map((spec) => ({
  kind: spec.kind,
  word: optimizerWord(spec),
}));

/** The rate that an optimizer has where nothing is said. */
export const defaultRate = (kind: string): string => String(optimizers[kind].lr);

const widthsOf = (model: ModelSpec): readonly number[] | undefined =>
  model.kind === "mlp"
    ? model.hidden
    : model.kind === "cnn"
      ? model.channels
      : model.kind === "resnet"
        ? [model.width]
        : undefined;

/** What a model's widths are called; undefined where it has none to change. */
export const widthName = ({ kind }: ModelSpec): string | undefined =>
  ({ mlp: "units of each hidden layer", cnn: "channels of each convolution", resnet: "width", layers: undefined })[
    kind
  ];

/** A cell's config as it is, to be changed. */
export function unchanged({ model, optimizer, epochs, seed }: TrainConfig): Changes {
  return {
    optimizer: optimizer.kind,
    lr: String(optimizer.lr),
    width: widthsOf(model)?.join(", "),
    epochs: String(epochs),
    seed: String(seed),
  };
}

/** What a field must be instead, by the field's name. */
export type Faults = Partial<Record<keyof Changes, string>>;

/** The config of a variant, or what is wrong with the changes. */
export function variantOf(config: TrainConfig, changes: Changes): { config: TrainConfig } | { faults: Faults } {
  const faults: Faults = {};
  const number = (name: "lr" | "epochs" | "seed" | "width", text: string, whole: boolean): number => {
    const { least, most } = found.bounds[name === "width" && config.model.kind === "resnet" ? "resnet" : name];
    const value = text.trim() === "" ? NaN : Number(text);
    const low = name === "lr" ? value > least : value >= least;
    if (!(low && value <= most) || (whole && !Number.isInteger(value)))
      faults[name] =
        `got “${text.trim()}”, expected ${whole ? "a whole number" : "a number"} ${name === "lr" ? "above" : "from"} ${least} to ${most}`;
    return value;
  };
  const lr = number("lr", changes.lr, false);
  const epochs = number("epochs", changes.epochs, true);
  const seed = number("seed", changes.seed, true);
  const same = config.optimizer.kind === changes.optimizer;
  const optimizer = { ...(same ? config.optimizer : optimizers[changes.optimizer]), lr };
  const model = changes.width === undefined ? config.model : widened(config.model, changes.width, number, faults);
  return Object.keys(faults).length > 0 ? { faults } : { config: { ...config, model, optimizer, epochs, seed } };
}

/** Lists of layers' widths may be of any length that the model allows. */
function widened(
  model: ModelSpec,
  text: string,
  number: (name: "width", text: string, whole: boolean) => number,
  faults: Faults,
): ModelSpec {
  const widths =
    text.trim() === ""
      ? []
      : text
          .split(/[\s,;]+/)
          .filter(Boolean)
          .map((word) => number("width", word, true));
  const [least, most] = model.kind === "mlp" ? [0, 16] : model.kind === "cnn" ? [1, 4] : [1, 1];
  if (!faults.width && (widths.length < least || widths.length > most))
    faults.width = `got ${widths.length} numbers, expected ${least === most ? least : `${least} to ${most}`}`;
  if (model.kind === "mlp") return { ...model, hidden: widths };
  if (model.kind === "cnn") return { ...model, channels: widths };
  return model.kind === "resnet" ? { ...model, width: widths[0] } : model;
}

/** A sweep of the variant alone, as a spec file has it. @param data names the data set; undefined: the command must name a folder */
export const specOf = (config: TrainConfig, data?: string): string =>
  stringify({ name: "what-if", data, base: config }, 2);
