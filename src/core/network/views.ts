/** The views of an image that evaluation takes the mean of: as it is, shifted, mirrored. */
import { copyMoved, type Move } from "../augment/augment-image.js";
import type { TrainConfig } from "../config.js";
import { bytesOf, type ImageSize } from "../kernels/shape.js";
import { largest } from "../numeric/extremes.js";
import { InputError } from "../input-error.js";
import type { Arena, Tensor } from "../kernels/tensor.js";

/**
 * As it is; then shifted by `evaluateShifted` pixels right, left, down and up; then all of these mirrored, where asked for.
 * Shifts take five times as long: they are for the last evaluation.
 */
export function evaluationViews({
  evaluateFlipped = false,
  evaluateShifted = 0,
}: Pick<TrainConfig, "evaluateFlipped" | "evaluateShifted">): Move[] {
  const shifts =
    evaluateShifted === 0
      ? [[0, 0]]
      : [
          [0, 0],
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ];
  return (evaluateFlipped ? [false, true] : [false]).flatMap((mirror) =>
    shifts.map(([x, y]) => ({ dx: x * evaluateShifted, dy: y * evaluateShifted, mirror })),
  );
}

/** Those of some views that every evaluation takes, not the last one only. */
export function unshiftedViews(views: readonly Move[]): Move[] {
  return views.filter(({ dx, dy }) => dx === 0 && dy === 0);
}

/** @throws InputError where a shift by `evaluateShifted` does not fit the images */
export function checkShift(evaluateShifted: number, { height, width }: Pick<ImageSize, "height" | "width">): void {
  const side = Math.min(height, width);
  if (evaluateShifted >= side)
    throw new InputError(
      `evaluateShifted: got ${evaluateShifted}, expected less than ${side}, the image's shorter side; shift by fewer pixels`,
    );
}

/** Averages logits over views. */
export class Views {
  private readonly images: Uint8Array;
  private readonly order: Uint32Array;
  private readonly sums: Float64Array;
  private readonly unshifted: readonly Move[];

  /** @param views the first shows an image as it is. @throws InputError where a shift does not fit the images */
  constructor(
    arena: Arena,
    private readonly views: readonly Move[],
    private readonly size: ImageSize,
    private readonly logits: Tensor,
  ) {
    checkShift(largest(views.map(({ dx }) => dx)), size);
    this.unshifted = unshiftedViews(views);
    const [batch] = logits.shape;
    const bytes = batch * bytesOf(size);
    this.images = arena.byteView(arena.allocate(bytes), bytes);
    this.order = Uint32Array.from({ length: batch }, (_, i) => i);
    this.sums = new Float64Array(logits.size);
  }

  /**
   * The logits hold those of the first view of the samples order[start … start + n); `forward` replaces them by those of the
   * first n images it is given. Leaves the mean over all views, or over the unshifted ones.
   */
  average(
    all: boolean,
    images: Uint8Array,
    order: Uint32Array,
    start: number,
    n: number,
    forward: (images: Uint8Array, order: Uint32Array) => void,
  ): void {
    const { size, sums } = this;
    const views = all ? this.views : this.unshifted;
    const bytes = bytesOf(size);
    this.eachLogit(n, (at, logit) => (sums[at] = logit));
    for (const view of views.slice(1)) {
      for (let j = 0; j < n; j++) copyMoved(view, size, images, order[start + j] * bytes, this.images, j * bytes);
      forward(this.images, this.order);
      this.eachLogit(n, (at, logit) => (sums[at] += logit));
    }
    const share = 1 / views.length;
    this.eachLogit(n, (at, _, sample, label) => this.logits.set(sample, label, sums[at] * share));
  }

  private eachLogit(n: number, visit: (at: number, logit: number, sample: number, label: number) => void): void {
    const { logits } = this;
    const [, classes] = logits.shape;
    for (let j = 0, at = 0; j < n; j++) for (let c = 0; c < classes; c++, at++) visit(at, logits.get(j, c), j, c);
  }
}
