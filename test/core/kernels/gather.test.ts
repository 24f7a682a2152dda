/** Gathering on both kernel sets, against a recount of every value: bytes to floats, shuffled, permuted, of any number of channels. */
import { expect, it } from "vitest";
import { pixelPermutation } from "../../../src/core/data/permutation.js";
import { GuardedArena } from "../../../src/core/kernels/guarded-arena.js";
import type { Kernels } from "../../../src/core/kernels/kernels.js";
import { originOf, plainMemory } from "../../../src/core/kernels/tensor.js";
import { roundUp } from "../../../src/core/numeric/math.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";

const MEMORY = 1 << 22;
const sets: Record<Kernels["name"], () => Kernels> = {
  reference: () => referenceKernels(new GuardedArena(plainMemory(MEMORY, "float32"))),
  simd: () => {
    const { floats, exports } = simdMemory(MEMORY);
    return simdKernels(new GuardedArena(floats), exports);
  },
};

const sizes: [height: number, width: number, channels: number, halo: number][] = [
  [32, 32, 3, 1],
  [32, 32, 3, 0],
  [28, 28, 1, 1],
  [7, 5, 1, 2],
  [5, 9, 2, 1],
  [3, 3, 4, 2],
  [9, 7, 5, 0],
  [4, 6, 11, 1],
  [1, 1, 3, 0],
];

it.each(
  sizes.flatMap(([height, width, channels, halo]) =>
    [0, 3].flatMap((k) =>
      (["reference", "simd"] as const).map((set) => ({ height, width, channels, halo, permutation: k, set })),
    ),
  ),
)("$set: $height × $width × $channels, halo $halo, permutation $permutation", (what) => {
  const { height, width, channels, halo, permutation, set } = what;
  const [batch, count, start, n] = [7, 20, 3, 6];
  const pixels = height * width;
  const random = new RandomStream("init", pixels + channels);
  const images = Uint8Array.from({ length: count * pixels * channels }, () => random.below(256));
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  random.shuffle(order);
  const kernels = sets[set]();
  const { arena } = kernels;
  const pitch = channels === 1 ? 1 : roundUp(channels, 4);
  const x = arena.images(batch, height, width, channels, pitch, halo);
  const table = permutation === 0 ? undefined : pixelPermutation(permutation, pixels);
  const gather = kernels.gather(x, pixels, table);
  gather.run(images, order, start, n);
  arena.check?.("gather");

  const expected = new Map<number, number>();
  for (let j = 0; j < n; j++)
    for (let y = 0; y < height; y++)
      for (let column = 0; column < width; column++) {
        const place = y * width + column;
        const source = table ? table[place] : place;
        for (let c = 0; c < channels; c++) {
          const byte = images[(order[start + j] * pixels + source) * channels + c];
          expected.set(
            x.offset + j * x.stride[0] + y * x.stride[1] + column * pitch + c,
            Math.fround(byte * Math.fround(1 / 255)),
          );
        }
      }
  // Halo, padding and the samples that were not asked for stay zeros.
  const begin = x.offset - originOf(x);
  const wrongPlaces = (): number[] => {
    const wrong: number[] = [];
    for (let place = begin; place < begin + batch * x.stride[0]; place++)
      if (x.data[place] !== (expected.get(place) ?? 0)) wrong.push(place);
    return wrong;
  };
  expect(wrongPlaces()).toEqual([]);
  expect(expected.size).toBe(n * pixels * channels);

  // Wherever the bytes begin; other images in between, so that nothing stays of the last ones.
  for (const offset of [1, 4, 2, 3, 13]) {
    gather.run(new Uint8Array(images.length), order, start, n);
    const moved = new Uint8Array(offset + images.length).subarray(offset);
    moved.set(images);
    gather.run(moved, order, start, n);
    expect(wrongPlaces(), `from byte ${offset} on`).toEqual([]);
  }

  // Other images through the same operation: nothing is left of the first.
  const others = images.map((byte) => 255 - byte);
  gather.run(others, order, 0, batch);
  const byte = others[(order[batch - 1] * pixels + (table?.[pixels - 1] ?? pixels - 1)) * channels + channels - 1];
  expect(x.get(batch - 1, height - 1, width - 1, channels - 1)).toBe(Math.fround(byte * Math.fround(1 / 255)));
});
