import type { LossOperation } from "./kernels.js";
import type { Arena, Tensor } from "./tensor.js";

/** What a loss is told and tells of each sample, in the arena, and how it is at first. */
export function lossBuffers(arena: Arena, samples: number): Omit<LossOperation, "run"> {
  const bytes = (): Uint8Array => arena.byteView(arena.allocate(samples), samples);
  const floats = (value: number): Tensor => {
    const t = arena.vectors(1, samples).pick(0, -1);
    for (let s = 0; s < samples; s++) t.set(s, value);
    return t;
  };
  return {
    smoothing: 0,
    labels: bytes(),
    predicted: bytes(),
    partners: bytes(),
    shares: floats(1),
    weights: floats(1),
    confidence: floats(0),
  };
}
