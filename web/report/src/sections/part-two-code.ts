/** The code behind part 2: which of it stands in which section. */
import { code } from "../draw/code.js";
import { h, type Child } from "../draw/dom.js";
import { wordsOf, written } from "../draw/written.js";

/** Each a title, and the names of declarations of one file. */
const CODE: Record<"mlp" | "cnn" | "parameters" | "permuted", [title: string, ...names: string[]][]> = {
  mlp: [
    ["The model as a list of layers", "mlp"],
    ["A dense layer, forward and backward", "dense"],
    ["Softmax and cross-entropy with their gradient", "softmaxCrossEntropy"],
    ["A part of a batch, forward and backward", "CellPasses.shard"],
    ["An epoch, batch by batch, and the update after each", "Training.epoch", "Training.update"],
    ["The steps of the three optimizers", "sgd", "momentum", "adam"],
  ],
  cnn: [
    ["The model as a list of layers", "cnn"],
    ["A convolution, forward and backward", "conv2d"],
  ],
  parameters: [["The number of parameters of a model", "countParameters"]],
  permuted: [
    ["The permutation", "pixelPermutation"],
    ["A batch: shuffled, permuted and scaled", "gather"],
  ],
};

/** The code that answers a section; the first also says what code this is. */
export function partTwoCode(section: keyof typeof CODE): Child {
  const pieces = CODE[section].map((piece) => code(...piece));
  return section === "mlp" ? [h("h4", {}, wordsOf("code").title), written("code"), pieces] : pieces;
}
