/** The data: sample images of every class, original and permuted, and the transforms that the models need. */
import { scopeSentence } from "../comments/scope.js";
import { groupBy } from "../data/cells.js";
import { decodePixels, imageCanvas, permutePixels } from "../draw/images.js";
import { h, paragraphs, prose } from "../draw/dom.js";
import type { Report } from "../report.js";
import { datasetName } from "./opening.js";
import { scrollTable } from "../draw/table.js";
import { section } from "./section.js";

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

function absentImages(report: Report): HTMLElement {
  return h(
    "p",
    { class: "absent" },
    prose(
      report.data.source === "reference"
        ? "The reference results carry no images. Run `npm run sweep`, and the images that your sweep trained on appear here."
        : "This report carries no images.",
    ),
  );
}

/** The same samples with their pixels permuted, for the permutation that the sweep used. */
export function permutedImages(report: Report): HTMLElement | null {
  const key = Object.keys(report.data.permutations).find((k) => k !== "0");
  const pixels = key === undefined ? null : gallery(report, report.data.permutations[key]);
  return pixels
    ? h("figure", { class: "wide" }, pixels, h("figcaption", {}, `The images of section 2.1 under permutation ${key}.`))
    : absentImages(report);
}

export function dataSection(report: Report): HTMLElement {
  const { datasetText, imageSize: size } = report.data;
  const pixels = size && size.height * size.width;
  const pictures = gallery(report);
  return section(
    {
      id: "data",
      number: "2.1",
      title: "The data, and which transform is necessary",
      asked:
        "Load the data set, construct the data loaders and visualise the data. Which transform is necessary for the samples to be compatible with the models?",
    },
    h(
      "p",
      {},
      `${datasetText?.about ?? `The sweep used ${datasetName(report.data)}.`} Where the homework says validation, the test set stands in for it: the curves are drawn on it, and no setting of the homework's cells was chosen by them.`,
    ),
    paragraphs([
      scopeSentence(
        report.homework.map(({ record }) => record.config),
        report.data.counts,
      ),
    ]),
    pictures
      ? h(
          "figure",
          { class: "wide" },
          pictures,
          h(
            "figcaption",
            {},
            "Training images of every class, drawn in the ink of this page: in the data 0 is the background.",
          ),
        )
      : absentImages(report),
    h(
      "p",
      {},
      h("strong", {}, "The necessary transform is the one to floating-point tensors"),
      ": an image arrives as bytes, and the models multiply and differentiate real numbers. (In PyTorch this is ToTensor, which also scales to [0, 1] and puts a channel axis in front.)",
    ),
    scrollTable(
      "The transforms, in their order",
      ["transform", "what it does", "necessary?"],
      [
        [
          "to float, divided by 255",
          "bytes 0…255 become numbers in [0, 1]",
          "Yes. The conversion, because layers compute with real numbers. The scale, because the learning rates and initial weights are made for inputs of about unit size: 255 times larger inputs mean 255 times larger first activations and gradients.",
        ],
        [
          "shape",
          size && pixels
            ? `${size.height}×${size.width}×${size.channels} for the CNN; flattened to ${pixels * size.channels} for the MLP, as its first layer`
            : "height×width×channels for the CNN; flattened for the MLP, as its first layer",
          "Yes. A convolution needs to know which pixels are neighbours, a dense layer takes a vector.",
        ],
        [
          "pixel permutation",
          `one fixed rearrangement of the ${pixels ?? ""} pixels; the last in the list`,
          "Only for the permuted data set, section 2.5.",
        ],
      ],
    ),
    h(
      "p",
      {},
      "Batches are drawn without replacement in an order that is shuffled anew for every epoch, from a stream that depends only on the cell's seed and the epoch. Cells that differ only in optimizer or permutation therefore start from the same weights and see the same images in the same order, so that differences between their curves come from what was changed.",
    ),
  );
}
