/**
 * The lock of a run directory: a file that names the process that trains there. It comes into being whole and
 * only where there is none; the lock of a process that died is taken over.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { InputError } from "../../core/input-error.js";
import { failureReason, readText, TEMPORARY, type FileOperations } from "./files.js";
import { formatFields, parseJson } from "../spec/json.js";

const holderSchema = z.strictObject({
  pid: z.int().min(1),
  host: z.string(),
  since: z.string(),
  /** When the process started, in the kernel's ticks: another process with the same number is not the holder. "" where unknown. */
  birth: z.string(),
  /** Tells two locks of one process apart. */
  token: z.string(),
});
export type LockHolder = z.output<typeof holderSchema>;

const LOCK_BYTES = 4096;
const POLL_MILLISECONDS = 100;
/** A process that was just killed still takes a moment to be gone. */
const PATIENCE_MILLISECONDS = 1000;

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
  const file = path.join(folder, "lock.json");
  const own: LockHolder = {
    pid: process.pid,
    host: os.hostname(),
    since: new Date().toISOString(),
    birth: birthOf(process.pid),
    token: randomUUID(),
  };
  const text = formatFields(own);
  const draft = path.join(folder, `lock.${own.token}${TEMPORARY}`);
  const giveUp = performance.now() + PATIENCE_MILLISECONDS;
  let told = false;
  try {
    await operations.write(draft, new TextEncoder().encode(text));
    while (!(await linked(operations, draft, file))) {
      const found = await readText(operations, file, LOCK_BYTES);
      if (found === undefined) continue;
      const holder = readHolder(found, file);
      if (holder === undefined || isDead(holder)) {
        await removeDead(operations, file, found, draft);
        continue;
      }
      const who = `process ${holder.pid} on ${holder.host} since ${holder.since}`;
      if (!onWait && performance.now() > giveUp)
        throw new InputError(
          `another sweep is running in ${folder}: ${who}; wait for it (--wait does), name another directory with --out, or, if that process is gone, delete ${file}`,
        );
      if (!told) onWait?.(who);
      told = true;
      await sleep(POLL_MILLISECONDS);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `cannot lock the run directory ${folder}: ${failureReason(error)}; expected a writable folder, name another with --out`,
    );
  } finally {
    await operations.remove(draft).catch(() => undefined);
  }

  // Also when the process ends at once, as on a second Ctrl-C: nothing asynchronous runs then.
  const removeNow = (): void => {
    try {
      if (readFileSync(file, "utf8") === text) rmSync(file);
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

async function linked(operations: FileOperations, from: string, to: string): Promise<boolean> {
  try {
    await operations.link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined for a lock that cannot be read: none of ours, they come into being whole. */
function readHolder(text: string, file: string): LockHolder | undefined {
  try {
    return holderSchema.parse(parseJson(text, file));
  } catch {
    return undefined;
  }
}

/** False for a process on another machine, where this one cannot look. */
function isDead({ pid, host, birth }: LockHolder): boolean {
  if (host !== os.hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const now = birthOf(pid);
  if (now === ZOMBIE) return true;
  return birth !== "" && now !== "" && now !== birth;
}

const ZOMBIE = "dead, but its parent has not noticed";

/** Field 22 of /proc/PID/stat; "" on systems without it. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, field 2, may hold spaces and parentheses.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? ZOMBIE : (fields[18] ?? "");
  } catch {
    return "";
  }
}

/**
 * Removes a dead process's lock. Two may try at once, and the slower must not remove the lock that the faster
 * has taken meanwhile: so only the holder of a second file does, and looks again first.
 */
async function removeDead(operations: FileOperations, file: string, dead: string, draft: string): Promise<void> {
  const guard = `${file}.takeover`;
  if (await linked(operations, draft, guard)) {
    try {
      if ((await readText(operations, file, LOCK_BYTES)) === dead) await operations.remove(file);
    } finally {
      await operations.remove(guard);
    }
    return;
  }
  const other = await readText(operations, guard, LOCK_BYTES);
  const holder = other === undefined ? undefined : readHolder(other, guard);
  // It died while it was taking over.
  if (other !== undefined && (holder === undefined || isDead(holder))) await operations.remove(guard);
  else await sleep(POLL_MILLISECONDS);
}
