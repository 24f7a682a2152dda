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
