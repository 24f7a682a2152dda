/**
 * The lease of a lock: its holder renews it, and counts as dead once it has not for that long, where nothing else tells.
 * Times are the file server's, as modification times have them: the clocks of two machines may differ by hours.
 */
import { randomUUID } from "node:crypto";
import path from "node:path";
import { TEMPORARY, type FileOperations } from "./files.js";
import { isDead, type LockHolder } from "./lock-holder.js";

/** In a lease: of several that fail or come late on a slow server, one is enough. */
const RENEWALS = 9;

/** Milliseconds from one renewal of a lease of so many seconds to the next. */
export const renewalPause = (lease: number): number => (1000 * lease) / RENEWALS;

export interface Renewal {
  operations: FileOperations;
  file: string;
  /** Of the lock: what holds another is another's. */
  text: string;
  /** Seconds. */
  lease: number;
  /** Called once where the lock is another's by now, or gone; it is not renewed any more then. */
  onLost?: () => void;
}

/** Renews a lock until the returned function is called. Keeps no process alive. */
export function keepRenewing({ operations, file, text, lease, onLost }: Renewal): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const wait = (): void => void (timer = setTimeout(() => void renew(), renewalPause(lease)).unref());
  const renew = async (): Promise<void> => {
    // What fails now may succeed the next time.
    const own = await operations.renew(file, text).catch(() => true);
    if (ended) return;
    if (own) wait();
    else onLost?.();
  };
  wait();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** The file server's time in milliseconds, as a file just written in the folder has it. */
export async function fileTime(operations: FileOperations, folder: string): Promise<number> {
  const draft = path.join(folder, `lock.${randomUUID()}${TEMPORARY}`);
  try {
    await operations.write(draft, new Uint8Array(1));
    return await operations.modified(draft);
  } finally {
    await operations.remove(draft).catch(() => undefined);
  }
}

/**
 * Whether a lock's holder is gone: a process of this machine by its number, another by its lease.
 * @param file where the lock lies
 * @param now gives the file server's time
 * @returns false where it cannot be told
 */
export async function isAbandoned(
  operations: FileOperations,
  file: string,
  holder: LockHolder,
  now = (): Promise<number> => fileTime(operations, path.dirname(file)),
): Promise<boolean> {
  const dead = isDead(holder);
  if (dead !== undefined || holder.lease === undefined) return dead ?? false;
  const lease = 1000 * holder.lease;
  try {
    // The time comes first: this process may be stopped between the two.
    const before = await now();
    const renewed = await operations.modified(file);
    if (before - renewed > lease) return true;
    // Renewed in the future: the server's clock was put back since, or this process was stopped.
    return renewed - before > lease && renewed - (await now()) > lease;
  } catch {
    return false;
  }
}
