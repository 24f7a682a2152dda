// The committed reference results (scripts/reference.mjs makes them) as the page's data.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Training images of each class: as many as the page's gallery has room for. */
const PER_CLASS = 4;
/** Images that the synthetic set draws first: enough to have that number of each class. */
const DRAWN = 200;

/**
 * Images and permutations for the results' page, as ReportData has them. The images are the data's own where the build finds
 * them whole, in the folder that the environment names or where a sweep keeps them; else the synthetic set draws some.
 */
export async function referencePictures(root, results) {
  const load = (name) => import(pathToFileURL(path.join(root, `dist/sweeps/${name}.js`)));
  const { datasets, standIn } = await load("data/datasets");
  const { loadDataset } = await load("data/load");
  const { permutationsOf, reportImages } = await load("page/merge");
  const known = datasets.find(({ name }) => name === results.dataset);
  const permutations = permutationsOf(results.cells, known);
  const cells = results.cells.map(({ mistakes = [] }) => ({ mistakes }));
  const dataDir = process.env[known.folderVariable] || path.join(root, known.cacheFolder);
  if (fs.existsSync(dataDir))
    try {
      const { dataset } = await loadDataset({ data: known.name, dataDir, download: false });
      if (dataset.digest === results.dataDigest)
        return { images: reportImages(dataset, cells, PER_CLASS), permutations };
    } catch {
      // Damaged data are the next sweep's business: it names what is wrong with them.
    }
  const drawn = standIn.draw(DRAWN, 0);
  return { images: { ...reportImages(drawn, [], PER_CLASS), drawn: true }, permutations };
}

/** Signed bytes as numbers from -127 to 127; each filter is drawn on its own scale. */
function filtersOf({ cells }) {
  const unpacked = cells.flatMap(({ id, filters }) => {
    if (!filters) return [];
    const { bytes, ...shape } = filters;
    return [[id, { ...shape, values: [...new Int8Array(Buffer.from(bytes, "base64"))] }]];
  });
  return unpacked.length > 0 ? { filters: Object.fromEntries(unpacked) } : {};
}

/**
 * ReportData with source "reference": without steps.
 * @param datasets those that can be loaded by name
 * @param pictures images and permutations, for results of which the page shows them
 */
export function referenceData(results, datasets, pictures = { permutations: {} }) {
  const { text, counts, classNames, height, width, channels } = datasets.find(({ name }) => name === results.dataset);
  const cells = results.cells.map((cell) => ({
    id: cell.id,
    config: cell.config,
    dataset: results.dataset,
    dataDigest: results.dataDigest,
    engineVersion: results.engineVersion,
    status: cell.status,
    curve: cell.curve ?? [],
    steps: { every: 1, loss: [] },
    parameters: cell.parameters,
    confusion: cell.confusion ?? [],
    mistakes: cell.mistakes ?? [],
    // With a validation split, the row's test figures are the one reading of the test set.
    ...(cell.config.validation === undefined ? {} : { test: { loss: cell.testLoss, accuracy: cell.testAccuracy } }),
    weightsDigest: cell.weightsDigest,
    run: {
      startedAt: "",
      seconds: cell.seconds,
      trainSeconds: null,
      testSeconds: null,
      setupSeconds: null,
      samplesPerSecond: null,
      node: "",
      platform: "",
      cpu: "",
      retries: 0,
      resumes: 0,
    },
  }));
  const placed = results.cells.filter(({ role, label }) => role !== undefined || label !== undefined);
  return {
    source: "reference",
    sweep: results.sweep,
    dataset: results.dataset,
    dataDigest: results.dataDigest,
    engineVersion: results.engineVersion,
    datasetText: text,
    imageSize: { height, width, channels },
    counts,
    classNames,
    wallSeconds: results.wallSeconds,
    workers: results.workers ?? 0,
    planned: cells.map((cell) => cell.id),
    ...(placed.length > 0
      ? { places: Object.fromEntries(placed.map(({ id, role, label }) => [id, { role, label }])) }
      : {}),
    cells,
    ...filtersOf(results),
    ...pictures,
  };
}
