/** An arena that finds out whether kernels write only what they own: for tests, and for the check before a cell trains. */
import { Arena, type Floats } from "./tensor.js";

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

export class GuardedArena extends Arena {
  private readonly parts: Part[] = [];
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

  /**
   * That nothing was written between allocations.
   * @param what ran since the last check @throws Error that names it, and whose memory it wrote beyond
   */
  override check(what: string): void {
    const { buffer } = this.floats;
    const [bytes, words] = [new Uint8Array(buffer), new Int32Array(buffer)];
    for (let at = 0; at < this.constants.length; at++)
      if (bytes[at] !== this.constants[at])
        throw new Error(`${what} wrote to byte ${at} of the memory before all allocations`);
    for (const { owner, start, end, next } of this.parts)
      // Four bytes at a time where they lie so.
      for (let at = end; at < next; at += at % 4 === 0 ? 4 : 1)
        if (at % 4 === 0 ? words[at / 4] !== -1 : bytes[at] !== GUARD)
          throw new Error(`${what} wrote to byte ${at - start} of ${end - start}, of memory that belongs to ${owner}`);
  }
}
