/** Networks that nobody chose, of the sizes that people use: the simd kernels against the reference ones. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compareNetworks } from "../compare-networks.js";
import { checkKernels } from "../../../src/core/check/check-kernels.js";
import { trainConfigSchema } from "../../../src/core/config.js";
import type { Dataset, Samples } from "../../../src/core/data/dataset.js";
import { PLAIN_LAYERS } from "../../../src/core/layers/table.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";
import { randomNetworks, specOf, type RandomNetwork } from "../random-networks.js";

/** How many, and the seed they are drawn by: `npm run test:kernels` takes ten thousand and any seed. */
const COUNT = Number(process.env.KERNEL_NETWORKS ?? 40);
const SEED = Number(process.env.KERNEL_SEED ?? 1);
/** One in this many goes through the check before a cell's training, too. */
const CHECKED = 4;
/** Multiply-adds of a batch's forward pass. */
const MOST = 1.5e6;

/** The synthetic images, each value in all channels but a little darker from one to the next; by the number of channels. */
const grey = drawSyntheticDataset(80, 10);
const datasets = Array.from({ length: 6 }, (_, channels): Dataset => {
  const spread = ({ images, ...rest }: Samples): Samples => ({
    ...rest,
    images: Uint8Array.from({ length: channels * images.length }, (_, i) =>
      Math.max(0, images[Math.floor(i / channels)] - 20 * (i % channels)),
    ),
  });
  return { ...grey, channels, train: spread(grey.train), test: spread(grey.test) };
});

/** What the check before a cell's training says of it. */
function check({ layers, batch, shardSize, optimizer, channels }: RandomNetwork): string | undefined {
  const config = trainConfigSchema.parse({
    model: { kind: "layers", name: "found", layers },
    optimizer,
    batchSize: batch,
    shardSize,
  });
  return checkKernels(config, datasets[channels], 2);
}

it(`${COUNT} random networks, seed ${SEED}`, { timeout: 20_000 * COUNT }, () => {
  const kinds = new Set<string>();
  let count = 0;
  fc.assert(
    fc.property(randomNetworks(MOST), (random) => {
      for (const layer of random.layers) kinds.add(layer.kind);
      try {
        compareNetworks(random);
        if (++count % CHECKED === 0) expect(check(random)).toBeUndefined();
      } catch (error) {
        throw new Error(
          `${(error as Error).message}\nthe network as a spec, on images of ${random.channels} channels: ${specOf(random)}`,
          { cause: error },
        );
      }
    }),
    { numRuns: COUNT, seed: SEED },
  );
  expect([...kinds].sort()).toEqual([...Object.keys(PLAIN_LAYERS), "residual"].sort());
});
