/**
 * Parts of the page: named bytes that it loads on demand, in pieces, each a script beside its data.js or a data block of
 * a single file. A name begins the digest of what it stands for: a page cannot find pieces of other data than its own.
 */
import { open, rename } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import pLimit from "p-limit";
import { InputError } from "../../core/input-error.js";
import { diskOperations, draftName, isLeftover } from "../store/files.js";
import { replaceFile } from "./replace-file.js";

/** Bytes of a piece before they are packed, so that the number of pieces depends on the length alone. */
export const PIECE_BYTES = 8 * 2 ** 20;
/** Of FashionMNIST's 55 MB, 3 makes 31.7 MB in the time that 1 takes for 32.2 MB; 6 makes 31.0 MB and takes half as long again. */
const LEVEL = 3;
/** Pieces in the making: each takes three times its length. */
const AT_ONCE = 2;

export interface Part {
  name: string;
  bytes: number;
  /** The bytes, in chunks one after the other; absent where they are not at hand: pieces that were made before serve all the same. */
  chunks?: readonly Uint8Array[];
  pieceBytes: number;
}

interface Piece {
  key: string;
  part: Part;
  start: number;
  end: number;
}

export function piecesOf(part: Part): Piece[] {
  const { bytes, pieceBytes: step } = part;
  return Array.from({ length: Math.ceil(bytes / step) }, (_, i) => ({
    key: `${part.name}-${i}`,
    ...{ part, start: i * step, end: Math.min(bytes, (i + 1) * step) },
  }));
}

/** The piece's bytes, packed, as base64. @throws InputError where they are not at hand */
export async function pieceText({ key, part: { chunks }, start, end }: Piece): Promise<string> {
  if (!chunks) throw new InputError(`${key}: what it holds is not at hand`);
  const raw = Buffer.alloc(end - start);
  let at = 0;
  for (const chunk of chunks) {
    if (at < end && at + chunk.length > start)
      raw.set(chunk.subarray(Math.max(0, start - at), end - at), Math.max(0, at - start));
    at += chunk.length;
  }
  return (await promisify(gzip)(raw, { level: LEVEL })).toString("base64");
}

const FILE = /^((?:images|weights)-[0-9a-f]{8}-\d+\.js)(?:$|\.)/;
const fileOf = ({ key }: Piece): string => `${key}.js`;
const [BEFORE, AFTER] = [({ key }: Piece): string => `(window.HANDGRAD_PARTS ??= {})["${key}"] = "`, `";\n`];
/** Characters of base64 that surely hold the last four bytes: gzip's length of what was packed. */
const LAST = 12;

/** Whether a file or draft by this name is a piece's. */
export const isPieceFile = (name: string): boolean => FILE.test(name);

/** Whether the piece lies there from its first to its last byte. It came there whole; a disk that ran full while it was copied may have cut it. */
async function isWhole(file: string, piece: Piece): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  try {
    const stats = await handle?.stat();
    if (!handle || !stats?.isFile()) return false;
    const read = async (length: number, at: number): Promise<string> =>
      (await handle.read(Buffer.alloc(length), 0, length, Math.max(0, at))).buffer.toString("latin1");
    const before = BEFORE(piece);
    const end = await read(LAST + AFTER.length, stats.size - LAST - AFTER.length);
    const packed = Buffer.from(end.slice(0, LAST), "base64");
    return (
      (await read(before.length, 0)) === before &&
      end.endsWith(AFTER) &&
      packed.length >= 4 &&
      packed.readUInt32LE(packed.length - 4) === piece.end - piece.start
    );
  } finally {
    await handle?.close();
  }
}

/** Under its name it is whole or not there, also where it must be copied. */
async function link(from: string, to: string): Promise<void> {
  const draft = draftName(to);
  try {
    await diskOperations.link(from, draft);
    await rename(draft, to);
  } catch (error) {
    await diskOperations.remove(draft).catch(() => undefined);
    throw error;
  }
}

/**
 * Puts the pieces of a part into a folder, as far as they do not lie there: from another folder, as further names of its
 * files, or made anew.
 * @throws where one cannot be had or written
 */
export async function putPart(part: Part, folder: string, other?: string): Promise<void> {
  await diskOperations.makeFolder(folder);
  const limit = pLimit(AT_ONCE);
  const put = async (piece: Piece): Promise<void> => {
    const here = path.join(folder, fileOf(piece));
    const there = other && path.join(other, fileOf(piece));
    if (await isWhole(here, piece)) return;
    if (there && (await isWhole(there, piece))) await link(there, here);
    else await replaceFile(here, BEFORE(piece) + (await pieceText(piece)) + AFTER);
  };
  const written = await Promise.allSettled(piecesOf(part).map((piece) => limit(put, piece)));
  for (const result of written) if (result.status === "rejected") throw result.reason;
}

/** Removes pieces of other parts than these, and what processes that are gone had begun to write of any. */
export async function removeOtherPieces(folder: string, kept: readonly Part[]): Promise<void> {
  const names = new Set(kept.flatMap((part) => piecesOf(part).map(fileOf)));
  for (const name of await diskOperations.list(folder).catch(() => [])) {
    const [, file] = FILE.exec(name) ?? [];
    if (file !== undefined && (name === file ? !names.has(name) : isLeftover(name, file)))
      await diskOperations.remove(path.join(folder, name)).catch(() => undefined);
  }
}
