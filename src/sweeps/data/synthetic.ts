/** The embedded stand-in for FashionMNIST: as many images of the same size and classes, drawn instead of photographed. */
import type { Dataset, Samples } from "../../core/data/dataset.js";
import { Canvas, SIZE } from "./canvas.js";
import { fashionMnistClasses } from "./canonical-files.js";
import { Dice } from "./dice.js";
import { drawGarment } from "./garments.js";

/** Images of the whole set. */
export const SYNTHETIC_TRAIN = 60_000;
export const SYNTHETIC_TEST = 10_000;

/**
 * The digest of the whole set, as `datasetDigest` defines it: each of its four parts counts as the IDX file
 * that would hold it. A constant, so that drawing the first N images alone gives the same digest as drawing all.
 */
export const SYNTHETIC_DIGEST = "22eab13eee715e60b20c8677274693921b9d72255c7269ec2e0358edacc37ea9";

/** In every run of this many images, each class comes equally often. */
const BLOCK = 1000;

/** Purposes of the seeded numbers: a split's labels and its images. */
const TRAIN = 0;
const TEST = 2;

function drawLabels(dice: Dice, purpose: number, labels: Uint8Array): void {
  const block = new Uint8Array(BLOCK);
  for (let start = 0; start < labels.length; start += BLOCK) {
    for (let i = 0; i < BLOCK; i++) block[i] = i % fashionMnistClasses.length;
    dice.seed(purpose, start);
    for (let i = BLOCK - 1; i > 0; i--) {
      const j = dice.below(i + 1);
      const swapped = block[i];
      block[i] = block[j];
      block[j] = swapped;
    }
    labels.set(block.subarray(0, labels.length - start), start);
  }
}

function drawSamples(purpose: number, count: number): Samples {
  const images = new Uint8Array(new SharedArrayBuffer(count * SIZE * SIZE));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  const dice = new Dice();
  const canvas = new Canvas();
  drawLabels(dice, purpose, labels);
  for (let i = 0; i < count; i++) {
    dice.seed(purpose + 1, i);
    drawGarment(canvas, dice, labels[i], images, i * SIZE * SIZE);
  }
  return { count, images, labels };
}

/**
 * Draws the first `trainLimit` training and the first `testLimit` test images of the synthetic set (all
 * 60,000 and 10,000 by default; more are not to be had). Each image depends on its split and index alone.
 * @returns 28 × 28 grey images and labels 0 to 9 on SharedArrayBuffers
 */
export function drawSyntheticDataset(trainLimit = SYNTHETIC_TRAIN, testLimit = SYNTHETIC_TEST): Dataset {
  return {
    name: "synthetic",
    digest: SYNTHETIC_DIGEST,
    height: SIZE,
    width: SIZE,
    classNames: [...fashionMnistClasses],
    train: drawSamples(TRAIN, Math.min(trainLimit, SYNTHETIC_TRAIN)),
    test: drawSamples(TEST, Math.min(testLimit, SYNTHETIC_TEST)),
  };
}
