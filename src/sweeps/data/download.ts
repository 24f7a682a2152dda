/** Fetches data files over HTTP into a folder: several at once, checked, and each there whole or not at all. */
import { rmSync } from "node:fs";
import { mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { InputError } from "../../core/input-error.js";
import { watchPulse } from "../../workers/watchdog.js";
import { diskOperations, removeEmpty } from "../store/files.js";
import type { CanonicalFile } from "./canonical-files.js";
import { readCanonicalFile } from "./read-file.js";

/** No source could give the files (or the folder could not take them). Its message says why, source by source. */
export class NotObtainable extends InputError {}

export interface DownloadOptions {
  /** What messages call the data. */
  title: string;
  /** Tried in this order; each ends with "/". */
  baseUrls: readonly string[];
  /** A source that sends nothing for this long is given up, in milliseconds. */
  stallMilliseconds: number;
  onProgress: (line: string) => void;
}

export interface Downloaded {
  /** One for each file asked for, in their order, decompressed, on SharedArrayBuffers. */
  bytes: Uint8Array[];
  /** The hosts they came from, without repetition. */
  hosts: string[];
}

/** How many files are fetched at once. One is far larger than the others, which pass beside it. */
const AT_ONCE = 2;

/** How the folder for unfinished files is named, inside the folder that they are for. */
const TEMPORARY = ".download-";
const DAY = 24 * 60 * 60 * 1000;

/** Removes what a download that was killed left; a younger one may still be under way in another process. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const place = path.join(folder, name);
    if (name.startsWith(TEMPORARY) && Date.now() - (await stat(place)).mtimeMs > DAY)
      await rm(place, { recursive: true, force: true });
  }
}

function reason(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

/** A bar and a line at each twentieth of the whole. */
function progressBar(files: readonly CanonicalFile[], { title, onProgress }: DownloadOptions): (bytes: number) => void {
  const total = files.reduce((sum, file) => sum + file.compressedBytes, 0);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  let received = 0;
  let shown = 0;
  return (bytes) => {
    received += bytes;
    const twentieths = Math.min(20, Math.floor((received / total) * 20));
    if (twentieths <= shown) return;
    shown = twentieths;
    onProgress(
      `downloading ${title} [${"#".repeat(shown)}${"-".repeat(20 - shown)}] ${shown * 5} % (${megabytes(received)} of ${megabytes(total)} MB)`,
    );
  };
}

/** What `url` sends, at most `longest` bytes. The time that the reader takes for a chunk is not the source's. */
async function* receive(
  url: string,
  longest: number,
  giveUp: AbortSignal,
  stallMilliseconds: number,
): AsyncGenerator<Uint8Array> {
  const stall = new AbortController();
  const seconds = stallMilliseconds / 1000;
  const still = new Int32Array(1);
  const startWaiting = () =>
    watchPulse(still, seconds, () => stall.abort(new Error(`nothing received for ${seconds} s`)));
  let stopWaiting = startWaiting();
  try {
    const response = await fetch(url, { signal: AbortSignal.any([giveUp, stall.signal]) });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    let received = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      stopWaiting();
      received += chunk.length;
      if (received > longest) throw new Error(`more than ${longest} bytes sent`);
      yield chunk;
      // Node 20 waits for ever on a body that was given up after its last byte came and before that was read.
      giveUp.throwIfAborted();
      stopWaiting = startWaiting();
    }
  } finally {
    stopWaiting();
  }
}

/** Writes chunks to the new file `place` and returns once they are on the disk. */
async function writeChunks(
  place: string,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const handle = await open(place, "wx");
  try {
    for await (const chunk of chunks) {
      await handle.writeFile(chunk);
      onBytes(chunk.length);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Downloads `files` as `<base URL><name>.gz` into `folder` (made if need be). A file takes its name there only
 * when it is complete, checked and on the disk. A source that failed once is not asked for further files.
 * @throws NotObtainable when every source failed for a file, or the folder cannot be written
 */
export async function downloadFiles(
  files: readonly CanonicalFile[],
  folder: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const failures = new Map<string, string>();
  const hosts = new Set<string>();
  const onBytes = progressBar(files, options);
  const giveUp = new AbortController();
  let made: string[] = [];
  let temporary = "";
  // Also when the process ends at once, as on Ctrl-C: nothing asynchronous runs then.
  const tidy = () => {
    rmSync(temporary, { recursive: true, force: true });
    removeEmpty(made);
  };

  const unwritable = (place: string, error: unknown) =>
    new NotObtainable(`${options.title} could not be downloaded (cannot write to ${place}: ${reason(error)})`);
  const keep = (from: string, to: string) =>
    rename(from, to).catch((error: unknown) => Promise.reject(unwritable(to, error)));

  const downloadOne = async (file: CanonicalFile): Promise<Uint8Array> => {
    for (const [index, baseUrl] of options.baseUrls.entries()) {
      if (failures.has(baseUrl)) continue;
      const { host } = new URL(baseUrl);
      const place = path.join(temporary, `${index}-${file.name}.gz`);
      try {
        // Compressed files are shorter than raw ones; a server that decompresses in passing sends the raw length.
        const chunks = receive(
          `${baseUrl}${file.name}.gz`,
          file.bytes + 65_536,
          giveUp.signal,
          options.stallMilliseconds,
        );
        await writeChunks(place, chunks, onBytes);
        const bytes = await readCanonicalFile(place, file);
        await keep(place, path.join(folder, `${file.name}.gz`));
        hosts.add(host);
        return bytes;
      } catch (error) {
        giveUp.signal.throwIfAborted();
        if (error instanceof NotObtainable) throw error;
        const why = error instanceof InputError ? `${file.name}.gz is not the published file` : reason(error);
        if (!failures.has(baseUrl)) options.onProgress(`${host}: ${why}`);
        failures.set(baseUrl, `${host}: ${why}`);
      }
    }
    throw new NotObtainable(`${options.title} could not be downloaded (${[...failures.values()].join("; ")})`);
  };

  process.once("exit", tidy);
  try {
    try {
      made = await diskOperations.makeFolder(folder);
      await removeLeftovers(folder);
      temporary = await mkdtemp(path.join(folder, TEMPORARY));
    } catch (error) {
      throw unwritable(folder, error);
    }
    const limit = pLimit(AT_ONCE);
    const downloads = files.map((file) => limit(downloadOne, file));
    try {
      return { bytes: await Promise.all(downloads), hosts: [...hosts] };
    } catch (error) {
      giveUp.abort();
      // Their files must be closed before the folder that holds them goes.
      await Promise.allSettled(downloads);
      throw error;
    }
  } finally {
    process.off("exit", tidy);
    tidy();
  }
}
