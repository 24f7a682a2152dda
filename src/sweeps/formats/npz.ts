/** Arrays as one .npz file of numpy. The same arrays give the same bytes. */
import { zipSync, type ZippableFile } from "fflate";
import { roundUp } from "../../core/numeric/math.js";
import { weightBytes } from "../../core/training/weight-bytes.js";
import type { NamedTensor } from "./parameter-names.js";

/** A field of the first entry that numpy passes over, by which an earlier export is known: its number, and what it says. It stands behind the entry's name. */
const MARK = { 0x6867: Buffer.from("handgrad") };
export const NPZ_BEGINNING = /^PK\x03\x04[^]{26}[\w.]+\.npygh\x08\0handgrad/;

/** The first second that ZIP knows; local time, as it is written. */
const mtime = new Date(1980, 0, 1);

export function encodeNpz(tensors: readonly NamedTensor[]): Uint8Array {
  const entries = tensors.map(({ name, shape, values }, i): [string, ZippableFile] => [
    `${name}.npy`,
    [npy(shape, values), { level: 0, mtime, ...(i === 0 ? { extra: MARK } : {}) }],
  ]);
  return zipSync(Object.fromEntries(entries));
}

/** An .npy file: magic number, version 1.0, length of the header [u16], a Python dictionary, the values. */
function npy(shape: number[], values: Float32Array): Uint8Array {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = Buffer.alloc(roundUp(10 + dictionary.length + 1, 64), " ");
  header.write("\x93NUMPY\x01\x00", "latin1");
  header.writeUInt16LE(header.length - 10, 8);
  header.write(dictionary, 10);
  header.write("\n", header.length - 1);
  return Buffer.concat([header, weightBytes(values)]);
}
