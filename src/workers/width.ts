/**
 * How wide the simd kernels run. V8's revectorizer turns pairs of strict 128-bit operations into 256-bit ones, which give
 * the same bits; off unless asked for, and compiled in nowhere but on x64. It is switched on for the process, before any kernel
 * is compiled, where both ways gave the same bits on this machine and the wide one is the faster.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import v8 from "node:v8";
import { InputError } from "../core/input-error.js";
import { kernelsBase64 } from "../core/simd/kernels.generated.js";
import { ENGINE_VERSION } from "../core/version.js";
import type { Compiled, Question } from "./width-proof.js";

export type SimdBits = 128 | 256;

const FLAG = "--experimental-wasm-revectorize";
/** The first Node whose V8 has it. */
const FIRST_NODE = 22;
/** So soon, functions are compiled with what is known of their calls, as in a long training. */
const TIERING = "--wasm-tiering-budget=10000";
const PATIENCE_MILLISECONDS = 120_000;
/** From here on wide is the faster. Processors that carry out 256 bits in halves stay below: there the pairs cost a little. */
const WORTH = 1.2;
/** Times that the calibration kernel runs in both ways, in turns: a machine's speed changes between two of them. */
const TURNS = 3;

/** What is known of both ways on a machine. */
export interface WidthProof {
  /** Whether the bits are the same. */
  same: boolean;
  /** How many times as fast the calibration kernel is when wide. */
  gain: number;
}

let bits: SimdBits = 128;
let chosen: Promise<SimdBits> | undefined;

/** Of this process: 128 until `chooseWidth` says otherwise. */
export const simdBits = (): SimdBits => bits;

/**
 * Decides for this process before it compiles the kernels. The first call switches the revectorizer on where that is right;
 * on a machine that has no proof yet, that takes some seconds, and `say` is told so. HANDGRAD_WIDE=0 leaves it off,
 * HANDGRAD_WIDE=1 takes it wherever the bits are the same.
 * @throws InputError where HANDGRAD_WIDE is something else
 */
export function chooseWidth(say?: (line: string) => void): Promise<SimdBits> {
  const prove = (): Promise<WidthProof | undefined> => {
    say?.("comparing 256-bit kernels with 128-bit ones on this machine, some seconds");
    return proveWidth();
  };
  chosen ??= chosenBits(process.env.HANDGRAD_WIDE, () => storedProof(cacheFolder(), prove)).then((width) => {
    if (width === 256) v8.setFlagsFromString(FLAG);
    return (bits = width);
  });
  return chosen;
}

/** @param wish what HANDGRAD_WIDE says @param proof asked only where this Node may have the revectorizer */
export async function chosenBits(
  wish: string | undefined,
  proof: () => Promise<WidthProof | undefined>,
  node = process.version,
  arch = process.arch,
): Promise<SimdBits> {
  if (wish !== undefined && !["", "0", "1"].includes(wish))
    throw new InputError(
      `HANDGRAD_WIDE: got ${wish}, expected 0 (128 bits), 1 (256 where the bits are the same), or nothing (256 where that is faster, too)`,
    );
  if (wish === "0" || arch !== "x64" || Number(/^v(\d+)/.exec(node)?.[1]) < FIRST_NODE) return 128;
  const { same = false, gain = 0 } = (await proof()) ?? {};
  return same && (wish === "1" || gain >= WORTH) ? 256 : 128;
}

/** Trains every kernel in both ways, and clocks them where the bits are the same; undefined where a process gave no answer. */
export async function proveWidth(): Promise<WidthProof | undefined> {
  const narrow = await compiled("digest");
  const wide = await compiled("digest", FLAG);
  if (narrow === undefined || wide === undefined) return undefined;
  if (narrow !== wide) return { same: false, gain: 0 };
  const gains: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const before = await compiled("gflops");
    const after = await compiled("gflops", FLAG);
    if (before === undefined || after === undefined) return undefined;
    gains.push(after / before);
  }
  return { same: true, gain: gains.sort((a, b) => a - b)[Math.floor(TURNS / 2)] };
}

/**
 * What a process of its own answers, whatever else is said in it; undefined where there is no such process, or no answer. It
 * ends with this one.
 */
export async function compiled<Q extends Question>(question: Q, ...flags: string[]): Promise<Compiled[Q] | undefined> {
  const entry = fileURLToPath(new URL("./width-proof.js", import.meta.url));
  const args = [TIERING, ...flags, entry, question];
  try {
    const running = promisify(execFile)(process.execPath, args, { timeout: PATIENCE_MILLISECONDS });
    const end = (): void => void running.child.kill("SIGKILL");
    process.once("exit", end);
    const { stdout } = await running.finally(() => process.off("exit", end));
    const [answer = "{}"] = /^\{"width-proof":.*\}$/m.exec(stdout) ?? [];
    return (JSON.parse(answer) as Record<string, Compiled[Q] | undefined>)["width-proof"];
  } catch {
    return undefined;
  }
}

/** The proof for this Node, processor and kernels, which is kept in a folder, where there is one; made where it is not. */
export async function storedProof(
  folder: string | undefined,
  prove: () => Promise<WidthProof | undefined>,
): Promise<WidthProof | undefined> {
  const key = [process.version, processor(), ENGINE_VERSION, kernelsBase64].join("\n");
  const name = `width-${createHash("sha256").update(key).digest("hex").slice(0, 16)}.json`;
  const file = folder && path.join(folder, name);
  const kept = file && keptProof(file);
  if (kept) return kept;
  const proof = await prove();
  if (proof && file) keep(file, proof);
  return proof;
}

/** What tells processors apart. Virtual ones of many kinds have one name, and machines may share a home: Linux tells more. */
function processor(): string {
  const name = os.cpus()[0]?.model ?? "";
  try {
    const [first] = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
    return [name, ...(first.match(/^(cpu family|model|stepping|microcode|flags)\t.*$/gm) ?? [])].join("\n");
  } catch {
    return name;
  }
}

function keptProof(file: string): WidthProof | undefined {
  try {
    const { same, gain } = JSON.parse(readFileSync(file, "utf8")) as Partial<WidthProof>;
    return typeof same === "boolean" && typeof gain === "number" ? { same, gain } : undefined;
  } catch {
    return undefined;
  }
}

/** Where it cannot be kept, the next process makes it again. */
function keep(file: string, proof: WidthProof): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(proof));
    renameSync(draft, file);
  } catch {
    // A read-only home.
  }
}

/** The user's. Relative paths in the environment count as unset (XDG Base Directory Specification); undefined where there is no home. */
export function cacheFolder(
  { LOCALAPPDATA, XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
  home = homeFolder(),
): string | undefined {
  const named = platform === "win32" ? LOCALAPPDATA : XDG_CACHE_HOME;
  if (named && path.isAbsolute(named)) return path.join(named, "handgrad");
  const usual: Partial<Record<NodeJS.Platform, string>> = { win32: "AppData/Local", darwin: "Library/Caches" };
  return home && path.join(home, usual[platform] ?? ".cache", "handgrad");
}

function homeFolder(): string | undefined {
  try {
    const home = os.homedir();
    return path.isAbsolute(home) ? home : undefined;
  } catch {
    // A user that the system does not know.
    return undefined;
  }
}
