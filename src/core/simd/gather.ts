/** Binds the gathering of a batch. */
import { address } from "./address.js";
import type { SimdExports } from "./exports.generated.js";
import type { GatherOperation } from "../kernels/kernels.js";
import type { Arena, Tensor } from "../kernels/tensor.js";

/** Copies a batch's bytes to a staging buffer in the arena, then permutes and scales from there. */
export function gather(
  arena: Arena,
  exports: SimdExports,
  x: Tensor,
  pixels: number,
  permutation?: Uint32Array,
): GatherOperation {
  const [batch, rows, columns, channels] = x.shape;
  const [sample, row, pixel] = x.stride.map((stride) => stride * 4);
  const image = pixels * channels;
  const dry = arena.floats.length === 0;
  // A pixel's channels are loaded four at a time, beyond the last one's.
  const staging = arena.allocate(batch * image + 16);
  const staged = arena.byteView(staging, batch * image);
  const table = permutation ? arena.allocate(pixels * 4) : 0;
  if (permutation && !dry) new Uint32Array(arena.floats.buffer, table, pixels).set(permutation);
  let source: (Elements & { images: Uint8Array }) | undefined;
  return {
    run(images, order, start, n) {
      if (source?.images !== images) source = { images, ...elementsOf(images, staged, image) };
      const { elements, stage, size } = source;
      touched = touch(elements, order, start, n, size);
      copy(elements, order, start, n, size, stage);
      if (channels === 1) exports.gatherRows(n, rows, columns, staging, image, table, address(x), sample, row);
      else exports.gatherPixels(n, rows, columns, channels, staging, table, address(x), sample, row, pixel);
    },
  };
}

/** What is copied from, what to, and how many elements an image has: of one type, or numbers are cut to bytes. */
interface Elements {
  elements: Uint8Array | Uint32Array;
  stage: Uint8Array | Uint32Array;
  size: number;
}

/** Words of four bytes where images consist of whole ones and begin at one: a copy then takes a quarter of the loads. */
function elementsOf(images: Uint8Array, staged: Uint8Array, image: number): Elements {
  if (image % 4 !== 0 || images.byteOffset % 4 !== 0 || images.length % 4 !== 0)
    return { elements: images, stage: staged, size: image };
  const words = ({ buffer, byteOffset, length }: Uint8Array) => new Uint32Array(buffer, byteOffset, length / 4);
  return { elements: words(images), stage: words(staged), size: image / 4 };
}

/** Keeps `touch` from being optimised away. */
let touched = 0;

/** Reads from every cache line of the shuffled images to come: so the misses of a whole batch overlap, which halves the time of the copy. */
function touch(elements: Uint8Array | Uint32Array, order: Uint32Array, start: number, n: number, size: number): number {
  const line = 64 / elements.BYTES_PER_ELEMENT;
  let sum = touched;
  for (let j = 0; j < n; j++) {
    const image = order[start + j] * size;
    for (let i = 0; i < size; i += line) sum ^= elements[image + i];
  }
  return sum;
}

function copy(
  elements: Uint8Array | Uint32Array,
  order: Uint32Array,
  start: number,
  n: number,
  size: number,
  stage: Uint8Array | Uint32Array,
): void {
  for (let j = 0; j < n; j++) {
    const from = order[start + j] * size;
    const to = j * size;
    let i = 0;
    for (; i + 4 <= size; i += 4) {
      stage[to + i] = elements[from + i];
      stage[to + i + 1] = elements[from + i + 1];
      stage[to + i + 2] = elements[from + i + 2];
      stage[to + i + 3] = elements[from + i + 3];
    }
    for (; i < size; i++) stage[to + i] = elements[from + i];
  }
}
