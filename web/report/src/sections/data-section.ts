/** The data: sample images of every class, original and permuted. */
import { dataWords, datasetName } from "../comments/scope.js";
import { groupBy } from "../data/cells.js";
import { decodePixels, firstPermutation, permutePixels } from "../data/pixels.js";
import { bdi, h, paragraphs } from "../draw/dom.js";
import { imageCanvas } from "../draw/images.js";
import { written, type Slots } from "../draw/written.js";
import type { Report } from "../report.js";
import { framed, writtenSection } from "./section.js";

const PER_CLASS = 4;

/** Sample images, class by class; permuted when a permutation is given. */
function gallery(report: Report, permutation?: ArrayLike<number>): HTMLElement | null {
  const { images, imageSize, classNames } = report.data;
  if (!images || !imageSize || images.samples.length === 0) return null;
  const byClass = groupBy(images.samples, (sample) => String(sample.label));
  return h(
    "div",
    { class: "gallery" },
    classNames.map((name, label) => {
      const samples = (byClass.get(String(label)) ?? []).slice(0, PER_CLASS);
      return h(
        "div",
        { class: "gallery-class" },
        h(
          "div",
          { class: "gallery-images" },
          samples.map((sample, i) => {
            const pixels = decodePixels(sample.pixels);
            return imageCanvas(
              permutation ? permutePixels(pixels, permutation) : pixels,
              imageSize,
              `${permutation ? "Permuted" : "Sample"} image ${i + 1} of class ${name}`,
            );
          }),
        ),
        h("div", { class: "gallery-name" }, h("bdi", {}, name)),
      );
    }),
  );
}

const absentImages = ({ data }: Report): HTMLElement =>
  h("div", { class: "absent" }, written("data", {}, data.source === "reference" ? "reference" : "absent"));

/** Images with what they are. @param text of the words, and its slots */
function pictures(report: Report, text: string, slots: Slots, permutation?: ArrayLike<number>): HTMLElement {
  const shown = gallery(report, permutation);
  if (!shown) return absentImages(report);
  const inverted = report.data.imageSize?.channels !== 3;
  return h(
    "figure",
    { class: "wide" },
    shown,
    h(
      "figcaption",
      {},
      written("data", slots, text),
      inverted ? written("data", {}, "inverted") : null,
      report.data.images?.drawn ? written("data", { dataset: bdi(datasetName(report.data)) }, "drawn") : null,
    ),
  );
}

/** The same samples with their pixels permuted, by the first permutation of the cells; null where none has one. */
export function permutedImages(report: Report): HTMLElement | null {
  const permutation = firstPermutation(report);
  if (!permutation) return null;
  const { k, order } = permutation;
  if (!order) return absentImages(report);
  return pictures(report, report.neutral ? "permutation" : "permuted", { permutation: k }, order);
}

export function dataSection(report: Report): HTMLElement {
  const words = framed(report, "data");
  const watched = report.homework.some((cell) => cell.heldOut === "test") ? written(words, {}, "test") : null;
  const { about, ...slots } = dataWords(report);
  const images = pictures(report, "images", {});
  return writtenSection("data", { ...slots, about: [paragraphs(about), watched], images }, words);
}
