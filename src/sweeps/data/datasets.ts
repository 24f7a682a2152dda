/** All data sets that can be loaded by name. A new one is one file and one line here. */
import { InputError } from "../../core/input-error.js";
import { fashionMnist } from "./fashion-mnist.js";
import type { DrawnDataset, KnownDataset, PublishedDataset } from "./known-dataset.js";
import { synthetic } from "./synthetic.js";

const all = [fashionMnist, synthetic] as const;
export type DatasetName = (typeof all)[number]["name"];
export const datasets: readonly KnownDataset[] = all;

/** What "auto" asks for, and what it takes where that cannot be had. */
export const preferred: PublishedDataset = fashionMnist;
export const standIn: DrawnDataset = synthetic;

export type DataChoice = "auto" | DatasetName;
export const dataChoices: readonly DataChoice[] = ["auto", ...all.map(({ name }) => name)];

/** @param name as a record or a plan has it @param what names those in errors @throws InputError where this version cannot load that data set */
export function datasetNamed(name: string, what: string): DatasetName {
  const known = all.find((set) => set.name === name);
  if (known) return known.name;
  throw new InputError(
    `${what} was trained on "${name}", expected ${all.map((set) => set.name).join(" or ")}; this version cannot load other data`,
  );
}

/** Whether a data set comes with the project, so that no folder could have another version of it. */
export const isDrawn = (name: DatasetName): boolean => all.some((set) => set.name === name && "draw" in set);

/** In words that follow a cell's id: its data set of that name is not the one that there is. */
export function otherData(name: DatasetName, got: string, expected: string): string {
  return isDrawn(name)
    ? `was trained on an earlier drawing of the ${name} set: got digest ${got.slice(0, 8)}, expected ${expected.slice(0, 8)}; npm run sweep trains it on this one, under another id`
    : `was trained on other data: got digest ${got}, expected ${expected}; name the right folder with --data-dir`;
}
