/** Builds on the kernel set that a config names, in an arena of exactly the size it needs. */
import type { KernelsName } from "../config.js";
import type { Kernels } from "../kernels/kernels.js";
import { Arena, plainMemory, type Floats } from "../kernels/tensor.js";
import { referenceKernels } from "../reference/reference.js";
import { simdKernels, simdMemory } from "../simd/kernels.js";
import type { Blueprint } from "./blueprint.js";
import { Network, type NetworkOptions } from "./network.js";

/** How to build on kernels. */
export interface BuildOptions {
  /** Of the reference kernels; the simd set computes in Float32. */
  precision?: "float32" | "float64";
  /** The kind of arena: a GuardedArena tells what kernels write beyond their memory. */
  Memory?: new (floats?: Floats) => Arena;
}

/** Bytes of the arena that `build` needs, by a dry run: nothing of it is allocated. */
export function bytesFor(name: KernelsName, build: (kernels: Kernels) => unknown, options: BuildOptions = {}): number {
  const { precision = "float32", Memory = Arena } = options;
  const arena = name === "simd" ? new Memory() : new Memory(plainMemory(0, precision));
  build(name === "simd" ? simdKernels(arena) : referenceKernels(arena));
  return arena.bytes;
}

/** What `build` makes of kernels whose arena has exactly the size it needs. It is called twice: the first time on an arena without storage. */
export function buildOn<T>(name: KernelsName, build: (kernels: Kernels) => T, options: BuildOptions = {}): T {
  const { precision = "float32", Memory = Arena } = options;
  const bytes = bytesFor(name, build, options);
  if (name === "reference") return build(referenceKernels(new Memory(plainMemory(bytes, precision))));
  const { floats, exports } = simdMemory(bytes);
  return build(simdKernels(new Memory(floats), exports));
}

/** A network of that blueprint; its weights are zeros. */
export const createNetwork = (
  name: KernelsName,
  blueprint: Blueprint,
  options: NetworkOptions,
  build: BuildOptions = {},
): Network => buildOn(name, (kernels) => new Network(kernels, blueprint, options), build);
