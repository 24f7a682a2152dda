/** What a trained cell's network says of single images. */
import type { TrainConfig } from "../config.js";
import type { ImageClasses } from "../data/dataset.js";
import { exp } from "../numeric/math.js";
import { buildNetwork } from "./build.js";

/**
 * Evaluates a cell's network as the cell's last evaluation did.
 * @param weights as of `TrainResult.weights`
 * @returns the probability of each class, from an image's bytes, in [0, 1]; permuted as the cell's images are
 * @throws InputError where model, images and weights do not fit
 */
export function createPredictor(
  config: TrainConfig,
  images: ImageClasses,
  weights: Float32Array,
): (image: Uint8Array) => Float64Array {
  const network = buildNetwork({ ...config, batchSize: 1, shardSize: undefined }, images);
  const { logits, pass } = network;
  network.loadWeights(weights);
  pass.progress = 1;
  const [labels, order] = [new Uint8Array(1), new Uint32Array(1)];
  return (image) => {
    network.evaluate(image, labels, order, 0, 1);
    const values = Float64Array.from(images.classNames, (_, label) => logits.get(0, label));
    const largest = values.reduce((a, b) => Math.max(a, b));
    const powers = values.map((value) => exp(value - largest));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  };
}
