/** Why a recipe's decisions are made, told from the config field that taking one back changes. */

/** By field; the first that occurs among the changed fields is the decision, the others follow from it. */
const REASONS: [field: string, reason: string][] = [
  ["model.kind", "Baseline: the homework's CNN, trained as the homework says."],
  [
    "optimizer.kind",
    "SGD steps in proportion to the gradient; Adam makes the steps of all weights equally large, Muon those in all directions of a weight matrix, so that rare features are learned as fast as common ones.",
  ],
  [
    "model.residual",
    "A block adds to its input instead of replacing it: it has only a correction to learn, and gradients pass it undiminished.",
  ],
  [
    "model.batchNorm",
    "Normalisation keeps high learning rates stable, and the noise of a shard's mean and variance regularises.",
  ],
  [
    "model.padded",
    "Without padding the sides are 24, 12 and 6 pixels, whole tiles of the engine's convolution, and an epoch is cheaper; with it the border counts as much as the middle.",
  ],
  [
    "model.blocks",
    "More convolutions in a row tell finer details apart, those at full size above all; each is small, and a block's correction is easy to learn.",
  ],
  ["model.width", "More channels find more features, at a cost that grows with the square of the width."],
  ["model.activation", "A smooth activation passes a little gradient where ReLU passes none."],
  [
    "model.globalPool",
    "One number per channel, wherever in the image it comes from: the strongest response or the mean of all.",
  ],
  ["model.dropout", "Units that are missing at random keep the last layer from relying on a few."],
  ["schedule.kind", "Large steps first, which find a good region, then ever smaller ones, which settle in it."],
  [
    "augment.until",
    "Altered images keep a long training general; plain ones at its end fit it to what it is tested on.",
  ],
  [
    "prune.easy",
    "Most garments are learned after a few epochs; leaving many of these out, with more weight on those that stay, saves time for the hard ones.",
  ],
  [
    "augment.erase.probability",
    "With a rectangle missing, the network must use the whole garment and not one telling detail.",
  ],
  [
    "augment.shift",
    "A garment shifted by a pixel or two is the same garment. All images here are centred, those of the test too, so a short training gains little from it.",
  ],
  ["augment.flip", "A mirrored garment is the same garment, so there are twice as many images."],
  ["augment.rotate", "A garment that lies a little askew is the same garment."],
  ["augment.scale", "A garment that is a little larger or smaller is the same garment."],
  [
    "augment.mixup",
    "Mixed images with mixed labels make the network change its answer gradually from one class to another.",
  ],
  [
    "augment.cutmix",
    "With a patch of another garment, its label mixed in by its area, one telling detail is not enough.",
  ],
  [
    "labelSmoothing",
    "A target short of certainty keeps logits from growing once an image is learned, and forgives labels that may be wrong.",
  ],
  ["weightAverage", "The average of the weights of many steps is less noisy than the weights of any one step."],
  [
    "evaluateShifted",
    "The mean over several views of an image is wrong less often than one view; it costs time at evaluation only.",
  ],
  [
    "evaluateFlipped",
    "The mean over two views of an image is wrong less often than one view; it costs time at evaluation only.",
  ],
  ["optimizer.weightDecay", "A pull towards zero keeps weights that the loss does not need from growing."],
  ["clipNorm", "A rare large gradient must not undo many good steps."],
  ["batchSize", "Smaller batches give more and noisier steps an epoch."],
  ["shardSize", "Batch normalisation over fewer samples is noisier, which regularises."],
  ["optimizer.lr", "The learning rate decides how far each step goes."],
];

/** Empty where the fields are of no decision known here. */
export function reasonFor(changed: readonly string[]): string {
  return REASONS.find(([field]) => changed.includes(field))?.[1] ?? "";
}
