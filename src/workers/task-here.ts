/** The task of a cluster's job that this process is, as the environment says. */
import { requeueMe, taskFacts } from "./slurm.js";

export interface TaskHere {
  executor: "slurm" | "kubernetes";
  /** From 0. */
  index: number;
  /** What the cluster calls it. */
  task: string;
  /** Puts the task back into the queue; false where the cluster is ending it. */
  requeue?: () => Promise<boolean>;
}

/** Undefined in no array task of Slurm's and no pod of a Kubernetes Indexed Job. */
export function taskHere(env: NodeJS.ProcessEnv = process.env): TaskHere | undefined {
  const facts = taskFacts(env);
  if (facts) {
    const { job, index } = facts;
    return { executor: "slurm", index, task: `${job}_${index}`, requeue: () => requeueMe(facts) };
  }
  const { JOB_COMPLETION_INDEX: index = "", HOSTNAME: pod = "" } = env;
  return /^\d+$/.test(index) ? { executor: "kubernetes", index: Number(index), task: pod } : undefined;
}
