/** The pool of worker threads: one cell a task. The only file that imports piscina. */
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { CellExecutor } from "./executor.js";
import type { CellMessage, CellOutcome, CellTask } from "./protocol.js";

/** Starts `workers` threads at once, so that they warm up while the caller loads the data. */
export function startPool(workers: number): CellExecutor {
  const pool = new Piscina<CellTask, CellOutcome>({
    filename: fileURLToPath(new URL("./thread-entry.cjs", import.meta.url)),
    // Equal and never idle out: by default Piscina ends idle threads at once and their warm code with them.
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Infinity,
  });
  const cancel = new Int32Array(new SharedArrayBuffer(4));

  // A thread that dies between two cells is replaced by the pool, and no cell is lost. But when threads cannot
  // even start (a broken build), Piscina would keep the tasks waiting for ever: then all of them fail.
  let started = false;
  let cannotStart: (error: Error) => void = () => undefined;
  const startFailure = new Promise<never>((_resolve, reject) => (cannotStart = reject));
  startFailure.catch(() => undefined);
  pool.on("error", (error: Error) => {
    if (!started) cannotStart(new Error(`the worker threads cannot start: ${error.message}`));
  });

  return {
    async run(request, onMessage) {
      const { port1, port2 } = new MessageChannel();
      const receive = (message: CellMessage): void => {
        started = true;
        onMessage(message);
      };
      port1.on("message", receive);
      try {
        return await Promise.race([startFailure, pool.run({ ...request, port: port2, cancel }, { transferList: [port2] })]);
      } finally {
        // The outcome comes by another port and may overtake the last messages of this one.
        for (let late = receiveMessageOnPort(port1); late; late = receiveMessageOnPort(port1)) receive(late.message as CellMessage);
        port1.close();
      }
    },
    cancel: () => void Atomics.store(cancel, 0, 1),
    close: () => pool.destroy(),
  };
}
