/** An arena with guards that also watches the padding within tensors: it holds zeros, always. */
import { GuardedArena } from "../../src/core/kernels/guarded-arena.js";
import { forEachPlace, type Tensor } from "../../src/core/kernels/tensor.js";

interface Padding {
  owner: string;
  tensor: Tensor;
  /** Runs of places in the arena, each by its start and its end, that belong to the tensor's storage and to none of its elements. */
  runs: Uint32Array;
}

export class WatchedArena extends GuardedArena {
  private readonly paddings: Padding[] = [];

  override tensor(shape: number[], stride: number[], length: number, origin = 0): Tensor {
    const tensor = super.tensor(shape, stride, length, origin);
    if (this.floats.length > 0)
      this.paddings.push({ owner: this.owner, tensor, runs: paddingOf(tensor, tensor.offset - origin, length + 3) });
    return tensor;
  }

  override check(what: string): void {
    super.check(what);
    const { floats } = this;
    for (const { owner, tensor, runs } of this.paddings)
      for (let i = 0; i < runs.length; i += 2)
        for (let place = runs[i]; place < runs[i + 1]; place++)
          if (floats[place] !== 0)
            throw new Error(
              `${what} left ${floats[place]} in the padding of a tensor [${tensor.shape.join(", ")}] of ${owner}, ${place - tensor.offset} floats from its first element`,
            );
  }
}

function paddingOf(tensor: Tensor, start: number, length: number): Uint32Array {
  const inUse = new Uint8Array(length + 1).fill(1, length);
  forEachPlace(tensor, (place) => (inUse[place - start] = 1));
  const runs: number[] = [];
  for (let at = inUse.indexOf(0); at >= 0; at = inUse.indexOf(0, at)) {
    const from = at;
    at = inUse.indexOf(1, from);
    runs.push(start + from, start + at);
  }
  return Uint32Array.from(runs);
}
