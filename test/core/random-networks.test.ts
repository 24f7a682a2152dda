/** Networks that nobody chose, of the sizes that people use: the simd kernels against the reference ones. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compareNetworks } from "./compare-networks.js";
import { randomNetworks, specOf } from "./random-networks.js";

/** How many, and the seed they are drawn by: `npm run test:kernels` takes ten thousand and any seed. */
const COUNT = Number(process.env.KERNEL_NETWORKS ?? 200);
const SEED = Number(process.env.KERNEL_SEED ?? 1);
/** Multiply-adds of a batch's forward pass. */
const MOST = 1.5e6;

it(`${COUNT} random networks, seed ${SEED}`, { timeout: 20_000 * COUNT }, () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(randomNetworks(MOST), (random) => {
      for (const layer of random.layers) kinds.add(layer.kind);
      try {
        compareNetworks(random);
      } catch (error) {
        throw new Error(`${(error as Error).message}\nthe network as a spec: ${specOf(random)}`, { cause: error });
      }
    }),
    { numRuns: COUNT, seed: SEED },
  );
  expect(kinds.size).toBe(13);
});
