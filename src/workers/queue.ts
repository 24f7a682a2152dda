/**
 * Cells on other machines by way of Redis: the connection, what is asked of the server, and where things lie there.
 * The only file that imports bullmq and ioredis, which are loaded when a queue is asked for.
 */
import type { Redis } from "ioredis";
import { z } from "zod";
import { InputError } from "../core/input-error.js";

export type { Job, Queue, QueueEvents, QueueEventsListener, QueueEventsProducer, Worker } from "bullmq";

type Bullmq = typeof import("bullmq");

/** More deaths of its workers than this fail a cell. */
export const MOST_STALLS = 3;

const PREFIX = "bull";
const WORKER_PREFIX = "handgrad-worker:";
const CONNECT_MILLISECONDS = 5000;
const EXPECTED =
  "expected redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS; # ? / @ of a password as %23 %3F %2F %40";

const announcementSchema = z.object({
  name: z.string(),
  host: z.string(),
  pid: z.int(),
  engineVersion: z.int(),
  dataset: z.string(),
  dataDigest: z.string(),
  /** Cells that it trains at once. */
  workers: z.int(),
});

/** What a worker process says of itself. */
export type Announcement = z.infer<typeof announcementSchema>;

/** A server that does what is asked of it. */
export interface QueueConnection {
  bullmq: Bullmq;
  /** Waits for the server where it is away. */
  redis: Redis;
  /** The address without its secrets. */
  shown: string;
  /** The workers that are there, of any engine version and data, by name. */
  workers: () => Promise<Announcement[]>;
  /** Whether the server can be reached now. */
  isThere: () => boolean;
  /** Waits for nothing: what the server has not been told by now, it is not told. */
  close: () => void;
}

/** A cell runs only where the engine and the data are the same: these have a queue of their own. */
export function queueName(engineVersion: number, dataDigest: string): string {
  return `handgrad-v${engineVersion}-${dataDigest.slice(0, 16)}`;
}

/** Where a cell's job, its lock, and beside them its checkpoint and result lie. */
export function cellKeys(queue: string, id: string) {
  const job = `${PREFIX}:${queue}:${id}`;
  return { job, lock: `${job}:lock`, checkpoint: `${job}:checkpoint`, result: `${job}:result` };
}

export function workerKey(name: string): string {
  return `${WORKER_PREFIX}${name}`;
}

/** Removes what BullMQ keeps of a queue (KEYS[8] and on) where that has no job (KEYS[1] to KEYS[7]). */
const TIDY = `
for i = 1, 7 do if redis.call("EXISTS", KEYS[i]) == 1 then return 0 end end
for i = 8, #KEYS do redis.call("DEL", KEYS[i]) end
return 1`;
const JOB_LISTS = ["completed", "failed", "wait", "active", "paused", "delayed", "prioritized"];
const LEFTOVERS = ["meta", "events", "id", "marker", "stalled", "stalled-check", "pc"];

/** Whoever leaves a queue that has no job leaves nothing of it. A worker that is there makes some of it anew, and leaves later. */
export async function tidy({ redis }: QueueConnection, queue: string): Promise<void> {
  const keys = [...JOB_LISTS, ...LEFTOVERS].map((type) => `${PREFIX}:${queue}:${type}`);
  await redis.eval(TIDY, keys.length, ...keys);
}

/** A "?" or "#" of a user or password, where an address ends that. */
const STRAY = /[?#].*@/s;

/** A Redis address without user, password and query, also where it is malformed. */
export function shownUrl(url: string): string {
  const scheme = /^[a-z]+:\/\//i.exec(url)?.[0] ?? "";
  const rest = url.slice(scheme.length);
  // Before a "?" or "#" that is a password's stands more of it.
  if (STRAY.test(rest)) return `${scheme}…`;
  return scheme + rest.replace(/[?#].*$/s, "").replace(/^.*@/s, "");
}

/**
 * @param note told what a user must know of the server, when it goes away, and when it is back
 * @throws InputError where a package is missing, or the server is not there, lets nobody in, or would lose cells
 */
export async function connect(url: string, note: (line: string) => void): Promise<QueueConnection> {
  const shown = shownUrl(url);
  if (!isRedisUrl(url)) throw new InputError(`got "${shown}" as the address of Redis, ${EXPECTED}`);
  const { bullmq, Redis } = await loadPackages();
  /** Before this, a drop of the connection is final. */
  let met = false;
  let lost = false;
  let reason = "";
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MILLISECONDS,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => (met ? Math.min(100 * attempt, 2000) : null),
  });
  redis.on("error", (error: NodeJS.ErrnoException) => (reason = error.message || (error.code ?? "")));
  try {
    await redis.connect();
    // Where the address's database cannot be had, ioredis goes on in another.
    if (redis.options.db) await redis.select(redis.options.db);
    checkServer(await redis.info(), shown, note);
  } catch (error) {
    redis.disconnect();
    if (error instanceof InputError) throw error;
    reason ||= (error as Error).message;
    throw new InputError(
      `Redis at ${shown} cannot be used: ${reason}; expected a server that answers there, and lets in with the address's user and password`,
    );
  }
  met = true;
  redis.on("close", () => {
    if (!met || lost) return;
    lost = true;
    note(`the connection to Redis at ${shown} was lost; trying to reach it again …`);
  });
  redis.on("ready", () => {
    lost = false;
    note(`Redis at ${shown} answers again`);
  });
  return {
    bullmq,
    redis,
    shown,
    workers: () => announcedWorkers(redis),
    isThere: () => redis.status === "ready",
    close: () => {
      // BullMQ's own connections are copies of this one, and end with its patience.
      met = false;
      redis.disconnect();
    },
  };
}

function isRedisUrl(url: string): boolean {
  try {
    const { protocol, hostname, username, password, pathname } = new URL(url);
    // Throws where it is malformed, as ioredis would.
    decodeURIComponent(username + password);
    return !STRAY.test(url) && /^rediss?:$/.test(protocol) && hostname !== "" && /^\/?\d*$/.test(pathname);
  } catch {
    return false;
  }
}

async function loadPackages(): Promise<{ bullmq: Bullmq; Redis: typeof Redis }> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError(
      "cells go through Redis by two packages that are not installed; npm install bullmq@6 ioredis@5 installs them",
    );
  }
}

/** @param info what INFO says: CONFIG is often forbidden */
function checkServer(info: string, shown: string, note: (line: string) => void): void {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1].trim();
  const version = field("redis_version") ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (!(major > 6 || (major === 6 && minor >= 2)))
    throw new InputError(`Redis at ${shown} is version ${version || "unknown"}, expected 6.2 or later, or Valkey`);
  const policy = field("maxmemory_policy") ?? "unknown";
  if (policy !== "noeviction")
    throw new InputError(
      `Redis at ${shown} drops keys when its memory is full (maxmemory-policy ${policy}), and cells with them; expected noeviction: redis-cli CONFIG SET maxmemory-policy noeviction`,
    );
  if (field("aof_enabled") !== "1")
    note(
      `Redis at ${shown} keeps no append-only file: its restart would lose all cells there that are not collected, and their checkpoints; redis-cli CONFIG SET appendonly yes`,
    );
}

async function announcedWorkers(redis: Redis): Promise<Announcement[]> {
  const keys = new Set<string>();
  for await (const found of redis.scanStream({ match: `${WORKER_PREFIX}*`, count: 1000 }))
    for (const key of found as string[]) keys.add(key);
  if (keys.size === 0) return [];
  const texts = await redis.mget([...keys]);
  return texts
    .flatMap((text) => {
      const { success, data } = announcementSchema.safeParse(text === null ? undefined : JSON.parse(text));
      return success ? [data] : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
