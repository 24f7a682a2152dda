/** The embedded stand-in for FashionMNIST: as many images of the same size and classes, drawn instead of photographed. */
import type { Dataset } from "../../core/data/dataset.js";
import { drawSamples, SYNTHETIC_DIGEST } from "../../core/synthetic/draw.js";
import { fashionMnist } from "./fashion-mnist.js";
import type { DrawnDataset } from "./known-dataset.js";

/** The classes, words and numbers of images of what it stands in for. */
const { classNames, text, counts, height, width, channels } = fashionMnist;
const size = { height, width, channels };

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/**
 * Draws the first `trainLimit` training and the first `testLimit` test images of the synthetic set (all
 * 60,000 and 10,000 by default; more are not to be had). Each image depends on its split and index alone.
 * @returns images and labels on SharedArrayBuffers
 */
export function drawSyntheticDataset(trainLimit: number = counts.train, testLimit: number = counts.test): Dataset {
  return {
    name: "synthetic",
    digest: SYNTHETIC_DIGEST,
    ...size,
    classNames: [...classNames],
    train: drawSamples("train", Math.min(trainLimit, counts.train), shared),
    test: drawSamples("test", Math.min(testLimit, counts.test), shared),
  };
}

export const synthetic = {
  name: "synthetic",
  ...size,
  counts,
  classNames,
  text: {
    title: "the synthetic stand-in data",
    about: `This report does not show ${text.title}: the sweep used an embedded stand-in of the same shape, ten classes of procedurally drawn garments, ${height}×${width} grey pixels each. The curves look like curves, but the figures say nothing about ${text.title}.`,
    warning: {
      badge: "synthetic data",
      headline: `Synthetic data, not ${text.title}.`,
      text: `These cells were trained on a drawn stand-in of the same shape, and their figures say nothing about ${text.title}. For the real thing, put its four files into a folder and run \`npm run sweep -- --data-dir FOLDER\`.`,
    },
  },
  draw: drawSyntheticDataset,
} as const satisfies DrawnDataset;
