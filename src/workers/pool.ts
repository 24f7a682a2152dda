/** The pool of worker threads: one cell a task. The only file that imports piscina. */
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { CellExecutor } from "./executor.js";
import { HEAP_MEGABYTES, type CellMessage, type CellOutcome, type CellTask } from "./protocol.js";
import { watchPulse } from "./watchdog.js";

export interface PoolOptions {
  /** A cell whose thread does no batch for so long is ended. */
  stallSeconds?: number;
  /** Threads that work on one cell's shards; 1 by default. */
  threadsPerCell?: number;
  /** What each thread loads; tests put a faulty one in its place. */
  entry?: URL;
}

/** Far above what a batch takes, also on a machine that swaps. */
export const DEFAULT_STALL_SECONDS = 120;
/** A cancelled thread gets this long to reach the end of its batch; then it is ended. */
const CANCEL_GRACE_MILLISECONDS = 1000;

/** A Piscina and the tasks on it, each with how to end it. */
interface Threads {
  piscina: Piscina<CellTask, CellOutcome>;
  tasks: Set<{ begun: () => boolean; end: (reason: string) => void }>;
}

/** Starts `workers` threads at once, so that they warm up while the caller loads the data. */
export function startPool(
  workers: number,
  {
    stallSeconds = DEFAULT_STALL_SECONDS,
    threadsPerCell = 1,
    entry = new URL("./thread-entry.cjs", import.meta.url),
  }: PoolOptions = {},
): CellExecutor {
  const cancel = new Int32Array(new SharedArrayBuffer(4));
  const all = new Set<Threads>();
  /** Absent after a retirement, until the next task: threads that cannot start are not started for nothing. */
  let current: Threads | undefined = start();

  function start(): Threads {
    const piscina = new Piscina<CellTask, CellOutcome>({
      filename: fileURLToPath(entry),
      // Equal and never idle out: by default Piscina ends idle threads at once and their warm code with them.
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Infinity,
      // Not the process's own: threads that inherit `-e` hang.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    const threads: Threads = { piscina, tasks: new Set() };
    // A thread died while it had no task: it could not even start. Piscina then starts no thread ever again.
    piscina.on("error", (error: Error) => retire(threads, `the worker threads cannot start: ${error.message}`));
    all.add(threads);
    return threads;
  }

  /** Takes no further tasks on these threads. Tasks that wait for a thread fail; those that train go on. */
  function retire(threads: Threads, reason: string): void {
    if (threads === current) current = undefined;
    for (const task of threads.tasks) if (!task.begun()) task.end(reason);
    endUnused();
  }

  function endUnused(): void {
    for (const threads of all)
      if (threads !== current && threads.tasks.size === 0) {
        all.delete(threads);
        void threads.piscina.destroy();
      }
  }

  return {
    async run(request, onMessage) {
      const threads = (current ??= start());
      const { port1, port2 } = new MessageChannel();
      const receive = (message: CellMessage): void => onMessage(message);
      port1.on("message", receive);

      const pulse = new Int32Array(new SharedArrayBuffer(4));
      const abort = new AbortController();
      let reason: string | undefined;
      const task = {
        begun: () => Atomics.load(pulse, 0) !== 0,
        end(why: string) {
          reason ??= why;
          // A running task's thread ends with it, and Piscina starts another.
          abort.abort();
        },
      };
      threads.tasks.add(task);
      const stopWatching = watchPulse(pulse, stallSeconds, () => {
        if (task.begun()) task.end(`no progress for ${stallSeconds} s`);
        else retire(threads, `no worker thread took the cell for ${stallSeconds} s`);
      });
      try {
        return await threads.piscina.run(
          { ...request, port: port2, cancel, pulse, threads: threadsPerCell },
          { transferList: [port2], signal: abort.signal },
        );
      } catch (error) {
        if (Atomics.load(cancel, 0) !== 0) return { timing: { trainSeconds: 0, testSeconds: 0, setupSeconds: 0 } };
        throw reason === undefined ? error : new Error(reason);
      } finally {
        stopWatching();
        threads.tasks.delete(task);
        endUnused();
        // The outcome comes by another port and may overtake the last messages of this one.
        for (let late = receiveMessageOnPort(port1); late; late = receiveMessageOnPort(port1))
          receive(late.message as CellMessage);
        port1.close();
      }
    },
    cancel() {
      Atomics.store(cancel, 0, 1);
      setTimeout(() => {
        for (const { tasks } of all) for (const task of tasks) task.end("cancelled");
      }, CANCEL_GRACE_MILLISECONDS).unref();
    },
    async close() {
      await Promise.all([...all].map(({ piscina }) => piscina.destroy()));
    },
  };
}
