/** Rotated, scaled, shifted and mirrored images against PyTorch's grid_sample (test/golden/make_warp.py). Both kernel sets are given these bytes. */
import { expect, it } from "vitest";
import { augmentImage } from "../../../src/core/augment/augment-image.js";
import type { AugmentSpec } from "../../../src/core/config.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { formulaBatch, readGolden, type FormulaCase } from "../golden.js";

interface Case extends FormulaCase {
  name: string;
  augment: AugmentSpec;
  /** All images, base64. */
  bytes: string;
}

const { cases } = readGolden("warp.json") as { cases: Case[] };

it.each(cases)("$name, to the byte", (test) => {
  const { images } = formulaBatch(test, 0);
  const out = new Uint8Array(images.length);
  for (let i = 0; i < test.batch; i++)
    augmentImage(
      test.augment,
      { ...test, channels: 1 },
      { images, index: i },
      { images: out, index: i },
      new RandomStream("augment", 100 + i),
    );
  expect([...out]).toEqual([...Buffer.from(test.bytes, "base64")]);
});
