/** Builds a network on the kernel set a config names, in an arena of exactly the size it needs. */
import type { KernelsName } from "./config.js";
import { Network, type NetworkOptions } from "./network.js";
import { referenceKernels } from "./reference.js";
import { simdKernels, simdMemory } from "./simd/kernels.js";
import { Arena, plainArena } from "./tensor.js";

/**
 * @param precision of the reference kernels; the simd set computes in Float32
 * @throws InputError where the model does not fit the images
 */
export function createNetwork(name: KernelsName, options: NetworkOptions, precision: "float32" | "float64" = "float32"): Network {
  if (name === "simd") {
    const bytes = new Network(simdKernels(new Arena()), options).kernels.arena.bytes;
    const memory = simdMemory(bytes);
    return new Network(simdKernels(memory.arena, memory.exports), options);
  }
  const measured = new Arena(precision === "float64" ? new Float64Array(0) : new Float32Array(0));
  const bytes = new Network(referenceKernels(measured), options).kernels.arena.bytes;
  return new Network(referenceKernels(plainArena(bytes, precision)), options);
}
