/** Starts what trains cells, and ends it. */
import { Interrupt, type Stopper } from "./interrupt.js";

/**
 * Gives `use` what `start` starts, which may go on starting while the data load, and the interrupt that may stop it; ends both
 * after it.
 */
export async function withExecutor<E extends { close(): Promise<void> }, T>(
  start: () => E | Promise<E>,
  use: (executor: E, interrupt: Stopper) => Promise<T>,
  interrupt: Stopper = new Interrupt(),
): Promise<T> {
  try {
    const executor = await start();
    try {
      return await use(executor, interrupt);
    } finally {
      await executor.close();
    }
  } finally {
    interrupt.close();
  }
}
