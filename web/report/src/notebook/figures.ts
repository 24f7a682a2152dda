/** Figures as code cells with what they show when they run. */
import { decodePixels, firstPermutation, permutePixels } from "../data/pixels.js";
import type { SweepCells } from "../data/sweep-cells.js";
import type { CellView } from "../data/cells.js";
import { python, type Cell } from "./cells.js";
import { mosaic } from "./png.js";
import { pythonValue } from "./python.js";
import { confusionSvg, curvesSvg, type Lines } from "./svg.js";

/** Images side by side, rows of them, and bytes that they may have together. */
const COLUMNS = 10;
const ROWS = 4;
/** Pixels that they are shown across. */
const WIDTH = 700;
const MOST_BYTES = 400_000;

export function curvesFigure(id: string, title: string, lines: Lines): Cell {
  const named = lines.map(
    ({ label, cells }) => `    ${pythonValue(label)}: ${pythonValue(cells.map((cell) => cell.id))},\n`,
  );
  return python(id, `draw_curves({\n${named.join("")}})`, { shown: { svg: curvesSvg(title, lines) } });
}

export function confusionFigure({ id, record }: CellView, classNames: readonly string[]): Cell {
  const names = record.confusion.map((_, label) => classNames[label] ?? String(label));
  return python("confusion-matrix", `draw_confusion(${pythonValue(id)}, ${pythonValue(names)})`, {
    shown: { svg: confusionSvg(`Answers of ${id}`, record.confusion, names) },
  });
}

/** The first images of each class, a row of classes after the other; undefined where the report has none. */
function sampleImages({ data }: SweepCells) {
  const { images, imageSize: size, classNames } = data;
  if (!images || !size || images.samples.length === 0) return undefined;
  const channels = size.channels === 3 ? 3 : 1;
  const pixels = size.height * size.width;
  const of = classNames
    .map((_, label) => images.samples.filter((sample) => sample.label === label))
    .filter((own) => own.length > 0);
  // As many as there are classes, where one row holds them all.
  const columns = Math.min(COLUMNS, of.length);
  const samples = Array.from({ length: ROWS }, (_, row) => of.flatMap((own) => own.slice(row, row + 1)))
    .flat()
    .slice(0, Math.min(columns * ROWS, Math.max(1, Math.floor(MOST_BYTES / (pixels * channels)))))
    .map(({ label, pixels: text }) => ({ label, bytes: decodePixels(text) }))
    .filter(({ bytes }) => bytes.length === pixels * size.channels)
    .map(({ label, bytes }) => ({
      label,
      bytes: channels === 3 ? bytes : bytes.filter((_, i) => i % size.channels === 0),
    }));
  return { size: { ...size, channels }, samples, columns, aligned: of.length <= COLUMNS };
}

const base64 = (bytes: readonly Uint8Array[]): string =>
  btoa(bytes.map((part) => Array.from(part, (byte) => String.fromCharCode(byte)).join("")).join(""));

/** Sample images, and the names of their classes: of the columns, or where more classes are shown, of each image. */
export function imagesFigure(sweep: SweepCells): { cells: Cell[]; order: string; names: string[] } | undefined {
  const found = sampleImages(sweep);
  if (!found) return undefined;
  const { size, samples, columns, aligned } = found;
  const bytes = samples.map((sample) => sample.bytes);
  const shape = [size.height, size.width, size.channels].join(", ");
  const source = `IMAGES = np.frombuffer(base64.b64decode("${base64(bytes)}"), np.uint8).reshape(-1, ${shape})\ndraw_images(IMAGES, ${columns})`;
  return {
    cells: [python("images", source, { shown: { png: mosaic(bytes, size, columns), width: WIDTH } })],
    order: aligned ? "Columns" : "Row by row",
    names: (aligned ? samples.slice(0, columns) : samples).map(({ label }) => sweep.data.classNames[label]),
  };
}

/** The same images with their pixels permuted, by the first permutation of the cells. */
export function permutedFigure(sweep: SweepCells): Cell[] | undefined {
  const [found, permutation] = [sampleImages(sweep), firstPermutation(sweep)];
  const order = permutation?.order;
  if (!found || !order) return undefined;
  const { size, samples, columns } = found;
  const bytes = samples.map((sample) => permutePixels(sample.bytes, order));
  const source = `# Pixel i of a permuted image is pixel PERMUTATION[i] of the original.
PERMUTATION = ${pythonValue([...Array.from(order)])}
flat = IMAGES.reshape(len(IMAGES), -1, IMAGES.shape[-1])
draw_images(flat[:, PERMUTATION].reshape(IMAGES.shape), ${columns})`;
  return [python("permuted-images", source, { shown: { png: mosaic(bytes, size, columns), width: WIDTH } })];
}
