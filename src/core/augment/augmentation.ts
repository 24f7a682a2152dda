/** The augmentation of training samples, one by one: what a sample becomes depends on seed, epoch and its index alone. */
import type { AugmentSpec } from "../config.js";
import { bytesOf, type ImageSize } from "../kernels/shape.js";
import { InputError } from "../input-error.js";
import type { LossOperation, Pass } from "../kernels/kernels.js";
import { RandomStream } from "../numeric/random.js";
import type { Arena } from "../kernels/tensor.js";
import { augmentImage } from "./augment-image.js";
import { cutmix, mixup } from "./mix.js";

/** @throws InputError where an augmentation does not fit images of that size */
export function checkAugment(
  { shift = 0, erase }: AugmentSpec,
  { height, width }: Pick<ImageSize, "height" | "width">,
): void {
  const side = Math.min(height, width);
  if (shift >= side)
    throw new InputError(
      `augment.shift: got ${shift}, expected less than ${side}, the image's shorter side; shift by fewer pixels`,
    );
  if (!erase) return;
  if (erase.least > erase.most)
    throw new InputError(
      `augment.erase.least: got ${erase.least}, expected at most ${erase.most}, augment.erase.most; swap them`,
    );
  if (erase.most > side)
    throw new InputError(
      `augment.erase.most: got ${erase.most}, expected at most ${side}, the image's shorter side; erase fewer pixels`,
    );
}

export class Augmentation {
  /** The augmented images of the last `run`, and their order: 0, 1, 2, … */
  readonly images: Uint8Array;
  readonly order: Uint32Array;

  /** @throws InputError where the spec does not fit the images */
  constructor(
    arena: Arena,
    private readonly spec: AugmentSpec,
    private readonly size: ImageSize,
    private readonly batch: number,
  ) {
    checkAugment(spec, size);
    // One image more than the batch: the partner that a sample is mixed with.
    const bytes = (batch + 1) * bytesOf(size);
    this.images = arena.byteView(arena.allocate(bytes), bytes);
    this.order = Uint32Array.from({ length: batch }, (_, i) => i);
  }

  /**
   * Augments the samples order[start … start + n) into `images` and fills in the loss's labels, partners and shares.
   * A partner is any sample of the whole `order`, which must be the epoch's, not a part of it; where both mixup and
   * cutmix are asked for, a coin decides for each sample.
   */
  run(
    { images, labels }: { images: Uint8Array; labels: Uint8Array },
    order: Uint32Array,
    start: number,
    n: number,
    { seed, epoch, progress }: Pass,
    loss: LossOperation,
  ): void {
    const { size, batch } = this;
    const spec: AugmentSpec = progress < (this.spec.until ?? 1) ? this.spec : { flip: this.spec.flip };
    for (let j = 0; j < n; j++) {
      const index = order[start + j];
      const random = new RandomStream("augment", seed, epoch, index);
      augmentImage(spec, size, { images, index }, { images: this.images, index: j }, random);
      let partner = index;
      let share = 1;
      if (spec.mixup !== undefined || spec.cutmix !== undefined) {
        partner = order[random.below(order.length)];
        augmentImage(spec, size, { images, index: partner }, { images: this.images, index: batch }, random);
        share = this.mix(spec, j, random);
      }
      loss.labels[j] = labels[index];
      loss.partners[j] = labels[partner];
      loss.shares.set(j, share);
    }
  }

  /** Mixes the partner, in the last place, into image `slot`; returns the share of what was there. */
  private mix({ mixup: blend, cutmix: paste }: AugmentSpec, slot: number, random: RandomStream): number {
    const { size, images, batch } = this;
    if (paste !== undefined && (blend === undefined || random.below(2) === 1))
      return cutmix(paste, size, random, images, slot, batch);
    return blend === undefined ? 1 : mixup(blend, size, random, images, slot, batch);
  }
}
