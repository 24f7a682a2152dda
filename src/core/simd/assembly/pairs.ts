// Two neighbouring vectors at a time: where V8 may, it makes one 256-bit operation of each two (README.md, "Pairs").

/** Stores two vectors side by side. The upper first: V8 keeps a lower one that could be seen before a trap as a store of its own. */
// @ts-ignore: decorator
@inline
export function storePair(at: usize, low: v128, high: v128): void {
  v128.store(at, high, 16);
  v128.store(at, low);
}

/** Bytes of `floats` floats, a multiple of 4, that pairs of vectors take; another vector follows where `floats & 4`. */
// @ts-ignore: decorator
@inline
export function paired(floats: i32): usize {
  return ((<usize>floats) << 2) & ~31;
}
