/** The executors by the names that --executor takes: a further one is a file and a line here. */
import type { SweepExecutor } from "../run/executor.js";
import { startBullmq } from "./bullmq.js";
import { startLocal } from "./local.js";
import { startSlurm } from "./slurm.js";
import type { ExecutorStart } from "./start.js";

export const executors = { local: startLocal, slurm: startSlurm, bullmq: startBullmq } satisfies Record<
  string,
  (start: ExecutorStart) => SweepExecutor | Promise<SweepExecutor>
>;

export type ExecutorName = keyof typeof executors;
export const executorNames = Object.keys(executors) as ExecutorName[];
