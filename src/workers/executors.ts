/** The executors by name. A further one, on a cluster or behind a queue, is a file with its `StartExecutor` and a line here. */
import type { StartExecutor } from "./executor.js";
import { startPool } from "./pool.js";

export const executors = { pool: startPool } satisfies Record<string, StartExecutor>;
export type ExecutorName = keyof typeof executors;
