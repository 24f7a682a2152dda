/** Tells by its first bytes what a file holds that should be a data file and is not. */

const STARTS: readonly [bytes: readonly number[], what: string][] = [
  [[0x1f, 0x8b], "gzip"],
  [[0x50, 0x4b], "a ZIP archive"],
  [[0x42, 0x5a, 0x68], "a bzip2 file"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz file"],
  [[0x28, 0xb5, 0x2f, 0xfd], "a Zstandard file"],
  [[0x37, 0x7a, 0xbc, 0xaf], "a 7z archive"],
];

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * @param head the first bytes, decompressed if the file was gzip
 * @returns what it is instead, to follow "got"; undefined where that cannot be told
 */
export function contentsOf(head: Uint8Array, compressed: boolean): string | undefined {
  const text = new TextDecoder("latin1").decode(head).trimStart().toLowerCase();
  const what = text.startsWith("<")
    ? "a web page (HTML)"
    : text.startsWith("version https://git-lfs")
      ? "a pointer of Git LFS"
      : STARTS.find(([bytes]) => bytes.every((byte, i) => head[i] === byte))?.[1];
  if (what === undefined || !compressed) return what;
  return what === "gzip" ? "gzip within gzip" : `gzip that holds ${what}`;
}
