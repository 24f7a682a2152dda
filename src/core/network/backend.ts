/** Builds a network on the kernel set a config names, in an arena of exactly the size it needs. */
import type { KernelsName } from "../config.js";
import type { Kernels } from "../kernels/kernels.js";
import { Network, type NetworkOptions } from "./network.js";
import { referenceKernels } from "../reference/reference.js";
import { simdKernels, simdMemory } from "../simd/kernels.js";
import { Arena, plainMemory, type Floats } from "../kernels/tensor.js";

/**
 * @param precision of the reference kernels; the simd set computes in Float32
 * @param Memory the kind of arena: a GuardedArena tells what kernels write beyond their memory
 * @throws InputError where the model does not fit the images
 */
export function createNetwork(
  name: KernelsName,
  options: NetworkOptions,
  precision: "float32" | "float64" = "float32",
  Memory: new (floats?: Floats) => Arena = Arena,
): Network {
  const sized = (kernels: Kernels): number => new Network(kernels, options).kernels.arena.bytes;
  if (name === "simd") {
    const { floats, exports } = simdMemory(sized(simdKernels(new Memory())));
    return new Network(simdKernels(new Memory(floats), exports), options);
  }
  const bytes = sized(referenceKernels(new Memory(plainMemory(0, precision))));
  return new Network(referenceKernels(new Memory(plainMemory(bytes, precision))), options);
}
