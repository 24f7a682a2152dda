/** The pool of worker threads: one cell a task. The only file that imports piscina. */
import { MessageChannel, receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Dataset } from "../core/data/dataset.js";
import {
  CellFailure,
  DEFAULT_STALL_SECONDS,
  type CellExecutor,
  type ExecutorOptions,
  type ReceiveMessage,
} from "./executor.js";
import { hostFacts } from "./host.js";
import {
  HEAP_MEGABYTES,
  NO_TIME,
  type CellMessage,
  type CellOutcome,
  type CellRequest,
  type CellTask,
} from "./protocol.js";
import { watchPulse } from "./watchdog.js";
import { chooseWidth } from "./width.js";

export interface PoolOptions extends ExecutorOptions {
  /** What each thread loads; tests put a faulty one in its place. */
  entry?: URL;
  /** Told in a line where the start takes longer than usual. */
  say?: (line: string) => void;
}

/** A cancelled thread gets this long to reach the end of its batch; then it is ended. */
const CANCEL_GRACE_MILLISECONDS = 1000;

/**
 * Starts `workers` threads at once, so that they warm up while the caller loads the data; how wide their kernels run is
 * decided before they compile them.
 */
export async function startPool(workers: number, options: PoolOptions = {}): Promise<CellExecutor> {
  await chooseWidth(options.say);
  return new ThreadPool(workers, options);
}

/** A Piscina and the cells on it. */
interface Threads {
  piscina: Piscina<CellTask, CellOutcome>;
  cells: Set<PooledCell>;
}

class ThreadPool implements CellExecutor {
  private cancelled = false;
  private readonly all = new Set<Threads>();
  /** Absent after a retirement, until the next cell: threads that cannot start are not started for nothing. */
  private current?: Threads;

  constructor(
    private readonly workers: number,
    private readonly options: PoolOptions,
  ) {
    this.current = this.start();
  }

  async run(
    request: CellRequest,
    dataset: Dataset,
    onMessage: ReceiveMessage,
    signal?: AbortSignal,
  ): Promise<CellOutcome> {
    const { stallSeconds = DEFAULT_STALL_SECONDS, threadsPerCell = 1 } = this.options;
    const threads = (this.current ??= this.start());
    const cell = new PooledCell(onMessage, request.checkpoint);
    const { pulse, handled, wanted, cancel, port } = cell;
    threads.cells.add(cell);
    const stopCell = (): void => cell.stop();
    signal?.addEventListener("abort", stopCell);
    if (this.cancelled || signal?.aborted) cell.stop();
    const stopWatching = watchPulse(pulse, stallSeconds, () => {
      if (cell.begun) cell.end(`no progress for ${stallSeconds} s`);
      else this.retire(threads, `no worker thread took the cell for ${stallSeconds} s`);
    });
    try {
      return await threads.piscina.run(
        { ...request, dataset, host: hostFacts(), port, cancel, pulse, handled, wanted, threads: threadsPerCell },
        { transferList: [port], signal: cell.ended },
      );
    } catch (error) {
      if (Atomics.load(cancel, 0) !== 0) return { timing: NO_TIME, host: hostFacts() };
      throw new CellFailure(cell.reason ?? (error instanceof Error ? error.message : String(error)), hostFacts());
    } finally {
      stopWatching();
      signal?.removeEventListener("abort", stopCell);
      threads.cells.delete(cell);
      this.endUnused();
      cell.close();
    }
  }

  cancel(): void {
    this.cancelled = true;
    for (const { cells } of this.all) for (const cell of cells) cell.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map(({ piscina }) => piscina.destroy()));
  }

  private start(): Threads {
    const { entry = new URL("./thread-entry.cjs", import.meta.url) } = this.options;
    const piscina = new Piscina<CellTask, CellOutcome>({
      filename: fileURLToPath(entry),
      // Equal and never idle out: by default Piscina ends idle threads at once and their warm code with them.
      minThreads: this.workers,
      maxThreads: this.workers,
      idleTimeout: Infinity,
      // Not the process's own: threads that inherit `-e` hang.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    const threads: Threads = { piscina, cells: new Set() };
    // A thread died while it had no task: it could not even start. Piscina then starts no thread ever again.
    piscina.on("error", (error: Error) => this.retire(threads, `the worker threads cannot start: ${error.message}`));
    this.all.add(threads);
    return threads;
  }

  /** Takes no further cells on these threads. Cells that wait for a thread fail; those that train go on. */
  private retire(threads: Threads, reason: string): void {
    if (threads === this.current) this.current = undefined;
    for (const cell of threads.cells) if (!cell.begun) cell.end(reason);
    this.endUnused();
  }

  private endUnused(): void {
    for (const threads of this.all)
      if (threads !== this.current && threads.cells.size === 0) {
        this.all.delete(threads);
        void threads.piscina.destroy();
      }
  }
}

/** A cell on its way through the threads: how its messages come, whether it moves, and how to end it. */
class PooledCell {
  readonly pulse = sharedCounter();
  readonly handled = sharedCounter();
  readonly wanted = sharedCounter();
  /** Non-zero: stop at the next batch. */
  readonly cancel = sharedCounter();
  /** The thread's end of the channel for messages. */
  readonly port: MessagePort;
  /** Why it was ended, if it was. */
  reason?: string;
  private readonly ownPort: MessagePort;
  private readonly abort = new AbortController();
  private grace?: NodeJS.Timeout;

  /** @param checkpoint whether states are wanted at all */
  constructor(
    private readonly onMessage: ReceiveMessage,
    checkpoint: boolean,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.ownPort = port1;
    this.port = port2;
    if (checkpoint) Atomics.store(this.wanted, 0, 1);
    port1.on("message", (message: CellMessage) => this.hear(message));
  }

  /** Takes the cell off its thread. */
  get ended(): AbortSignal {
    return this.abort.signal;
  }

  /** Whether a thread has taken it. */
  get begun(): boolean {
    return Atomics.load(this.pulse, 0) !== 0;
  }

  /** Asks the thread to stop, and ends it where it does not. */
  stop(): void {
    Atomics.store(this.cancel, 0, 1);
    this.grace ??= setTimeout(() => this.end("cancelled"), CANCEL_GRACE_MILLISECONDS).unref();
  }

  /** A cell that trains takes its thread with it, and Piscina starts another. */
  end(reason: string): void {
    this.reason ??= reason;
    this.abort.abort();
  }

  /** Hands over what has not been heard yet: the outcome comes by another port and may overtake the last messages. */
  close(): void {
    clearTimeout(this.grace);
    for (let late = receiveMessageOnPort(this.ownPort); late; late = receiveMessageOnPort(this.ownPort))
      this.hear(late.message as CellMessage);
    this.ownPort.close();
  }

  private hear(message: CellMessage): void {
    const done = this.onMessage(message);
    Atomics.add(this.handled, 0, 1);
    if (message.kind === "epochs" && message.state)
      void Promise.resolve(done).then(() => Atomics.store(this.wanted, 0, 1));
  }
}

function sharedCounter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}
