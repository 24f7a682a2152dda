/** Starts what trains cells, and ends it. */
import type { CellExecutor, ExecutorOptions } from "../../workers/executor.js";
import { executors, type ExecutorName } from "../../workers/executors.js";
import { Interrupt } from "./interrupt.js";

export interface ExecutorChoice extends ExecutorOptions {
  /** The thread pool by default. */
  name?: ExecutorName;
  /** Cells that train at once. */
  workers: number;
}

/** Gives `use` an executor, which starts while the data load, and the interrupt that may stop it; ends both after it. */
export async function withExecutor<T>(
  { name = "pool", workers, ...options }: ExecutorChoice,
  use: (executor: CellExecutor, interrupt: Interrupt) => Promise<T>,
): Promise<T> {
  const interrupt = new Interrupt();
  const executor = executors[name](workers, options);
  try {
    return await use(executor, interrupt);
  } finally {
    await executor.close();
    interrupt.close();
  }
}
