/** Trains on threads of this process. */
import { plural } from "../../core/numeric/words.js";
import type { CellExecutor } from "../../workers/executor.js";
import { startPool } from "../../workers/pool.js";
import { simdBits } from "../../workers/width.js";
import { runCell } from "../run/cell-run.js";
import type { SweepExecutor } from "../run/executor.js";
import type { RunFacts } from "../store/record.js";
import type { ExecutorStart } from "./start.js";

type ThreadsStart = Pick<ExecutorStart, "workers" | "threadsPerCell" | "stallSeconds"> &
  Partial<Pick<ExecutorStart, "output">>;

export async function startLocal({
  workers,
  threadsPerCell,
  stallSeconds,
  output,
}: ThreadsStart): Promise<SweepExecutor> {
  const say = (line: string): void => output?.say(line);
  return localExecutor(await startPool(workers, { threadsPerCell, stallSeconds, say }), workers);
}

/** @param pool closed with the executor @param workers cells that train at once @param where for the records, where this is no sweep's process */
export function localExecutor(pool: CellExecutor, workers: number, where?: RunFacts["where"]): SweepExecutor {
  return {
    place: "here",
    words: plural(workers, "worker") + (simdBits() > 128 ? `, ${simdBits()} bits wide` : ""),
    inFlight: workers,
    begin: () => Promise.resolve(),
    train: (order) => runCell({ ...order, executor: pool, where }),
    cancel: () => pool.cancel(),
    detach: () => pool.cancel(),
    close: () => pool.close(),
  };
}
