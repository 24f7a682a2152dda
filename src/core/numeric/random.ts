/**
 * Seeded, splittable randomness: a stream is named by what it is for and by integers (seed, layer, epoch, …),
 * never by how much was drawn before, so a resumed run needs no stream position.
 */

/** What a stream's numbers are used for; each purpose has streams of its own. */
export type Purpose = "init" | "shuffle" | "permutation" | "augment" | "prune" | "dropout" | "samples";

/** A finaliser that mixes all 32 bits (Wellons' "lowbias32", hash-prospector). */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Generator xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021). */
export class RandomStream {
  private readonly state = new Uint32Array(4);

  /**
   * @param purpose what the numbers are for
   * @param keys integers that tell this stream from its siblings, each taken modulo 2^32
   */
  constructor(purpose: Purpose, ...keys: number[]) {
    let h = 0x9e3779b9;
    for (let i = 0; i < purpose.length; i++) h = mix(h ^ purpose.charCodeAt(i));
    for (const key of keys) h = mix(mix(h) + (key >>> 0));
    for (let i = 0; i < 4; i++) this.state[i] = mix(h + Math.imul(i + 1, 0x9e3779b9));
    if (!this.state.some((word) => word !== 0)) this.state[0] = 1;
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const s = this.state;
    const x = Math.imul(s[1], 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A uniform number in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** A uniform integer in [0, bound), without modulo bias (rejection). */
  below(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    for (;;) {
      const x = this.uint32();
      if (x < limit) return x % bound;
    }
  }

  /** Shuffles in place: Fisher and Yates, from the last element down (Durstenfeld, 1964). */
  shuffle(items: Uint32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swapped = items[i];
      items[i] = items[j];
      items[j] = swapped;
    }
  }
}
