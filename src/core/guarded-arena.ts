/** An arena that finds out whether kernels write only what they own, for tests. */
import { Arena, forEachPlace, type Floats, type Tensor } from "./tensor.js";

/** Every byte of a guard band. A float read from there is NaN, so it shows in whatever it reaches. */
const GUARD = 0xff;
/** Between two allocations. */
const BAND = 512;

/** Addresses in bytes: an allocation, and up to where nothing else begins. */
interface Part {
  owner: string;
  start: number;
  end: number;
  next: number;
}

interface Padding {
  owner: string;
  tensor: Tensor;
  /** Runs of places in the arena, each by its start and its end, that belong to the tensor's storage and to none of its elements. */
  runs: Uint32Array;
}

export class GuardedArena extends Arena {
  private readonly parts: Part[] = [];
  private readonly paddings: Padding[] = [];
  /** What lies before the first allocation: the constants of the WebAssembly module. */
  private readonly constants: Uint8Array;

  constructor(floats?: Floats) {
    super(floats, BAND);
    this.constants = new Uint8Array(this.floats.buffer).slice(0, this.bytes);
  }

  override allocate(bytes: number): number {
    const start = super.allocate(bytes);
    const part = { owner: this.owner, start, end: start + bytes, next: this.bytes };
    if (this.floats.length > 0) {
      this.parts.push(part);
      new Uint8Array(this.floats.buffer, part.end, part.next - part.end).fill(GUARD);
    }
    return start;
  }

  override tensor(shape: number[], stride: number[], length: number, origin = 0): Tensor {
    const tensor = super.tensor(shape, stride, length, origin);
    if (this.floats.length > 0) this.paddings.push({ owner: this.owner, tensor, runs: paddingOf(tensor, tensor.offset - origin, length + 3) });
    return tensor;
  }

  /**
   * That nothing was written between allocations, and that the padding of every tensor holds zeros.
   * @param what ran since the last check @throws Error that names it, and whose memory it wrote beyond
   */
  override check(what: string): void {
    const { floats } = this;
    const [bytes, words] = [new Uint8Array(floats.buffer), new Int32Array(floats.buffer)];
    for (let at = 0; at < this.constants.length; at++)
      if (bytes[at] !== this.constants[at]) throw new Error(`${what} wrote to byte ${at} of the memory before all allocations`);
    for (const { owner, start, end, next } of this.parts)
      // Four bytes at a time where they lie so.
      for (let at = end; at < next; at += at % 4 === 0 ? 4 : 1)
        if (at % 4 === 0 ? words[at / 4] !== -1 : bytes[at] !== GUARD) throw new Error(`${what} wrote to byte ${at - start} of ${end - start}, of memory that belongs to ${owner}`);
    for (const { owner, tensor, runs } of this.paddings)
      for (let i = 0; i < runs.length; i += 2)
        for (let place = runs[i]; place < runs[i + 1]; place++)
          if (floats[place] !== 0)
            throw new Error(`${what} left ${floats[place]} in the padding of a tensor [${tensor.shape.join(", ")}] of ${owner}, ${place - tensor.offset} floats from its first element`);
  }
}

function paddingOf(tensor: Tensor, start: number, length: number): Uint32Array {
  const inUse = new Uint8Array(length + 1).fill(1, length);
  forEachPlace(tensor, (place) => (inUse[place - start] = 1));
  const runs: number[] = [];
  for (let at = 0; at < length; at++) {
    if (inUse[at]) continue;
    const from = at;
    at = inUse.indexOf(1, from);
    runs.push(start + from, start + at);
  }
  return Uint32Array.from(runs);
}
