/**
 * A run directory: spec.json, plan.json and one folder a cell with its record.json and weights.bin, or, while
 * it is being trained, checkpoint.bin. All files are replaced as a whole, and what is read back is checked
 * against its digest.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import { cellIdPattern, shortId } from "../spec/cell-id.js";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.js";
import {
  diskOperations,
  failureReason,
  isMissing,
  readBytes,
  readText,
  removeEmpty,
  TEMPORARY,
  writeAtomic,
  type FileOperations,
} from "./files.js";
import { takeLock } from "./lock.js";
import { decodePlan, encodePlan, looksLikePlan, type PlanFile } from "./plan-file.js";
import { decodeRecord, encodeRecord, type CellRecord } from "./record.js";
import { formatSpec, parseSpec, type SweepSpec } from "../spec/spec.js";
import { weightBytes } from "./weights.js";

/** Far more than the largest file of a sane run; a wrong file is not read whole. */
const MAX_FILE_BYTES = 256 << 20;
/** Parameters and optimizer state of the largest model that fits a cell's memory. */
const MAX_STATE_BYTES = 2 ** 31;

const RECORD = "record.json";
const CHECKPOINT = "checkpoint.bin";
const WEIGHTS = "weights.bin";
/** What writing one of the files above, or trying whether the folder can be written, leaves behind when it is killed. */
const DRAFT = /^(?:(?:spec|plan|record)\.json|(?:checkpoint|weights)\.bin|probe)\.\d+(?:-\d+)?\.tmp$/;

/** What lies in a cell's folder: no record, a valid one, or one that cannot be trusted. */
export type StoredRecord =
  { kind: "none" } | { kind: "valid"; record: CellRecord } | { kind: "damaged"; reason: string };
export type StoredCheckpoint =
  { kind: "none" } | { kind: "valid"; checkpoint: Checkpoint } | { kind: "damaged"; reason: string };

export class RunDirectory {
  constructor(
    readonly folder: string,
    private readonly operations: FileOperations = diskOperations,
  ) {}

  /**
   * Makes the directory and tries whether it can be written.
   * @throws InputError where it cannot, and leaves nothing behind, or where its plan.json is not a sweep's
   */
  async prepare(): Promise<void> {
    const probe = path.join(this.folder, `probe.${process.pid}${TEMPORARY}`);
    let made: string[] = [];
    try {
      made = await this.operations.makeFolder(this.folder);
      await this.operations.write(probe, new Uint8Array(1));
      await this.operations.remove(probe);
    } catch (error) {
      await this.operations.remove(probe).catch(() => undefined);
      removeEmpty(made);
      throw new InputError(
        `cannot write to the run directory ${this.folder}: ${failureReason(error)}; expected a writable folder, name another with --out`,
      );
    }
    await this.refuseForeignPlan();
  }

  /**
   * Keeps other sweeps out until the returned function is called.
   * @param onWait waits for another sweep, after telling who it is; without it, another sweep is an error
   * @throws InputError where another sweep runs here
   */
  lock(onWait?: (holder: string) => void): Promise<() => Promise<void>> {
    return takeLock(this.folder, { operations: this.operations, onWait });
  }

  /** A plan of ours may be damaged, and is then written anew; the records beside it tell. */
  private async refuseForeignPlan(): Promise<void> {
    const text = await readText(this.operations, this.planPath, MAX_FILE_BYTES);
    if (text === undefined || looksLikePlan(text) || (await this.cellIds()).length > 0) return;
    throw new InputError(
      `${this.planPath} is not a sweep's, and would be overwritten; expected a run directory or a folder without a plan.json, name another with --out`,
    );
  }

  /**
   * Keeps the spec as run: `npm run sweep -- <this file>` runs it again.
   * @param source the file it was read from, which is never written over
   * @returns false where a spec.json lies there that no sweep wrote: it stays as it is
   */
  async writeSpec(spec: SweepSpec, source: string): Promise<boolean> {
    const file = path.join(this.folder, "spec.json");
    if (path.resolve(source) === path.resolve(file)) return true;
    const text = formatSpec(spec);
    const found = await readText(this.operations, file, MAX_FILE_BYTES);
    if (found !== undefined && !isFormattedSpec(found, file)) return false;
    if (found !== text) await this.writeFile("spec.json", text);
    return true;
  }

  /** @throws InputError where the file cannot be written */
  private async writeFile(name: string, text: string): Promise<void> {
    const file = path.join(this.folder, name);
    try {
      await writeAtomic(this.operations, file, text);
    } catch (error) {
      throw new InputError(
        `${file}: cannot be written: ${failureReason(error)}; expected a writable folder, name another with --out`,
      );
    }
  }

  private get planPath(): string {
    return path.join(this.folder, "plan.json");
  }

  /** Undefined where no sweep ran here. @throws InputError where the file cannot be trusted */
  async readPlan(): Promise<PlanFile | undefined> {
    const text = await readText(this.operations, this.planPath, MAX_FILE_BYTES);
    return text === undefined ? undefined : decodePlan(text, this.planPath);
  }

  async writePlan(plan: PlanFile): Promise<void> {
    await this.writeFile("plan.json", encodePlan(plan));
  }

  private cellFolder(id: string): string {
    // Ids come from our own hashing or from folder names; this is the wall behind both.
    if (!cellIdPattern.test(id))
      throw new InputError(`got the cell id "${id}", expected one like cnn-nesterov-perm1-seed0-3f9a1c2e5b7d9f04`);
    return path.join(this.folder, id);
  }

  /** A file of a cell: in the folder of its id, or in that of the shorter id which it had in version 0.2. */
  private async readCellFile(
    id: string,
    name: string,
    limit: number,
  ): Promise<{ file: string; bytes: Uint8Array; short: boolean } | undefined> {
    for (const folder of [id, shortId(id)].filter((known) => cellIdPattern.test(known))) {
      const file = path.join(this.cellFolder(folder), name);
      const bytes = await readBytes(this.operations, file, limit);
      if (bytes) return { file, bytes, short: folder !== id };
    }
    return undefined;
  }

  async readRecord(id: string): Promise<StoredRecord> {
    try {
      const found = await this.readCellFile(id, RECORD, MAX_FILE_BYTES);
      if (found === undefined) return { kind: "none" };
      const { file, bytes, short } = found;
      const record = decodeRecord(new TextDecoder().decode(bytes), file);
      if (record.id === id) return { kind: "valid", record };
      // Of two cells that shared a shorter id, the record is the other's.
      if (short) return { kind: "none" };
      throw new InputError(
        `${file}: holds the record of ${record.id}, expected ${id}; npm run sweep trains the cell again`,
      );
    } catch (error) {
      if (error instanceof InputError) return { kind: "damaged", reason: error.message };
      throw error;
    }
  }

  /** Stores a cell's record, and its final weights if it has any; the record comes last, so that it vouches for them. */
  async writeRecord(record: CellRecord, weights?: Float32Array): Promise<void> {
    const folder = this.cellFolder(record.id);
    await this.operations.makeFolder(folder);
    if (weights) await writeAtomic(this.operations, path.join(folder, WEIGHTS), weightBytes(weights));
    await writeAtomic(this.operations, path.join(folder, RECORD), encodeRecord(record));
    await this.operations.syncFolder(this.folder);
  }

  /** Whether a cell has a record here, whatever is in it. */
  async holdsRecord(id: string): Promise<boolean> {
    for (const folder of [id, shortId(id)].filter((known) => cellIdPattern.test(known)))
      if ((await this.operations.list(this.cellFolder(folder)).catch((): string[] => [])).includes(RECORD)) return true;
    return false;
  }

  /** The final weights that an ended cell's record vouches for. @throws InputError where they are missing, altered or cannot be read */
  async readWeights({ id, weightsDigest }: CellRecord): Promise<Float32Array> {
    const remedy = "npm run sweep trains the cell again";
    const found = await this.readCellFile(id, WEIGHTS, MAX_STATE_BYTES);
    if (!found) throw new InputError(`${path.join(this.cellFolder(id), WEIGHTS)} is missing; ${remedy}`);
    const { file, bytes } = found;
    if (createHash("sha256").update(bytes).digest("hex") !== weightsDigest)
      throw new InputError(`${file} is not what the cell's record vouches for: it was altered or damaged; ${remedy}`);
    // A copy: the file's floats need not lie on an address divisible by 4.
    return new Float32Array(new Uint8Array(bytes).buffer);
  }

  async readCheckpoint(id: string): Promise<StoredCheckpoint> {
    try {
      const found = await this.readCellFile(id, CHECKPOINT, MAX_STATE_BYTES);
      if (found === undefined) return { kind: "none" };
      const { file, bytes, short } = found;
      const checkpoint = decodeCheckpoint(bytes, file);
      if (checkpoint.id !== id && short) return { kind: "none" };
      if (checkpoint.id !== id)
        throw new InputError(`${file}: holds the checkpoint of ${checkpoint.id}, expected ${id}`);
      return { kind: "valid", checkpoint };
    } catch (error) {
      if (error instanceof InputError) return { kind: "damaged", reason: error.message };
      throw error;
    }
  }

  async writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const folder = this.cellFolder(checkpoint.id);
    await this.operations.makeFolder(folder);
    await writeAtomic(this.operations, path.join(folder, CHECKPOINT), encodeCheckpoint(checkpoint));
  }

  async removeCheckpoint(id: string): Promise<void> {
    await this.operations.remove(path.join(this.cellFolder(id), CHECKPOINT));
  }

  /** Removes what processes that died left half-written, by our own names alone, and checkpoints of cells that have ended. To be called under the lock. */
  async tidy(ended: Set<string>): Promise<void> {
    for (const id of [".", ...(await this.cellFolders())]) {
      const folder = path.join(this.folder, id);
      const names = await this.operations.list(folder).catch(() => []);
      const rubbish = names.filter((name) => DRAFT.test(name) || (name === CHECKPOINT && ended.has(id)));
      for (const name of rubbish) await this.operations.remove(path.join(folder, name)).catch(() => undefined);
    }
  }

  /** Ids of all cells that have a folder here, sorted; empty where the directory is missing. */
  async cellIds(): Promise<string[]> {
    const ids = new Set<string>();
    for (const name of await this.cellFolders()) ids.add(await this.idOf(name));
    return [...ids].sort();
  }

  private async cellFolders(): Promise<string[]> {
    try {
      return (await this.operations.list(this.folder)).filter((name) => cellIdPattern.test(name));
    } catch (error) {
      if (isMissing(error)) return [];
      throw new InputError(`${this.folder}: cannot be read: ${failureReason(error)}; expected a run directory`);
    }
  }

  /** The id of the cell in a folder: its name, or, where that is of version 0.2, what the record there says. */
  private async idOf(folder: string): Promise<string> {
    if (cellIdPattern.test(shortId(folder))) return folder;
    const file = path.join(this.cellFolder(folder), RECORD);
    try {
      const text = await readText(this.operations, file, MAX_FILE_BYTES);
      const { id } = text === undefined ? { id: folder } : decodeRecord(text, file);
      return shortId(id) === folder ? id : folder;
    } catch (error) {
      // A damaged one is read again, and named, where its record is asked for.
      if (error instanceof InputError) return folder;
      throw error;
    }
  }
}

/** Whether a spec file is one that a sweep wrote, and nobody formatted otherwise. */
function isFormattedSpec(text: string, file: string): boolean {
  try {
    return formatSpec(parseSpec(text, file)) === text;
  } catch {
    return false;
  }
}
