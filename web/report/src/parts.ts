/**
 * Loads parts: named bytes that the page needs on demand only, in pieces, each gzip as base64. A piece is a script beside
 * data.js, as a page on file:// cannot fetch, or a data block of a single file.
 */
import { dataSource } from "./live-refresh.js";

declare global {
  interface Window {
    /** What the script of a piece sets, by the piece's key, until it is taken out. */
    HANDGRAD_PARTS?: Record<string, string>;
  }
}

/** Pieces as they came, packed: blobs, which a browser need not hold in the page's memory. What failed is tried again. */
const pieces = new Map<string, Promise<Blob>>();

/**
 * Loads a part, however often it is asked for from its files once.
 * @param count its pieces
 * @param onProgress told after every piece how many of the part's bytes there are
 * @returns bytes that are the caller's own
 * @throws Error, one line, where a piece is missing or cut short
 */
export async function loadPart(
  name: string,
  count: number,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const unpacked: Uint8Array[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const bytes = await loadPiece(`${name}-${i}`);
    unpacked.push(bytes);
    length += bytes.length;
    onProgress(length);
  }
  const whole = new Uint8Array(length);
  for (const bytes of unpacked.reverse()) whole.set(bytes, (length -= bytes.length));
  return whole;
}

async function loadPiece(key: string): Promise<Uint8Array> {
  const found = pieces.get(key) ?? fetchPiece(key);
  pieces.set(key, found);
  try {
    const stream = (await found).stream().pipeThrough(new DecompressionStream("gzip"));
    const unpacked = new Response(stream).arrayBuffer().catch(() => Promise.reject(cutShort(key)));
    return new Uint8Array(await unpacked);
  } catch (error) {
    pieces.delete(key);
    throw error;
  }
}

const cutShort = (key: string): Error =>
  new Error(`${key} is cut short or damaged: copy the page again with all its files, or write it anew: npm run report`);

async function fetchPiece(key: string): Promise<Blob> {
  // A single file's blocks stand at its end.
  if (document.readyState === "loading")
    await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  const block = document.querySelector(`script[data-part="${key}"]`);
  block?.remove();
  const text = block?.textContent ?? (await injected(key));
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return new Blob([bytes]);
  } catch {
    throw cutShort(key);
  }
}

/** The text that a piece's script sets. */
async function injected(key: string): Promise<string> {
  const source = dataSource();
  if (source === undefined)
    throw new Error(
      `This file carries no ${key}: npm run report -- --single-file FILE --with-data writes one that carries all`,
    );
  const script = document.createElement("script");
  script.src = source.replace(/data\.js$/, `${key}.js`);
  const loaded = await new Promise<boolean>((resolve) => {
    script.onload = () => resolve(true);
    script.onerror = () => resolve(false);
    document.head.append(script);
  });
  script.remove();
  const text = window.HANDGRAD_PARTS?.[key];
  delete window.HANDGRAD_PARTS?.[key];
  if (text !== undefined) return text;
  if (loaded) throw cutShort(key);
  throw new Error(
    `${key}.js does not lie beside data.js: reload the page, copy it with all its files, or write it anew: npm run report`,
  );
}
