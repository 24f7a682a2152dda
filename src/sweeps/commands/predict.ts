/** npm run predict: asks a trained cell about images. */
import path from "node:path";
import type { ImageClasses } from "../../core/data/dataset.js";
import { fitAs, lightEdge } from "../../core/data/fit-picture.js";
import { InputError } from "../../core/input-error.js";
import { stringify } from "../../core/json-text.js";
import { bytesOf } from "../../core/kernels/shape.js";
import { createPredictor } from "../../core/training/predict.js";
import { datasetNames } from "../data/datasets.js";
import { readIdxImages } from "../data/idx-folder.js";
import { loadDataset } from "../data/load.js";
import { readPng } from "../data/png.js";
import { whereIs } from "../store/data-source.js";
import { parseOptions, widthOf, wholeNumber, type Streams } from "./command.js";
import { readTrained, type FoundModel } from "../run/find-cell.js";
import { percent } from "./format.js";
import { formatTable } from "./table.js";

export const help = `npm run predict -- ID IMAGE… [options]

Asks the trained cell with this id (or any unambiguous beginning of it, or of the hash that ends it) what it takes images for, and
prints the three classes with the highest probabilities. It is asked as its last evaluation asked it. For example:
  npm run predict -- 3f9a boot.png data/fashion-mnist/t10k-images-idx3-ubyte.gz --first 10

An image is a PNG file of any size, which is fitted into that of the data, and for grey data inverted where its background is light
and the data's dark, or the other way round; or an IDX file of images of the data's size, raw or .gz, which are taken as they are.

  --first N           only the first N images of each IDX file
  --run DIR           look in this run directory (default: all of runs/*)
  --data-dir DIR      folder with the data (default: where the sweep found them), whose background PNG files are compared with
  --json              print one JSON object, with the probabilities of all classes

Exit codes: 0, 2 wrong usage or input.
`;

const options = {
  first: { type: "string" },
  run: { type: "string" },
  "data-dir": { type: "string" },
  json: { type: "boolean" },
} as const;

/** An image of the data's size, and what it is called. */
interface Asked {
  name: string;
  image: Uint8Array;
  /** What was done to it, of a picture. */
  text?: string;
}

interface Answer extends Omit<Asked, "image"> {
  probabilities: number[];
}

/** Classes that are shown. */
const SHOWN = 3;
/** Pictures that cannot be read, by their names. */
const OTHER_PICTURE = /\.(?:jpe?g|gif|webp|bmp|tiff?|heic|avif)$/i;
/** Training images by which the data's background is judged. */
const JUDGED = 200;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parseOptions("predict", args, options, Infinity);
  const first = wholeNumber("first", values.first, 1, 1_000_000_000);
  const [prefix, ...files] = positionals;
  const model = await readTrained("predict", prefix, values.run);
  if (files.length === 0) throw new InputError("predict: got no image, expected PNG or IDX files after the id");
  const { record, images, weights } = model;
  const isPng = (file: string): boolean => /\.png$/i.test(file);
  const light = images.channels !== 3 && files.some(isPng) && (await hasLightEdge(model, values["data-dir"], stderr));
  const asked: Asked[] = [];
  for (const file of files)
    if (isPng(file)) asked.push(await readPicture(file, images, light));
    else for (const one of await readImages(file, model, first)) asked.push(one);
  const predict = createPredictor(record.config, images, weights);
  const answers = asked.map(({ image, ...rest }): Answer => ({ ...rest, probabilities: [...predict(image)] }));
  if (answers.some(({ probabilities }) => probabilities.some(Number.isNaN)))
    throw new InputError(`${record.id}: it diverged, and its network answers no image; npm run cells lists others`);
  if (values.json) {
    const told = answers.map(({ name, text, probabilities }) => {
      const best = probabilities.reduce((best, value, label) => (value > probabilities[best] ? label : best), 0);
      return { image: name, text, class: images.classNames[best], probabilities };
    });
    stdout.write(`${stringify({ cell: record.id, classes: images.classNames, images: told })}\n`);
    return 0;
  }
  for (const { name, text } of answers) if (text !== undefined) stdout.write(`${name}: ${text}\n`);
  stdout.write(answerTable(answers, images.classNames, widthOf(stdout)));
  return 0;
}

/** Whether the images that the cell was trained on have a light background; they count as dark where they cannot be had. @throws InputError where a folder is named that does not have them */
async function hasLightEdge(
  { record, plan }: FoundModel,
  dataDir: string | undefined,
  stderr: Streams["stderr"],
): Promise<boolean> {
  try {
    const data = whereIs(record, { plan, dataDir, known: datasetNames, what: record.id });
    const { dataset } = await loadDataset({ data, dataDir, trainLimit: JUDGED, testLimit: 1, download: false });
    const size = bytesOf(dataset);
    const samples = Array.from({ length: Math.min(JUDGED, dataset.train.count) }, (_, i) =>
      dataset.train.images.subarray(i * size, (i + 1) * size),
    );
    return lightEdge(samples, dataset);
  } catch (error) {
    if (!(error instanceof InputError) || dataDir !== undefined) throw error;
    stderr.write(`${error.message}\nThe background of the data is taken for dark.\n`);
    return false;
  }
}

async function readPicture(file: string, images: ImageClasses, light: boolean): Promise<Asked> {
  const { width, height, channels, bytes } = await readPng(file);
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = bytes[Math.floor(i / 4) * channels + Math.min(i % 4, channels - 1)];
  return { name: file, ...fitAs({ width, height, data }, images, light) };
}

async function readImages(
  file: string,
  { record, images: { height, width, channels }, plan }: FoundModel,
  first: number | undefined,
): Promise<Asked[]> {
  if (OTHER_PICTURE.test(file))
    throw new InputError(`${file}: got a picture of another kind, expected PNG or IDX; save it as PNG`);
  const found = await readIdxImages(file, plan?.dataSources?.[record.dataDigest]?.options.transposed);
  if (found.height !== height || found.width !== width || found.channels !== channels)
    throw new InputError(
      `${file}: got images of ${found.height}×${found.width}×${found.channels}, expected ${height}×${width}×${channels} as the cell was trained on; PNG files of any size are fitted`,
    );
  const size = bytesOf(found);
  return Array.from({ length: Math.min(found.count, first ?? Infinity) }, (_, i) => ({
    name: `${path.basename(file)} ${i}`,
    image: found.images.subarray(i * size, (i + 1) * size),
  }));
}

function answerTable(answers: readonly Answer[], classNames: readonly string[], width: number): string {
  const ranked = answers.map(({ probabilities }) =>
    probabilities.map((probability, label) => ({ probability, label })).sort((a, b) => b.probability - a.probability),
  );
  const places = Array.from({ length: Math.min(SHOWN, classNames.length) }, (_, place) => place);
  return formatTable(
    [
      { title: "image", texts: answers.map(({ name }) => name), words: "long" as const },
      ...places.flatMap((place) => [
        {
          title: place === 0 ? "class" : place === 1 ? "second" : "third",
          texts: ranked.map((row) => classNames[row[place].label]),
          words: "long" as const,
          spare: place === 0 ? undefined : SHOWN - place,
        },
        {
          title: "",
          texts: ranked.map((row) => percent(row[place].probability)),
          spare: place === 0 ? undefined : SHOWN - place,
        },
      ]),
    ],
    width,
  );
}
