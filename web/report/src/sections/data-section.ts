/** The data: sample images of every class, original and permuted. */
import { pixelPermutation } from "../../../../src/core/data/permutation.js";
import { smallest } from "../../../../src/core/numeric/extremes.js";
import { scopeSentence, trainedConfig } from "../comments/scope.js";
import { groupBy } from "../data/cells.js";
import { list } from "../data/format.js";
import { bdi, h, paragraph, paragraphs, type Child } from "../draw/dom.js";
import { decodePixels, imageCanvas, permutePixels } from "../draw/images.js";
import { written, type Slots } from "../draw/written.js";
import type { Report } from "../report.js";
import { datasetName } from "./opening.js";
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
  const size = report.data.imageSize;
  const k = smallest(report.homework.map((cell) => cell.permutation).filter((of) => of > 0));
  if (!Number.isFinite(k)) return null;
  if (!size) return absentImages(report);
  const permutation = report.data.permutations[k] ?? pixelPermutation(k, size.height * size.width);
  return pictures(report, report.neutral ? "permutation" : "permuted", { permutation: k }, permutation);
}

/** What is known of images that the page has no text of. */
function dataFacts({ data }: Report): Child[] {
  const { imageSize: size, classNames } = data;
  const facts = [
    size && `${size.height}×${size.width}${size.channels === 1 ? "" : `×${size.channels}`}`,
    classNames.length > 0 && `${classNames.length} classes`,
  ].filter(Boolean);
  return ["The sweep used ", bdi([datasetName(data), ...facts].join(", ")), "."];
}

export function dataSection(report: Report): HTMLElement {
  const { datasetText, imageSize: size } = report.data;
  const words = framed(report, "data");
  const pixels = size && size.height * size.width;
  const batches = [...new Set(report.homework.map(({ record }) => record.config.batchSize))].sort((a, b) => a - b);
  const configs = report.homework.map(({ record }) => trainedConfig(record));
  const scope = scopeSentence(configs, report.data.counts, report.neutral ? "" : undefined);
  const watched = report.homework.some((cell) => cell.heldOut === "test") ? written(words, {}, "test") : null;
  const slots = {
    about: [paragraph(datasetText?.about ?? dataFacts(report)), paragraphs([scope]), watched],
    images: pictures(report, "images", {}),
    shape: size ? `${size.height}×${size.width}×${size.channels}` : "height×width×channels",
    length: size && pixels ? pixels * size.channels : "height·width·channels",
    pixels,
    batch: batches.length > 0 ? `, ${list(batches.map(String)).replace(" and ", " or ")} images at a time` : "",
  };
  return writtenSection("data", slots, words);
}
