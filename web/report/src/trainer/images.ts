/** The data set that cells are trained on, out of what the page or the reader gives, checked by its digest. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Dataset, Samples } from "../../../../src/core/data/dataset.js";
import { parseIdx } from "../../../../src/core/data/idx.js";
import { InputError } from "../../../../src/core/input-error.js";
import { largest } from "../../../../src/core/numeric/extremes.js";
import { drawSamples, SYNTHETIC_DIGEST } from "../../../../src/core/synthetic/draw.js";
import type { DataFacts, DataSource } from "./protocol.js";

export const hexDigest = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));

/** Data that are not those which the cells were trained on. */
export class OtherData extends InputError {}

/** The four IDX files of a data set, decompressed: train images, train labels, test images, test labels. */
type IdxFiles = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** @throws OtherData where the digest is another one than that of the facts @throws InputError where a file is damaged */
export async function readImages(facts: DataFacts, source: DataSource): Promise<Dataset> {
  if (source.kind === "drawn") {
    if (facts.digest !== SYNTHETIC_DIGEST)
      throw new InputError(
        `The record was altered, or is of another version: the drawn images have the digest ${SYNTHETIC_DIGEST.slice(0, 8)}…, its data ${facts.digest.slice(0, 8)}….`,
      );
    return { ...facts, train: drawSamples("train", source.train), test: drawSamples("test", source.test) };
  }
  const files = source.kind === "part" ? splitFiles(source.bytes, facts) : await sortFiles(source.files, facts);
  const [train, test] = [samplesOf(files[0], files[1], facts), samplesOf(files[2], files[3], facts)];
  const digest = digestOf(files.map(hexDigest), facts, [train, test]);
  if (digest !== facts.digest)
    throw new OtherData(
      `These are other data: their digest is ${digest.slice(0, 8)}…, the cells’ ${facts.digest.slice(0, 8)}….`,
    );
  return { ...facts, train, test };
}

const rankOf = ({ channels }: DataFacts): 3 | 4 => (channels === 1 ? 3 : 4);

/** As `digestOf` of the sweep's own data: the number of classes counts where the labels do not show it. */
function digestOf(fileDigests: readonly string[], { classNames }: DataFacts, samples: Samples[]): string {
  const seen = 1 + largest(samples.map(({ labels }) => largest(labels)));
  const words = classNames.length > seen ? [...fileDigests, String(classNames.length)] : fileDigests;
  return hexDigest(utf8ToBytes(words.join("")));
}

function samplesOf(imageFile: Uint8Array, labelFile: Uint8Array, facts: DataFacts): Samples {
  const { dims, values: images } = parseIdx(imageFile, "the file of images", rankOf(facts));
  const { dims: counts, values: labels } = parseIdx(labelFile, "the file of labels", 1);
  const [count, height, width, channels = 1] = dims;
  if (height !== facts.height || width !== facts.width || channels !== facts.channels || count !== counts[0])
    throw new OtherData(
      `These are other data: ${count} images of ${height}×${width} with ${counts[0]} labels; the cells’ images are ${facts.height}×${facts.width}.`,
    );
  return { count, images, labels };
}

/** Takes apart IDX files that follow each other. */
function splitFiles(bytes: Uint8Array, facts: DataFacts): IdxFiles {
  let at = 0;
  const next = (rank: number): Uint8Array => {
    const header = new DataView(bytes.buffer, bytes.byteOffset + at);
    let length = 1;
    for (let d = 0; d < rank; d++) length *= header.getUint32(4 + 4 * d);
    const file = bytes.subarray(at, at + 4 + 4 * rank + length);
    at += file.length;
    return file;
  };
  return [next(rankOf(facts)), next(1), next(rankOf(facts)), next(1)];
}

/** Finds out by their content which file is which: the test files are those that the digest wants there. */
async function sortFiles(given: File[], facts: DataFacts): Promise<IdxFiles> {
  const files = await Promise.all(given.map(decompressed));
  const ofRank = (rank: number): Uint8Array[] => files.filter((bytes) => bytes[2] === 8 && bytes[3] === rank);
  const [images, labels] = [ofRank(rankOf(facts)), ofRank(1)];
  if (images.length !== 2 || labels.length !== 2 || files.length !== 4)
    throw new OtherData(
      `Got ${given.map(({ name }) => name).join(", ") || "no files"}; expected the four files of the data set at once: images and labels, for training and for testing, as they are published (IDX, .gz or not).`,
    );
  const count = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
  const [first, second] = images;
  const pair = (of: Uint8Array): Uint8Array | undefined => labels.find((bytes) => count(bytes) === count(of));
  const [firstLabels, secondLabels] = count(first) === count(second) ? labels : [pair(first), pair(second)];
  if (!firstLabels || !secondLabels) throw new OtherData("The files of labels do not go with those of images.");
  const orders: IdxFiles[] = [
    [first, firstLabels, second, secondLabels],
    [second, secondLabels, first, firstLabels],
    [first, secondLabels, second, firstLabels],
    [second, firstLabels, first, secondLabels],
  ];
  const hashes = new Map([first, second, firstLabels, secondLabels].map((bytes) => [bytes, hexDigest(bytes)]));
  const fits = (order: IdxFiles): boolean =>
    digestOf(
      order.map((bytes) => hashes.get(bytes) ?? ""),
      facts,
      [
        { count: 0, images: order[0], labels: order[1].subarray(8) },
        { count: 0, images: order[2], labels: order[3].subarray(8) },
      ],
    ) === facts.digest;
  return orders.find(fits) ?? orders[0];
}

async function decompressed(file: File): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new OtherData(`${file.name} is cut short or damaged: it cannot be decompressed.`);
  }
}
