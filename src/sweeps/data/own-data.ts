/** A data set of the user's own: what a folder or file holds, found by looking, and what it is called. */
import { stat } from "node:fs/promises";
import path from "node:path";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { failureReason } from "../store/files.js";
import type { DataOptions } from "../spec/data-options.js";
import { imagesDigest, labelsSeen } from "./idx-files.js";
import { idxSets, readIdxSet } from "./idx-folder.js";
import { readNpz } from "./npz.js";
import { foldersIn, listFolder, type OwnImages } from "./own-images.js";
import { readPngFolder } from "./png-folder.js";

const UNDERSTOOD =
  "IDX files (train-images-idx3-ubyte …), a torchvision folder, one .npz (x_train, y_train, x_test, y_test), or PNG files in a folder for each class";
/** Names that stand for data that are known. */
const RESERVED = ["auto", "fashion-mnist", "synthetic"];

/** Where the images lie, and the name of their set. */
export interface DataPlace {
  place: string;
  title: string;
}

/** A folder's name as records, tables and addresses may have it. */
function harmless(title: string): string {
  const name = title
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "")
    .slice(0, 60);
  return name === "" ? "images" : RESERVED.includes(name) ? `my-${name}` : name;
}

/** torchvision's folder ROOT/SET/raw stands for itself. @throws InputError where there is none, or several */
export async function findData({ dir, files }: DataOptions): Promise<DataPlace> {
  const root = path.resolve(dir);
  const stats = await stat(root).catch((error: unknown) => {
    throw new InputError(
      `${dir}: cannot be read: ${failureReason(error)}; name the folder of the images with --data-dir.`,
    );
  });
  const title =
    path.basename(root) === "raw" ? path.basename(path.dirname(root)) : path.basename(root).replace(/\.npz$/i, "");
  const names = stats.isDirectory() ? await listFolder(root) : [];
  if (idxSets(names).size > 0) return { place: root, title };
  const homes: DataPlace[] = [];
  for (const below of [".", ...(await foldersIn(root, names))]) {
    const place = path.join(root, below, "raw");
    const inside = (await foldersIn(path.dirname(place), ["raw"])).length > 0 ? await listFolder(place) : [];
    if (idxSets(inside).size > 0) homes.push({ place, title: below === "." ? title : below });
  }
  if (homes.length === 0) return { place: root, title };
  const chosen = homes.length === 1 ? homes[0] : homes.find((home) => home.title === files);
  if (chosen) return chosen;
  throw new InputError(
    `${dir}: got several data sets, ${homes.map((home) => home.title).join(", ")}, expected one; name ${homes.map((home) => path.join(dir, path.relative(root, home.place))).join(" or ")}.`,
  );
}

async function readImages({ place }: DataPlace, { files, classes, transposed }: DataOptions): Promise<OwnImages> {
  if ((await stat(place)).isFile()) return readNpz(place);
  const names = await listFolder(place);
  const sets = idxSets(names);
  const chosen = sets.size === 1 ? [...sets.keys()][0] : files?.toLowerCase();
  const parts = chosen === undefined ? undefined : sets.get(chosen);
  if (chosen !== undefined && parts) return readIdxSet(place, chosen, parts, transposed);
  if (sets.size > 0)
    throw new InputError(
      `${place}: got several sets, ${[...sets.keys()].map((name) => name || '""').join(", ")}, expected one; name it in the spec: "data": {"dir": …, "files": "${[...sets.keys()].find(Boolean) ?? ""}"}.`,
    );
  const archives = names.filter((name) => name.toLowerCase().endsWith(".npz"));
  if (archives.length === 1) return readNpz(path.join(place, archives[0]));
  if (archives.length > 1)
    throw new InputError(`${place}: got ${archives.join(", ")}, expected one .npz; name the file itself.`);
  const pictures = await readPngFolder(place, classes);
  if (pictures) return pictures;
  const shown =
    names.length === 0
      ? "an empty folder"
      : `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
  throw new InputError(`${place}: got ${shown}, expected ${UNDERSTOOD}.`);
}

/**
 * Loads what lies in a folder or file, whole.
 * @returns the data set on SharedArrayBuffers, and notes on how it was read
 * @throws InputError, one line, where it is none or a damaged one
 */
export async function loadOwnData(options: DataOptions, at: DataPlace): Promise<{ dataset: Dataset; notes: string[] }> {
  const images = await readImages(at, options);
  const seen = labelsSeen(images);
  const { classes } = options;
  const least = images.classNames?.length ?? seen;
  if (classes && classes.length < least)
    throw new InputError(
      `data.classes: got ${classes.length} names, expected ${least} or more, as ${at.place} has classes; name them all.`,
    );
  if (classes && images.classNames && classes.length > least)
    throw new InputError(
      `data.classes: got ${classes.length} names, expected ${least}, one for each folder of ${at.place}.`,
    );
  const classNames = classes ?? images.classNames ?? Array.from({ length: seen }, (_, label) => String(label));
  if (classNames.length < 2)
    throw new InputError(
      `${at.place}: got images of one class, expected at least two to tell apart; "classes" names those without images.`,
    );
  const { height, width, channels, train, test, notes } = images;
  const name = harmless(options.name ?? options.files ?? at.title);
  const digest = imagesDigest(images, classNames.length);
  return { dataset: { name, digest, height, width, channels, classNames: [...classNames], train, test }, notes };
}
