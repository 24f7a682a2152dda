/** One image as networks see it that were trained on original and on permuted pixels, side by side. */
import { pixelPermutation } from "../../../../src/core/data/permutation.js";
import { bytesOf, type ImageSize } from "../../../../src/core/kernels/shape.js";
import { h, refill } from "./dom.js";
import { permutePixels } from "../data/pixels.js";
import { imageCanvas, redraw } from "./images.js";

interface View {
  order: ArrayLike<number>;
  bytes: Uint8Array;
  canvas: HTMLCanvasElement;
}

export class PermutedViews {
  readonly element = h("div", { class: "try-views" });
  private views: View[] = [];

  constructor(private readonly size: ImageSize) {}

  /** Which permutations there are; the original order alone is not shown. @param name what their pixels are called */
  use(permutations: readonly number[], name: (permutation: number) => string): void {
    const { size } = this;
    const shown = permutations.some((k) => k > 0) ? permutations : [];
    this.views = shown.map((k) => {
      const bytes = new Uint8Array(bytesOf(size));
      const canvas = imageCanvas(bytes, size, `The image as networks of ${name(k)} pixels see it`);
      return { order: pixelPermutation(k, size.height * size.width), bytes, canvas };
    });
    refill(
      this.element,
      this.views.map(({ canvas }, i) => h("div", {}, canvas, h("small", {}, name(shown[i])))),
    );
  }

  /** @param image bytes, row by row */
  show(image: Uint8Array): void {
    for (const { order, bytes, canvas } of this.views) {
      bytes.set(permutePixels(image, order));
      redraw(canvas);
    }
  }
}
