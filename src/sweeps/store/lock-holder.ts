/** Who holds a lock, as the lock's text says it, and whether that process still runs. */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import os from "node:os";

/** Where a process runs: only from the same place can be told whether it still does. "" where unknown. */
interface Place {
  host: string;
  machine: string;
  boot: string;
  /** Of process numbers: a container has its own. */
  namespace: string;
}

export interface LockHolder extends Place {
  pid: number;
  since: string;
  /** When the process started, in the kernel's ticks: another process with the same number is not the holder. "" where unknown. */
  birth: string;
  /** The holder renews the lock; once it has not for so many seconds it is gone. Absent in locks of earlier versions. */
  lease?: number;
}

/** Seconds; far longer than a file server keeps its clients waiting, or than these keep old modification times. */
export const LEASE_SECONDS = 90;

/** A lock of this process, different from any other. */
export function lockText(lease = LEASE_SECONDS): string {
  const holder = { pid: process.pid, since: new Date().toISOString(), birth: birthOf("self"), lease, ...placeHere() };
  return `${JSON.stringify({ ...holder, token: randomUUID() }, null, 2)}\n`;
}

/** Undefined for what is no lock. Earlier versions wrote fewer fields, later ones may write more. */
export function readHolder(text: string): LockHolder | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockHolder> | null;
    if (value === null) return undefined;
    const { pid = 0, since, birth = "", lease, host, machine = "", boot = "", namespace = "" } = value;
    const words = [since, birth, host, machine, boot, namespace];
    // They are printed; and a larger number would be cut to another process's.
    if (!words.every((word) => typeof word === "string" && !/\p{Cc}/u.test(word))) return undefined;
    if (!(Number.isInteger(pid) && pid > 0 && pid < 2 ** 31)) return undefined;
    if (!(lease === undefined || (typeof lease === "number" && lease > 0))) return undefined;
    return { pid, since: since!, birth, lease, host: host!, machine, boot, namespace };
  } catch {
    return undefined;
  }
}

function placeHere(): Place {
  const from = (read: () => string): string => {
    try {
      return read();
    } catch {
      return "";
    }
  };
  const machine = from(() => readFileSync("/etc/machine-id", "latin1").trim());
  return {
    host: os.hostname(),
    // Some images hold "uninitialized".
    machine: /^[0-9a-f]{32}$/.test(machine) ? machine : "",
    boot: from(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    namespace: from(() => readlinkSync("/proc/self/ns/pid")),
  };
}

/** Eight hexadecimal digits that processes share which can tell of each other whether they run. */
export function placeDigest(): string {
  return createHash("sha256").update(JSON.stringify(placeHere())).digest("hex").slice(0, 8);
}

/** Whether the process has ended; undefined where it cannot be told, as of one on another machine or in another container. */
export function isDead({ pid, birth, ...there }: LockHolder): boolean | undefined {
  const here = placeHere();
  const differs = (name: keyof Place): boolean => there[name] !== "" && here[name] !== "" && there[name] !== here[name];
  if (differs("host") || differs("machine")) return undefined;
  // The machine was started anew; two machines may share a host name.
  if (differs("boot")) return there.machine !== "" && there.machine === here.machine ? true : undefined;
  if (differs("namespace")) return undefined;
  if (isGone(pid)) return true;
  const now = birthOf(pid);
  if (now === ZOMBIE) return true;
  return birth !== "" && now !== "" && now !== birth;
}

/** Whether this machine has no process of that number. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

const ZOMBIE = "dead, but its parent has not noticed";

/** Field 22 of /proc/PID/stat; "" on systems without it, and where /proc shows another container's processes. */
function birthOf(pid: number | "self"): string {
  try {
    if (readlinkSync("/proc/self") !== String(process.pid)) return "";
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, field 2, may hold spaces and parentheses.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? ZOMBIE : (fields[18] ?? "");
  } catch {
    return "";
  }
}
