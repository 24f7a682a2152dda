/** Trains on workers behind a queue in Redis, on any machine with the code and the data (npm run worker). */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { ENGINE_VERSION } from "../../core/version.js";
import { QueueCoordinator } from "../../workers/queue-coordinator.js";
import { connect, queueName, type Announcement, type QueueConnection } from "../../workers/queue.js";
import { failedCell } from "../run/cell-run.js";
import type { CellOrder, SweepExecutor, TrainedCell } from "../run/executor.js";
import type { PlannedCell } from "../run/plan.js";
import { decodeCheckpoint, encodeCheckpoint } from "../store/checkpoint.js";
import { hasEnded, isTrainedTo } from "../store/record.js";
import { decodeTrained, encodeOrder } from "./parcel.js";
import type { ExecutorStart } from "./start.js";

const LOOK_MILLISECONDS = 3000;

/** @throws InputError where no address is given, or the server cannot be used */
export async function startBullmq(start: ExecutorStart): Promise<SweepExecutor> {
  return new BullmqExecutor(await connect(redisAddress(start.redis), (line) => start.output.warn(line)), start);
}

/** @throws InputError where there is none */
export function redisAddress(redis: string | undefined): string {
  const address = redis ?? process.env.REDIS_URL;
  if (address !== undefined) return address;
  throw new InputError("got no address of Redis, expected --redis redis://HOST:PORT, or REDIS_URL in the environment");
}

class BullmqExecutor implements SweepExecutor {
  readonly place = "elsewhere";
  readonly inFlight = Infinity;
  private coordinator?: QueueCoordinator;
  private readonly orders = new Map<string, CellOrder>();
  /** What becomes of cells that were taken back. */
  private readonly stopping = new Map<string, Promise<void>>();
  private cancelled = false;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly connection: QueueConnection,
    private readonly start: ExecutorStart,
  ) {}

  get words(): string {
    return `the workers at ${this.connection.shown}`;
  }

  async begin(_cells: readonly PlannedCell[], dataset: Dataset, note: (line: string) => void): Promise<void> {
    // Of a further rung's cells: all is there.
    if (this.coordinator) return;
    this.coordinator = new QueueCoordinator(this.connection, queueName(ENGINE_VERSION, dataset.digest));
    await this.coordinator.ready();
    const watch = new WorkerWatch(dataset, this.connection.shown, note);
    const look = async (): Promise<void> => {
      await this.connection.workers().then(
        (workers) => watch.look(workers),
        () => undefined,
      );
      if (this.coordinator) this.timer = setTimeout(() => void look(), LOOK_MILLISECONDS).unref();
    };
    await look();
  }

  async train(order: CellOrder): Promise<TrainedCell | undefined> {
    const { cell, dataset, init, until, resume, onMessage, save } = order;
    const coordinator = this.coordinator as QueueCoordinator;
    if (this.cancelled) return undefined;
    this.orders.set(cell.id, order);
    try {
      if (this.start.fresh) await coordinator.takeBack(cell.id);
      if (this.cancelled) return undefined;
      let checkpoint = resume && encodeCheckpoint(resume);
      for (;;) {
        const data = encodeOrder(cell, { retries: this.start.retries, init, until });
        const result = await coordinator.put({ id: cell.id, data, checkpoint, onMessage });
        await this.stopping.get(cell.id);
        if (!result) return undefined;
        const { record, weights } = decodeTrained(result, `${cell.id} from ${this.connection.shown}`);
        if (record.id !== cell.id || record.dataDigest !== dataset.digest || record.engineVersion !== ENGINE_VERSION)
          throw new Error(`got the record of ${record.id}, of other data or of another engine version`);
        if (record.status === "stopped") checkpoint = await coordinator.checkpointOf(cell.id);
        if (!hasEnded(record) || isTrainedTo(record, until)) {
          if (record.status === "stopped" && checkpoint) await save?.(decodeCheckpoint(checkpoint, cell.id));
          // The same data may have another name where the worker found them.
          return { record: { ...record, dataset: dataset.name }, weights, stored: () => coordinator.forget(cell.id) };
        }
        // Another sweep had it stop sooner.
        await coordinator.forget(cell.id);
      }
    } catch (error) {
      if (this.cancelled) return undefined;
      return { ...failedCell(cell, dataset, (error as Error).message), stored: () => coordinator.forget(cell.id) };
    } finally {
      this.orders.delete(cell.id);
    }
  }

  cancel(): void {
    this.cancelled = true;
    for (const [id, order] of this.orders)
      if (!this.stopping.has(id))
        this.stopping.set(
          id,
          this.takeBack(id, order).catch(() => undefined),
        );
  }

  detach(): void {
    this.cancelled = true;
    void this.closeQueue();
  }

  async close(): Promise<void> {
    await this.closeQueue();
    this.connection.close();
  }

  private async closeQueue(): Promise<void> {
    clearTimeout(this.timer);
    const { coordinator } = this;
    this.coordinator = undefined;
    await coordinator?.close();
  }

  private async takeBack(id: string, { save }: CellOrder): Promise<void> {
    const remains = await this.coordinator?.takeBack(id);
    if (remains?.checkpoint && !remains.result) await save?.(decodeCheckpoint(remains.checkpoint, id));
  }
}

/** Tells which workers cannot take the sweep's cells, and when none can. */
class WorkerWatch {
  private readonly known = new Set<string>();
  private last?: number;

  constructor(
    private readonly dataset: Dataset,
    private readonly shown: string,
    private readonly note: (line: string) => void,
  ) {}

  look(workers: Announcement[]): void {
    const fitting = workers.filter((worker) => {
      const reason = this.misfit(worker);
      if (reason !== undefined && !this.known.has(worker.name))
        this.note(`worker ${worker.name} gets no cells of this sweep: ${reason}`);
      this.known.add(worker.name);
      return reason === undefined;
    }).length;
    if (fitting === 0 && this.last !== 0)
      this.note(
        `no worker at ${this.shown} can take these cells now; on a machine that has the code and the data: REDIS_URL=${this.shown} npm run worker`,
      );
    if (this.last === 0 && fitting > 0) this.note(`${fitting === 1 ? "a worker is" : `${fitting} workers are`} there`);
    this.last = fitting;
  }

  private misfit({ engineVersion, dataset, dataDigest }: Announcement): string | undefined {
    if (engineVersion !== ENGINE_VERSION)
      return `its engine version is ${engineVersion}, expected ${ENGINE_VERSION}; bring its code up to date`;
    if (dataDigest !== this.dataset.digest)
      return `its data are ${dataset} ${dataDigest.slice(0, 8)}, expected ${this.dataset.name} ${this.dataset.digest.slice(0, 8)}; start it with the same --data or --data-dir`;
    return undefined;
  }
}
