/**
 * The lock of a folder: a file that names the process that works there. It comes into being whole, and only where
 * there is none or in the place of a dead process's. Run directories are locked by it, and the build, which loads
 * this file before anything is compiled: it needs no package.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../core/input-error.js";
import { failureReason, isMissing, readText, TEMPORARY, type FileOperations } from "./files.js";
import { isDead, lockText, readHolder, type LockHolder } from "./lock-holder.js";

/** What lies at a lock's path: a lock, nothing, or something else. */
type Found = { kind: "lock"; text: string; holder: LockHolder } | { kind: "none" } | { kind: "other"; reason: string };

const LOCK_BYTES = 4096;
const POLL_MILLISECONDS = 100;
/** A process that was just killed still takes a moment to be gone. */
const PATIENCE_MILLISECONDS = 1000;
/** Polls in a row without a living holder and without success, after which something is wrong. */
const MOST_MISSES = 20;

/** A living process, or one of which nothing can be told, holds the lock. */
export class LockHeld extends Error {
  constructor(
    readonly holder: string,
    readonly file: string,
  ) {
    super(`${file} is held by ${holder}`);
  }
}

export interface LockOptions {
  operations: FileOperations;
  /** Called once with who holds the lock, then waits; without it, a held lock is an error. */
  onWait?: (holder: string) => void;
}

/**
 * Takes the lock of a run directory.
 * @returns releases it
 * @throws InputError where another process holds it, or it cannot be written
 */
export async function takeLock(folder: string, { operations, onWait }: LockOptions): Promise<() => Promise<void>> {
  try {
    return await acquireLock(folder, { operations, onWait, patience: onWait ? Infinity : PATIENCE_MILLISECONDS });
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
  { operations, onWait, patience }: LockOptions & { patience: number },
): Promise<() => Promise<void>> {
  const file = path.join(folder, "lock.json");
  const text = lockText();
  const begin = performance.now();
  let misses = 0;
  let told = false;
  for (;;) {
    const found = await look(operations, file);
    const free = found.kind === "none" || (found.kind === "lock" && isDead(found.holder));
    if (free && (await take(operations, file, text, found))) return releaser(file, text);
    if (free || found.kind === "other") {
      if (++misses > MOST_MISSES)
        throw new InputError(
          `${found.kind === "other" ? found.reason : `${file}: cannot be taken`}; delete it if nothing is running in ${folder}`,
        );
    } else {
      misses = 0;
      const { pid, host, since } = found.holder;
      const who = `process ${pid} on ${host} since ${since}`;
      if (performance.now() - begin > patience) throw new LockHeld(who, file);
      if (!told) onWait?.(who);
      told = true;
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function releaser(file: string, text: string): () => Promise<void> {
  // Also when the process ends at once, as on a second Ctrl-C: nothing asynchronous runs then.
  const removeNow = (): void => {
    try {
      if (statSync(file).size === Buffer.byteLength(text) && readFileSync(file, "utf8") === text) rmSync(file);
    } catch {
      // Gone already, or the disk is: a lock left behind is taken over.
    }
  };
  process.once("exit", removeNow);
  return async () => {
    process.off("exit", removeNow);
    removeNow();
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

/** Puts a lock where there was none or a dead process's. False where another was faster. */
async function take(operations: FileOperations, file: string, text: string, found: Found): Promise<boolean> {
  // Only now: whoever holds the lock meanwhile would take a waiting process's draft for rubbish.
  const draft = path.join(path.dirname(file), `lock.${randomUUID()}${TEMPORARY}`);
  try {
    await operations.write(draft, new TextEncoder().encode(text));
    if (found.kind === "lock") return await replaceDead(operations, file, found.text, draft);
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

/**
 * Puts a lock in a dead process's place. One process at a time may: the one that made the claim, a file named after
 * the dead lock's text. Where it died, too, the right is with whoever made a claim named after that claim's text, and
 * so on. The texts are all different, so a claim that comes too late is one to a lock that never comes back.
 */
async function replaceDead(operations: FileOperations, file: string, dead: string, draft: string): Promise<boolean> {
  const claims: string[] = [];
  for (let last = dead; ;) {
    const digest = createHash("sha256").update(last).digest("hex").slice(0, 32);
    const claim = path.join(path.dirname(file), `lock.${digest}${TEMPORARY}`);
    claims.unshift(claim);
    if (await linked(operations, draft, claim)) break;
    const found = await look(operations, claim);
    if (found.kind !== "lock" || !isDead(found.holder)) return false;
    last = found.text;
  }
  const [own, ...earlier] = claims;
  try {
    const stands = (await readText(operations, file, LOCK_BYTES)) === dead;
    if (stands) await operations.rename(own, file);
    // Not before: whoever finds them gone may claim the lock that they are claims to.
    for (const claim of earlier) await operations.remove(claim);
    return stands;
  } finally {
    await operations.remove(own);
  }
}
