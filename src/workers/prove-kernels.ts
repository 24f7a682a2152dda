/** Once a thread and network: the check of the simd kernels before a cell trains on them. */
import { performance } from "node:perf_hooks";
import { cellBlueprint } from "../core/training/build.js";
import { checkKernels } from "../core/check/check-kernels.js";
import type { CellTask, KernelProof } from "./protocol.js";

/** What this thread knows already, by network. */
const proofs = new Map<string, KernelProof>();

/** The proof for a cell's network, made now where this thread has none (else it takes no time); undefined where none is asked for. */
export function proveKernels({
  config,
  dataset,
  checkSamples = 0,
  pulse,
}: Pick<CellTask, "config" | "dataset" | "checkSamples" | "pulse">): KernelProof | undefined {
  if (checkSamples === 0) return undefined;
  const { batchSize, shardSize, labelSmoothing } = config;
  const network = JSON.stringify([
    cellBlueprint(config, dataset),
    batchSize,
    shardSize,
    labelSmoothing,
    dataset.digest,
  ]);
  const known = proofs.get(network);
  if (known) return { ...known, seconds: 0 };
  const start = performance.now();
  const fault = checkKernels(config, dataset, checkSamples, () => void Atomics.add(pulse, 0, 1));
  const proof = {
    samples: checkSamples,
    seconds: Math.round(performance.now() - start) / 1000,
    ...(fault === undefined ? {} : { fault }),
  };
  proofs.set(network, proof);
  return proof;
}
