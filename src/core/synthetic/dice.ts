/** Seeded random numbers for the synthetic set, from integer arithmetic alone; apart from the engine's streams, so that the pictures stay when those change. */

/** A number in [0, 1]: itself, or the nearer end. */
export const unit = (x: number): number => Math.min(1, Math.max(0, x));

/** Mean and spread; or a probability, the mean and spread it goes with, and those of the rest. */
export type Spread = readonly [number, number] | readonly [number, number, number, number, number];

/** Seeded numbers for one picture: a Weyl sequence through a 32-bit finaliser (SplitMix). */
export class Dice {
  private state = 0;

  /** Starts the stream of numbers that belongs to two integers. */
  seed(purpose: number, index: number): void {
    this.state = Math.imul(purpose + 1, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
    this.state = this.uint32();
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let h = this.state;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    return (h ^ (h >>> 16)) >>> 0;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + ((high - low) * this.uint32()) / 4294967296;
  }

  /** Bell-shaped around `mean`, within `spread` × 2 of it: the sum of three uniform numbers, of variance (2/3 × spread)². */
  around(mean: number, spread: number): number {
    return mean + spread * (this.between(-2 / 3, 2 / 3) + this.between(-2 / 3, 2 / 3) + this.between(-2 / 3, 2 / 3));
  }

  /** Bell-shaped, around one mean or one of two. */
  spread(spread: Spread): number {
    if (spread.length === 2) return this.around(spread[0], spread[1]);
    return this.chance(spread[0]) ? this.around(spread[1], spread[2]) : this.around(spread[3], spread[4]);
  }

  /** A fabric's grey, more often light than dark. */
  shade(): number {
    const x = this.between(0, 1);
    return 245 - 190 * x * (0.35 + 0.65 * x);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uint32() < probability * 4294967296;
  }

  /** A uniform integer in [0, bound); bound is small, so the bias of the remainder is nothing. */
  below(bound: number): number {
    return this.uint32() % bound;
  }
}
