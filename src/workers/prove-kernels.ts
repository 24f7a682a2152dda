/** Once a thread and network: the check of the simd kernels before a cell trains on them. */
import { performance } from "node:perf_hooks";
import { checkKernels } from "../core/check-kernels.js";
import type { CellRequest, KernelProof } from "./protocol.js";

/** What this thread knows already, by network. */
const proofs = new Map<string, KernelProof>();

/** The proof for a cell's network, made now where this thread has none; undefined where none is asked for. */
export function proveKernels({ config, dataset, checkSamples = 0 }: CellRequest): KernelProof | undefined {
  if (checkSamples === 0) return undefined;
  const { model, batchSize, shardSize, labelSmoothing } = config;
  const network = JSON.stringify([model, batchSize, shardSize, labelSmoothing, dataset.digest]);
  const known = proofs.get(network);
  if (known) return known;
  const start = performance.now();
  const fault = checkKernels(config, dataset, checkSamples);
  const proof = { samples: checkSamples, seconds: Math.round(performance.now() - start) / 1000, ...(fault === undefined ? {} : { fault }) };
  proofs.set(network, proof);
  return proof;
}
