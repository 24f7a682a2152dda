/**
 * The cells of a run directory: one folder each, with record.json and weights.bin, or, while the cell is being trained,
 * checkpoint.bin. All files are replaced as a whole, and what is read back is checked against its digest.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { InputError } from "../../core/input-error.js";
import { cellIdPattern, shortId } from "../spec/cell-id.js";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.js";
import {
  diskOperations,
  failureReason,
  isMissing,
  readBytes,
  readText,
  syncFolder,
  writeAtomic,
  type FileOperations,
} from "./files.js";
import { fileTime } from "./lease.js";
import type { LockHolder } from "./lock-holder.js";
import { acquireLock, LockHeld, lockHolder, type LockOptions } from "./lock.js";
import { decodeRecord, encodeRecord, REMEDY, type CellRecord } from "./record.js";
import { weightBytes } from "../../core/training/weight-bytes.js";

/** Far more than the largest text file of a sane run; a wrong file is not read whole. */
export const MAX_FILE_BYTES = 256 << 20;
/** Parameters and optimizer state of the largest model that fits a cell's memory. */
const MAX_STATE_BYTES = 2 ** 31;

const RECORD = "record.json";
export const CHECKPOINT = "checkpoint.bin";
const WEIGHTS = "weights.bin";

/** What lies in a cell's folder: no record, a valid one, or one that cannot be trusted. */
export type StoredRecord =
  { kind: "none" } | { kind: "valid"; record: CellRecord } | { kind: "damaged"; reason: string };
export type StoredCheckpoint =
  { kind: "none" } | { kind: "valid"; checkpoint: Checkpoint } | { kind: "damaged"; reason: string };

/** A cell that is this process' alone until it is released, or who has it. */
export type CellLock =
  { release: () => Promise<void>; holder?: undefined } | { release?: undefined; holder: LockHolder };

/** Milliseconds for which the file server's time is reckoned on from what it was, not asked again. */
const TIME_HOLDS = 10_000;

export class CellFolders {
  /** The file server's time, and when it was asked for. */
  private time?: { server: Promise<number>; asked: number };

  constructor(
    readonly folder: string,
    protected readonly operations: FileOperations = diskOperations,
  ) {}

  cellFolder(id: string): string {
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
    for (const folder of isShort(id) ? [id] : [id, shortId(id)]) {
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
      throw new InputError(`${file}: holds the record of ${record.id}, expected ${id}; ${REMEDY}`);
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
    await syncFolder(this.operations, this.folder);
  }

  /** The final weights that an ended cell's record vouches for. @throws InputError where they are missing, altered or cannot be read */
  async readWeights({ id, weightsDigest }: CellRecord): Promise<Float32Array> {
    const found = await this.readCellFile(id, WEIGHTS, MAX_STATE_BYTES);
    if (!found) throw new InputError(`${path.join(this.cellFolder(id), WEIGHTS)} is missing; ${REMEDY}`);
    const { file, bytes } = found;
    if (createHash("sha256").update(bytes).digest("hex") !== weightsDigest)
      throw new InputError(`${file} is not what the cell's record vouches for: it was altered or damaged; ${REMEDY}`);
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

  /**
   * Takes a cell for this process alone, unless another one trains it: nobody is waited for.
   * @param options `onLost`: told where another machine has taken it over, as after standing still for longer than the lease;
   * `lease`: seconds after which it may
   * @throws InputError where no lock can be written, or something else lies in its place
   */
  async lockCell(id: string, options: Pick<LockOptions, "onLost" | "lease"> = {}): Promise<CellLock> {
    const folder = this.cellFolder(id);
    try {
      await this.operations.makeFolder(folder);
      return { release: await acquireLock(folder, { ...options, operations: this.operations, patience: 0 }) };
    } catch (error) {
      if (error instanceof LockHeld) return { holder: error.by };
      if (error instanceof InputError) throw error;
      throw new InputError(
        `cannot lock the cell's folder ${folder}: ${failureReason(error)}; expected a writable folder, name another run directory with --out`,
      );
    }
  }

  /** Who has locked a cell and lives, as far as can be told. Of a cell that nobody has it is one look at the disk. */
  cellHolder(id: string): Promise<LockHolder | undefined> {
    return lockHolder(this.operations, this.cellFolder(id), async () => {
      const now = performance.now();
      const time =
        this.time && now - this.time.asked < TIME_HOLDS
          ? this.time
          : (this.time = { server: fileTime(this.operations, this.folder), asked: now });
      return (await time.server) + performance.now() - time.asked;
    });
  }

  /** Ids of all cells that have a folder here, sorted; empty where the directory is missing. */
  async cellIds(): Promise<string[]> {
    const folders = await this.cellFolders();
    const ids = new Set(folders.filter((name) => !isShort(name)));
    // What lies in a folder of version 0.2 and is no record counts as long as its cell has no folder of its own.
    const taken = new Set([...ids].map(shortId));
    for (const name of folders.filter(isShort)) {
      const id = await this.idOf(name);
      if (id !== name || !taken.has(name)) ids.add(id);
    }
    return [...ids].sort();
  }

  /** Names of the folders that cells have here: ids, some of them of version 0.2. */
  protected async cellFolders(): Promise<string[]> {
    try {
      return (await this.operations.list(this.folder)).filter((name) => cellIdPattern.test(name));
    } catch (error) {
      if (isMissing(error)) return [];
      throw new InputError(`${this.folder}: cannot be read: ${failureReason(error)}; expected a run directory`);
    }
  }

  /** The id of the cell in a folder of version 0.2: what the record there says, or, where there is none, the folder's name. */
  private async idOf(folder: string): Promise<string> {
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

/** Whether an id, or a folder's name, is of version 0.2. */
function isShort(id: string): boolean {
  return !cellIdPattern.test(shortId(id));
}
