/** Files that a reader gives "Try it": pictures to be asked about, and weights of cells. */
import { fitAs } from "../../../../src/core/data/fit-picture.js";
import type { ImageSize } from "../../../../src/core/kernels/shape.js";
import type { CellView } from "../data/cells.js";

import { count } from "../data/format.js";
import { readPicture } from "../draw/images.js";
import type { Trainer } from "../trainer/trainer.js";

/** No weights of a cell are so large. */
const MOST_BYTES = 2 ** 30;

/** What a file gave, and a line that says so. */
interface Given<T> {
  value: T;
  text: string;
}

/** A picture as an image of the data. @param light whether the data's images have a light background @throws Error, one line */
export async function pictureIn(file: File, size: ImageSize, light: boolean): Promise<Given<Uint8Array>> {
  const { image, text, inverted } = fitAs(await readPicture(file), size, light);
  return { value: image, text: `${file.name}: ${text}${inverted ? " Invert turns it back." : ""}` };
}

/** Weights and the cells whose they are, by their digest. @throws Error, one line, where they are of none */
export async function weightsIn(
  file: File,
  cells: readonly CellView[],
  trainer: Trainer,
): Promise<Given<{ weights: Float32Array; owners: CellView[] }>> {
  const expected =
    "expected a picture, or the weights.bin of a cell of this report, as they lie in RUN/CELL/weights.bin";
  if (file.size > MOST_BYTES) throw new Error(`${file.name}: got ${count(file.size)} bytes, ${expected}.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const digest = await trainer.digest(bytes);
  const owners = cells.filter(({ record }) => record.weightsDigest === digest);
  if (owners.length === 0)
    throw new Error(`${file.name}: got ${count(file.size)} bytes with the digest ${digest.slice(0, 8)}…, ${expected}.`);
  const text = `${file.name}: the weights of ${owners.map(({ id }) => id).join(" and ")}.`;
  return { value: { weights: new Float32Array(bytes.buffer), owners }, text };
}
