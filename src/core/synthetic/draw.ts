/** Draws the images and labels of the synthetic set. Each image depends on its split and index alone. */
import type { Samples } from "../data/dataset.js";
import { Canvas } from "./canvas.js";
import { Dice } from "./dice.js";
import { drawGarment } from "./garments.js";

/**
 * The digest of the whole set: each of its four parts counts as the IDX file that would hold it. A constant, so that
 * drawing the first N images alone gives the same digest as drawing all.
 */
export const SYNTHETIC_DIGEST = "1398615ae0b3232ae17a513a00b222d2a7a0eb9892013f5dd2120a5651b021a8";

/** Height and width of an image, and the number of classes. */
const [SIZE, CLASSES] = [28, 10];

/** In every run of this many images, each class comes equally often. */
const BLOCK = 1000;

/** Purposes of the seeded numbers: a split's labels, and one more its images. */
const PURPOSES = { train: 0, test: 2 };

function drawLabels(dice: Dice, purpose: number, labels: Uint8Array): void {
  const block = new Uint8Array(BLOCK);
  for (let start = 0; start < labels.length; start += BLOCK) {
    for (let i = 0; i < BLOCK; i++) block[i] = i % CLASSES;
    dice.seed(purpose, start);
    for (let i = BLOCK - 1; i > 0; i--) {
      const j = dice.below(i + 1);
      [block[i], block[j]] = [block[j], block[i]];
    }
    labels.set(block.subarray(0, labels.length - start), start);
  }
}

/** The first `count` samples of a split. @param buffer makes the memory, where threads are to share it */
export function drawSamples(
  split: keyof typeof PURPOSES,
  count: number,
  buffer: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Samples {
  const images = new Uint8Array(buffer(count * SIZE * SIZE));
  const labels = new Uint8Array(buffer(count));
  const dice = new Dice();
  const canvas = new Canvas(SIZE);
  drawLabels(dice, PURPOSES[split], labels);
  for (let i = 0; i < count; i++) {
    dice.seed(PURPOSES[split] + 1, i);
    drawGarment(canvas, dice, labels[i], images, i * SIZE * SIZE);
  }
  return { count, images, labels };
}
