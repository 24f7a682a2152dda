/** Which code stands in which section. */

/** By the words' name; each a title, and the names of declarations of one file. */
export const SHOWN_CODE: Record<string, [title: string, ...names: string[]][]> = {
  predict: [
    ["The sigmoid", "sigmoid"],
    ["The forward pass", "predict"],
  ],
  "logistic-loss": [["The loss as written", "logisticLoss"]],
  "stable-loss": [["The stable loss", "logAddExp", "stableLogisticLoss"]],
  gradient: [["The gradient", "gradient"]],
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
