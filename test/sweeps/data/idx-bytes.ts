import { createHash } from "node:crypto";

/** The IDX file of unsigned bytes with these dimensions and values. */
export function idxBytes(dims: readonly number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.writeUInt32BE(0x800 + dims.length, 0);
  dims.forEach((dim, d) => header.writeUInt32BE(dim, 4 + 4 * d));
  return new Uint8Array(Buffer.concat([header, values]));
}

export const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
