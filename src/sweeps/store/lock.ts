/**
 * The lock of a folder: a file that names the process that works there. It comes into being whole, and only where
 * there is none or in the place of a dead process's. Run directories and their cells are locked by it, and the build,
 * which loads this file before anything is compiled: it needs no package.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../core/input-error.js";
import { failureReason, isMissing, readText, TEMPORARY, type FileOperations } from "./files.js";
import { isAbandoned, keepRenewing, renewalPause } from "./lease.js";
import { isDead, LEASE_SECONDS, lockText, readHolder, type LockHolder } from "./lock-holder.js";

/** What lies at a lock's path: a lock, nothing, or something else. */
type Found = { kind: "lock"; text: string; holder: LockHolder } | { kind: "none" } | { kind: "other"; reason: string };

export const LOCK = "lock.json";
const LOCK_BYTES = 4096;
const POLL_MILLISECONDS = 100;
/** A process that was just killed still takes a moment to be gone. */
const PATIENCE_MILLISECONDS = 1000;
/** Polls in a row without a living holder and without success, after which something is wrong. */
const MOST_MISSES = 20;

/** A living process, or one of which nothing can be told, holds the lock. */
export class LockHeld extends Error {
  readonly holder: string;
  constructor(
    readonly by: LockHolder,
    readonly file: string,
  ) {
    const holder = holderWords(by);
    super(`${file} is held by ${holder}`);
    this.holder = holder;
  }
}

export const holderWords = ({ pid, host, since }: LockHolder): string => `process ${pid} on ${host} since ${since}`;

export interface LockOptions {
  operations: FileOperations;
  /** Called once with who holds the lock, then waits; without it, a held lock is an error. */
  onWait?: (holder: string) => void;
  /** Called once where another has taken the lock over or removed it, as may happen to a process that stood still for longer than the lease. */
  onLost?: () => void;
  /** Seconds without renewal after which other machines take the lock over. */
  lease?: number;
}

/**
 * Takes the lock of a run directory.
 * @returns releases it
 * @throws InputError where another process holds it, or it cannot be written
 */
export async function takeLock(folder: string, options: LockOptions): Promise<() => Promise<void>> {
  try {
    return await acquireLock(folder, { ...options, patience: options.onWait ? Infinity : PATIENCE_MILLISECONDS });
  } catch (error) {
    if (error instanceof LockHeld)
      throw new InputError(
        `another sweep is running in ${folder}: ${error.holder}; wait for it (--wait does), name another directory with --out, or, if that process is gone, delete ${error.file}`,
      );
    if (error instanceof InputError) throw error;
    throw new InputError(
      `cannot lock the run directory ${folder}: ${failureReason(error)}; expected a writable folder, name another with --out`,
    );
  }
}

/**
 * Takes the lock of any folder.
 * @param options `patience`: milliseconds that a living holder is waited for
 * @returns releases it
 * @throws LockHeld after that; InputError where what lies there is no lock; what the system says where it cannot be written
 */
export async function acquireLock(
  folder: string,
  { operations, onWait, onLost, lease = LEASE_SECONDS, patience }: LockOptions & { patience: number },
): Promise<() => Promise<void>> {
  const file = path.join(folder, LOCK);
  const text = lockText(lease);
  const begin = performance.now();
  let misses = 0;
  let told = false;
  /** Leases take a file to judge: so no more often than they are renewed. */
  let nextJudgement = begin;
  const isGone = async (holder: LockHolder): Promise<boolean> => {
    const dead = isDead(holder);
    if (dead !== undefined || performance.now() < nextJudgement) return dead ?? false;
    nextJudgement = performance.now() + renewalPause(holder.lease ?? LEASE_SECONDS);
    return isAbandoned(operations, file, holder);
  };
  for (;;) {
    const found = await look(operations, file);
    let holder = found.kind === "lock" && !(await isGone(found.holder)) ? found.holder : undefined;
    if (!holder && found.kind !== "other") {
      const taken = await take(operations, file, text, found);
      // Its time is that of its draft, long ago where this process stood still since.
      if (taken === true && (await operations.renew(file, text).catch(() => true)))
        return hold(file, text, keepRenewing({ operations, file, text, lease, onLost }));
      if (typeof taken !== "boolean") holder = taken;
    }
    if (holder) {
      misses = 0;
      const held = new LockHeld(holder, file);
      if (performance.now() - begin >= patience) throw held;
      if (!told) onWait?.(held.holder);
      told = true;
    } else if (++misses > MOST_MISSES)
      throw new InputError(
        `${found.kind === "other" ? found.reason : `${file}: cannot be taken`}; delete it if nothing is running in ${folder}`,
      );
    await sleep(POLL_MILLISECONDS);
  }
}

/** Who holds a folder's lock now. @param now gives the file server's time, for many folders once */
export async function lockHolder(
  operations: FileOperations,
  folder: string,
  now?: () => Promise<number>,
): Promise<LockHolder | undefined> {
  const file = path.join(folder, LOCK);
  const found = await look(operations, file);
  if (found.kind !== "lock" || (await isAbandoned(operations, file, found.holder, now))) return undefined;
  return found.holder;
}

/** Removes each lock that this process holds. */
const removals = new Set<() => void>();
const removeAll = (): void => removals.forEach((remove) => remove());

/** @returns releases the lock */
function hold(file: string, text: string, endRenewing: () => void): () => Promise<void> {
  const remove = (): void => {
    try {
      if (statSync(file).size === Buffer.byteLength(text) && readFileSync(file, "utf8") === text) rmSync(file);
    } catch {
      // Gone already, or the disk is: a lock left behind is taken over.
    }
  };
  // Also when the process ends at once, as on a second Ctrl-C: nothing asynchronous runs then.
  if (removals.size === 0) process.on("exit", removeAll);
  removals.add(remove);
  return async () => {
    endRenewing();
    removals.delete(remove);
    if (removals.size === 0) process.off("exit", removeAll);
    remove();
  };
}

async function look(operations: FileOperations, file: string): Promise<Found> {
  try {
    const text = await readText(operations, file, LOCK_BYTES);
    if (text === undefined) return { kind: "none" };
    const holder = readHolder(text);
    if (holder) return { kind: "lock", text, holder };
    return { kind: "other", reason: `${file}: got ${JSON.stringify(text.slice(0, 40))}, expected a lock` };
  } catch (error) {
    return { kind: "other", reason: (error as Error).message };
  }
}

/** Puts a lock where there was none or a dead process's. Else false where another was faster, or who is about to. */
async function take(
  operations: FileOperations,
  file: string,
  text: string,
  found: Found,
): Promise<boolean | LockHolder> {
  // Only now: whoever holds the lock meanwhile would take a waiting process's draft for rubbish.
  const draft = path.join(path.dirname(file), `lock.${randomUUID()}${TEMPORARY}`);
  try {
    await operations.write(draft, new TextEncoder().encode(text));
    if (found.kind === "lock") return await replaceDead(operations, file, found, draft);
    return await linked(operations, draft, file);
  } finally {
    await operations.remove(draft).catch(() => undefined);
  }
}

/** False where the second name is taken, or the file has gone: a draft that was taken for rubbish. */
async function linked(operations: FileOperations, from: string, to: string): Promise<boolean> {
  try {
    await operations.link(from, to);
    return true;
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** False where the file has gone: a claim that another has taken over. */
async function renamed(operations: FileOperations, from: string, to: string): Promise<boolean> {
  try {
    await operations.rename(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Puts a lock in a dead process's place. One process at a time may: the one that made the claim, a file named after
 * the dead lock's text. Where it died, too, the right is with whoever made a claim named after that claim's text, and
 * so on. The texts are all different, so a claim that comes too late is one to a lock that never comes back.
 */
async function replaceDead(
  operations: FileOperations,
  file: string,
  dead: { text: string; holder: LockHolder },
  draft: string,
): Promise<boolean | LockHolder> {
  const claims: string[] = [];
  for (let last = dead.text; ;) {
    const digest = createHash("sha256").update(last).digest("hex").slice(0, 32);
    const claim = path.join(path.dirname(file), `lock.${digest}${TEMPORARY}`);
    claims.unshift(claim);
    if (await linked(operations, draft, claim)) break;
    const found = await look(operations, claim);
    if (found.kind !== "lock") return false;
    if (!(await isAbandoned(operations, claim, found.holder))) return found.holder;
    last = found.text;
  }
  const [own, ...earlier] = claims;
  try {
    // Once more: who stood still may have come back.
    const stands =
      (await readText(operations, file, LOCK_BYTES)) === dead.text &&
      (await isAbandoned(operations, file, dead.holder));
    if (stands && !(await renamed(operations, own, file))) return false;
    // Not before: whoever finds them gone may claim the lock that they are claims to.
    for (const claim of earlier) await operations.remove(claim);
    return stands;
  } finally {
    await operations.remove(own);
  }
}
