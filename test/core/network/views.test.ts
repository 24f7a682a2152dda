/** The views of images that evaluation shows a network, of any number of channels. */
import { expect, it } from "vitest";
import { bytesOf } from "../../../src/core/kernels/shape.js";
import { plainArena } from "../../../src/core/kernels/tensor.js";
import { evaluationViews, Views } from "../../../src/core/network/views.js";

it.each([1, 3])(
  "%d channels: every view is the image moved, all channels alike, and logits are their mean",
  (channels) => {
    const size = { height: 6, width: 5, channels };
    const bytes = bytesOf(size);
    const images = Uint8Array.from({ length: 9 * bytes }, (_, i) => 1 + ((i * 37) % 255));
    const order = Uint32Array.of(4, 7, 0, 8, 2);
    const views = evaluationViews({ evaluateFlipped: true, evaluateShifted: 2 });
    const arena = plainArena(1 << 16, "float64");
    const logits = arena.vectors(4, 3);
    const averaged = new Views(arena, views, size, logits);
    const shown: Uint8Array[] = [];
    const show = (at: Uint8Array, places: ArrayLike<number>): void => {
      shown.push(
        Uint8Array.from([0, 1, 2].flatMap((j) => [...at.subarray(places[j] * bytes, (places[j] + 1) * bytes)])),
      );
      for (let j = 0; j < 3; j++) for (let c = 0; c < 3; c++) logits.set(j, c, shown.length * (j + 1) + c);
    };
    show(images, order.subarray(1));
    averaged.average(true, images, order, 1, 3, show);

    expect(shown).toHaveLength(10);
    views.forEach(({ dx, dy, mirror }, view) => {
      const expected = [1, 2, 3].flatMap((j) =>
        Array.from({ length: bytes }, (_, i) => {
          const [c, x, y] = [i % channels, Math.floor(i / channels) % 5, Math.floor(i / channels / 5)];
          const [row, column] = [y - dy, x - dx];
          if (row < 0 || row >= 6 || column < 0 || column >= 5) return 0;
          return images[order[j] * bytes + (row * 5 + (mirror ? 4 - column : column)) * channels + c];
        }),
      );
      expect([...shown[view]]).toEqual(expected);
    });
    // The mean of 1 to 10 is 5.5.
    for (let j = 0; j < 3; j++) for (let c = 0; c < 3; c++) expect(logits.get(j, c)).toBeCloseTo(5.5 * (j + 1) + c, 12);
  },
);
