/**
 * Tensors are ndarray views on one arena per model. Layouts, fastest axis last:
 *   images  [N, H, W, C]  a zero halo around each image, C padded to a multiple of 4 (the input: not padded)
 *   vectors [N, K]        K padded to a multiple of 4
 * Padding holds zeros, so four floats can be loaded wherever one is valid; and stored, where the further ones are zeros or
 * follow in their turn.
 */
import ndarray, { type NdArray } from "ndarray";
import { roundUp } from "../numeric/math.js";

export type Floats = Float32Array | Float64Array;
export type Tensor = NdArray<Floats>;

/** A flat tensor's own elements. */
export const floatsOf = (flat: Tensor): Floats => flat.data.subarray(flat.offset, flat.offset + flat.size);

/** Calls visit(place in `data`) for each element of a tensor in logical row-major order. */
export function forEachPlace(
  { shape, stride, offset }: Pick<Tensor, "shape" | "stride" | "offset">,
  visit: (place: number) => void,
): void {
  const walk = (axis: number, at: number): void => {
    if (axis === shape.length - 1) for (let i = 0; i < shape[axis]; i++) visit(at + i * stride[axis]);
    else for (let i = 0; i < shape[axis]; i++) walk(axis + 1, at + i * stride[axis]);
  };
  walk(0, offset);
}

/** The same tensor as [N, H, W, C]; vectors [N, K] are images of one pixel. */
export function asImages(t: Tensor): Tensor {
  return t.shape.length === 4
    ? t
    : ndarray(t.data, [t.shape[0], 1, 1, t.shape[1]], [t.stride[0], t.stride[0], t.stride[0], 1], t.offset);
}

/** Floats from the start of a tensor's storage to its first element: an image's halo above and to the left. */
export function originOf({ shape, stride }: Tensor): number {
  if (shape.length < 4) return 0;
  const halo = (stride[1] / stride[2] - shape[2]) / 2;
  return halo * (stride[1] + stride[2]);
}

/** Whether elements of the same index lie in the same places of both storages. */
export const laidOutAlike = (a: Tensor, b: Tensor): boolean =>
  a.stride.length === b.stride.length && a.stride.every((stride, i) => stride === b.stride[i]);

/**
 * A bump allocator over one buffer. Sized by a dry run: the same construction is carried out first on
 * an arena without storage (`new Arena()`), whose `bytes` then sizes the real one.
 */
export class Arena {
  /** What the next allocations are for: guards (guarded-arena.ts) name it. */
  owner = "the network";
  /** Address of the next free byte; the first kilobytes stay unused, so that 0 is never an address. */
  private next = 4096;

  constructor(
    /** The whole storage as floats; empty in a dry run. */
    readonly floats: Floats = new Float32Array(0),
    /** Bytes from one allocation to the next, at least. */
    private readonly gap = 64,
  ) {}

  /** Throws, naming `what` ran, where something was written outside of what was allocated: of an arena with guards alone (guarded-arena.ts). */
  check?(what: string): void;

  /** Size of the storage that all allocations so far need. */
  get bytes(): number {
    return this.next;
  }

  /** Reserves bytes, aligned to 64, zero-initialised; returns their address. @throws Error beyond the storage, where nothing could be read */
  allocate(bytes: number): number {
    const address = this.next;
    if (this.floats.length > 0 && address + bytes > this.floats.byteLength)
      throw new Error(`the arena has ${this.floats.byteLength} bytes, too few for ${bytes} more from ${address} on`);
    this.next = roundUp(address + bytes, 64) + this.gap;
    return address;
  }

  /** A view of `bytes` bytes at an address. */
  byteView(address: number, bytes: number): Uint8Array {
    return this.floats.length === 0 ? new Uint8Array(0) : new Uint8Array(this.floats.buffer, address, bytes);
  }

  /** A tensor of that shape and strides on fresh storage of `length` floats, its first element at `origin`. */
  tensor(shape: number[], stride: number[], length: number, origin = 0): Tensor {
    const address = this.allocate((length + 3) * this.floats.BYTES_PER_ELEMENT);
    return ndarray(this.floats, shape, stride, address / this.floats.BYTES_PER_ELEMENT + origin);
  }

  /** A tensor of the shape and layout of another. */
  like(t: Tensor): Tensor {
    return this.tensor(t.shape, t.stride, t.shape[0] * t.stride[0], originOf(t));
  }

  /** N vectors of K. */
  vectors(n: number, k: number): Tensor {
    const pitch = roundUp(k, 4);
    return this.tensor([n, k], [pitch, 1], n * pitch);
  }

  /** N images of H × W × C inside a halo of zeros, `pixel` floats from one pixel to the next. */
  images(n: number, h: number, w: number, c: number, pixel: number, halo: number): Tensor {
    const row = (w + 2 * halo) * pixel;
    // Sixteen floats more than needed: strides that are powers of two would map all samples onto the same cache sets.
    const sample = roundUp((h + 2 * halo) * row, 16) + (halo > 0 ? 16 : 0);
    return this.tensor([n, h, w, c], [sample, row, pixel, 1], n * sample, halo * row + halo * pixel);
  }
}

/** The whole storage of an arena on plain memory, for the reference kernels. */
export function plainMemory(bytes: number, precision: "float32" | "float64"): Floats {
  const buffer = new ArrayBuffer(roundUp(bytes, 8));
  return precision === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
}

/** An arena on plain memory. */
export const plainArena = (bytes: number, precision: "float32" | "float64"): Arena =>
  new Arena(plainMemory(bytes, precision));
