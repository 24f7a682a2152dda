/** All data sets that can be loaded by name. A new one is one file and one line here. */
import type { ImageClasses } from "../../core/data/dataset.js";
import type { DataSource } from "../store/data-source.js";
import { fashionMnist } from "./fashion-mnist.js";
import type { DrawnDataset, KnownDataset, PublishedDataset } from "./known-dataset.js";
import { synthetic } from "./synthetic.js";

const all = [fashionMnist, synthetic] as const;
export type DatasetName = (typeof all)[number]["name"];
export const datasetNames: readonly DatasetName[] = all.map(({ name }) => name);
export const datasets: readonly KnownDataset[] = all;

/** What "auto" asks for, and what it takes where that cannot be had. */
export const preferred: PublishedDataset = fashionMnist;
export const standIn: DrawnDataset = synthetic;

export type DataChoice = "auto" | DatasetName;
export const dataChoices: readonly DataChoice[] = ["auto", ...datasetNames];

/** Size and classes of a data set's images, without these: of those known by that name, or as a plan remembers. */
export function imagesOf(
  { dataset, dataDigest }: { dataset: string; dataDigest: string },
  plan: { dataSources?: Record<string, DataSource> } | undefined,
): ImageClasses | undefined {
  return datasets.find(({ name }) => name === dataset) ?? plan?.dataSources?.[dataDigest];
}

/** Whether a data set comes with the project, so that no folder could have another version of it. */
export const isDrawn = (name: string): boolean => all.some((set) => set.name === name && "draw" in set);

/** In words that follow a cell's id: its data set of that name is not the one that there is. */
export function otherData(name: string, got: string, expected: string): string {
  return isDrawn(name)
    ? `was trained on an earlier drawing of the ${name} set: got digest ${got.slice(0, 8)}, expected ${expected.slice(0, 8)}; npm run sweep trains it on this one, under another id`
    : `was trained on other data: got digest ${got}, expected ${expected}; name the right folder with --data-dir`;
}
