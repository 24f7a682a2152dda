/** Final weights as bytes: little-endian Float32, every NaN written with the same bits. */

const CANONICAL_NAN = 0x7fc00000;

/** NaN payloads differ between processors; with one payload for all, equal weights are equal bytes. */
export function weightBytes(weights: Float32Array): Uint8Array<ArrayBuffer> {
  const bits = new Uint32Array(weights.length);
  new Float32Array(bits.buffer).set(weights);
  for (let i = 0; i < weights.length; i++) if (Number.isNaN(weights[i])) bits[i] = CANONICAL_NAN;
  return new Uint8Array(bits.buffer);
}
