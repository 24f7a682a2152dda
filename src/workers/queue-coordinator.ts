/**
 * The queue's side that wants cells trained: puts them there, hears of them, and gets results and checkpoints back.
 * Events tell at once what happens; as they may be lost, the queue is also looked at now and then.
 */
import type { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "../core/json-text.js";
import type { CellMessage } from "./protocol.js";
import {
  MOST_STALLS,
  cellKeys,
  tidy,
  type Queue,
  type QueueConnection,
  type QueueEvents,
  type QueueEventsProducer,
} from "./queue.js";

/** A cell to be trained by whatever worker takes it. */
export interface QueuedCell {
  /** Without ":", and no word of BullMQ's own keys, such as "active". */
  id: string;
  /** What its worker is given. */
  data: string;
  /** To go on from, where the queue has none of this cell. */
  checkpoint?: Uint8Array;
  onMessage: (message: CellMessage) => void;
}

/** What a cell that was taken back left. */
export interface Remains {
  /** It had ended already. */
  result?: Uint8Array;
  checkpoint?: Uint8Array;
}

interface PendingCell extends QueuedCell {
  /** Its job exists, as far as is known. */
  queued: boolean;
  /** Settles when the last attempt to put it has ended. */
  putting?: Promise<void>;
  takenBack: boolean;
  resolve: (result: Uint8Array | undefined) => void;
  reject: (error: unknown) => void;
}

const POLL_MILLISECONDS = 3000;
/** From putting cells to the first look at how they are: they may have ended long ago. */
const FIRST_POLL_MILLISECONDS = 50;
const STOP_MILLISECONDS = 500;
const MOST_EVENTS = 2000;

export class QueueCoordinator {
  private readonly cells = new Map<string, PendingCell>();
  private readonly queue: Queue<string>;
  private readonly events: QueueEvents;
  private readonly producer: QueueEventsProducer;
  private timer?: NodeJS.Timeout;
  private closed = false;

  /** @param name from `queueName` */
  constructor(
    private readonly connection: QueueConnection,
    private readonly name: string,
  ) {
    const { bullmq, redis } = connection;
    const options = { connection: redis };
    this.queue = new bullmq.Queue(name, { ...options, streams: { events: { maxLen: MOST_EVENTS } } });
    this.events = new bullmq.QueueEvents(name, options);
    this.producer = new bullmq.QueueEventsProducer(name, options);
    // The connection tells of its drops itself.
    for (const part of [this.queue, this.events, this.producer] as EventEmitter[]) part.on("error", () => undefined);
    this.events.on("progress", ({ jobId, data }) => {
      const cell = this.cells.get(jobId);
      for (const message of cell ? (parse(data as string) as CellMessage[]) : []) cell?.onMessage(message);
    });
    this.events.on("completed", ({ jobId }) => this.look(jobId, (cell) => this.collect(cell)));
    this.events.on("failed", ({ jobId }) => this.look(jobId, (cell) => this.fail(cell)));
    this.pollAfter(POLL_MILLISECONDS);
  }

  /** Resolves when events of the queue are heard. */
  async ready(): Promise<void> {
    await this.events.waitUntilReady();
  }

  /**
   * Has a cell trained, unless it is in the queue already; one that had failed before is put anew. No message comes
   * after the promise has settled. What it leaves stays until `forget`, so that a result is not lost before it is kept.
   * @returns its result, undefined where it was taken back or let go of
   * @throws Error why it failed
   */
  put(cell: QueuedCell): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      const pending = { ...cell, queued: false, takenBack: false, resolve, reject };
      this.cells.set(cell.id, pending);
      this.enqueue(pending).catch((error: Error) => this.end(pending, () => reject(error)));
    });
  }

  /** Has a cell stop at its next batch and takes it out of the queue, whoever put it. */
  async takeBack(id: string): Promise<Remains> {
    const cell = this.cells.get(id);
    if (cell) cell.takenBack = true;
    await cell?.putting?.catch(() => undefined);
    const { redis } = this.connection;
    const keys = cellKeys(this.name, id);
    const born = (): Promise<string | null> => redis.hget(keys.job, "timestamp");
    const first = await born();
    // 0: a worker has it. One that died lets go of it when its lock runs out. Another job than the first is of another
    // coordinator, which wants the cell as well.
    while ((await born()) === first && (await this.queue.remove(id)) === 0) {
      await this.producer.publishEvent({ eventName: "stop", jobId: id });
      await sleep(STOP_MILLISECONDS);
    }
    const wanted = (await born()) !== null;
    const [result, checkpoint] = await Promise.all([redis.getBuffer(keys.result), redis.getBuffer(keys.checkpoint)]);
    if (!wanted) await redis.del(keys.result, keys.checkpoint);
    if (cell) this.end(cell, () => cell.resolve(result ?? undefined));
    return { result: result ?? undefined, checkpoint: checkpoint ?? undefined };
  }

  /** What a cell that ended can go on from, until `forget`. */
  async checkpointOf(id: string): Promise<Uint8Array | undefined> {
    return (await this.connection.redis.getBuffer(cellKeys(this.name, id).checkpoint)) ?? undefined;
  }

  /** Removes all that is left of a cell that ended. */
  async forget(id: string): Promise<void> {
    const { result, checkpoint } = cellKeys(this.name, id);
    await this.connection.redis.del(result, checkpoint);
    await this.queue.remove(id);
  }

  /** Lets go of all cells: those in the queue go on. Where no job is left, nothing is. A server that is away is not waited for. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    for (const cell of this.cells.values()) this.end(cell, () => cell.resolve(undefined));
    const parts = Promise.all([this.events.close(), this.producer.close(), this.queue.close()]);
    if (this.connection.isThere()) {
      await parts;
      await tidy(this.connection, this.name);
    } else parts.catch(() => undefined);
  }

  private enqueue(cell: PendingCell): Promise<void> {
    cell.queued = false;
    return (cell.putting = this.add(cell));
  }

  private async add(cell: PendingCell): Promise<void> {
    const { redis } = this.connection;
    const keys = cellKeys(this.name, cell.id);
    if (cell.checkpoint) await redis.set(keys.checkpoint, Buffer.from(cell.checkpoint), "NX");
    const [failed, completed, result] = await Promise.all([
      redis.zscore(this.queue.toKey("failed"), cell.id),
      redis.zscore(this.queue.toKey("completed"), cell.id),
      redis.exists(keys.result),
    ]);
    // Completed without a result: it was stopped.
    if (failed !== null || (completed !== null && result === 0)) await this.queue.remove(cell.id);
    if (cell.takenBack || this.closed) return;
    await this.queue.add("cell", cell.data, { jobId: cell.id });
    cell.queued = true;
    this.pollAfter(FIRST_POLL_MILLISECONDS);
  }

  /** What BullMQ does with a job is done in one step, so it is always in one of these lists. */
  private async poll(): Promise<void> {
    const queued = [...this.cells.values()].filter((cell) => cell.queued && !cell.takenBack);
    if (queued.length === 0) return;
    const [completed, failed, wait, active] = ["completed", "failed", "wait", "active"].map((list) =>
      this.queue.toKey(list),
    );
    const multi = this.connection.redis.multi().zrange(completed, 0, -1).zrange(failed, 0, -1);
    const replies = await multi.lrange(wait, 0, -1).lrange(active, 0, -1).exec();
    const lists = (replies ?? []).map(([error, ids]) => {
      if (error) throw error;
      return new Set(ids as string[]);
    });
    for (const cell of queued) {
      const found = lists.findIndex((ids) => ids.has(cell.id));
      if (found === 0) this.look(cell.id, () => this.collect(cell));
      else if (found === 1) this.look(cell.id, () => this.fail(cell));
      else if (found === -1) this.look(cell.id, () => this.queue.remove(cell.id).then(() => this.enqueue(cell)));
    }
  }

  private pollAfter(milliseconds: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.poll()
        .catch(() => undefined)
        .finally(() => this.pollAfter(POLL_MILLISECONDS));
    }, milliseconds);
  }

  /** What goes wrong here is looked at again by the next poll. */
  private look(id: string, act: (cell: PendingCell) => Promise<void>): void {
    const cell = this.cells.get(id);
    if (cell?.queued && !cell.takenBack) act(cell).catch(() => (cell.queued = true));
  }

  private async collect(cell: PendingCell): Promise<void> {
    const result = await this.connection.redis.getBuffer(cellKeys(this.name, cell.id).result);
    if (result) this.end(cell, () => cell.resolve(result));
    // Another coordinator took it back.
    else if (cell.queued && !cell.takenBack) await this.enqueue(cell);
  }

  private async fail(cell: PendingCell): Promise<void> {
    const reason = await this.connection.redis.hget(cellKeys(this.name, cell.id).job, "failedReason");
    if (reason === null) return;
    const line = /stalled more than/.test(reason)
      ? `its worker died, or was cut off, ${MOST_STALLS + 1} times`
      : reason;
    this.end(cell, () => cell.reject(new Error(line)));
  }

  private end(cell: PendingCell, settle: () => void): void {
    if (this.cells.get(cell.id) !== cell) return;
    this.cells.delete(cell.id);
    settle();
  }
}
