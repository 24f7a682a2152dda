/** How a spec names labelled images of the user's own: a folder or file, and what cannot be seen there. */
import { z } from "zod";

/** Labels are bytes. */
export const MAX_CLASSES = 256;

export const dataOptionsShape = {
  /** The folder or .npz file, relative to the working directory. */
  dir: z.string().min(1),
  /** What the data set is called; default: the folder's name. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "a name of lower-case letters, digits, - and _")
    .optional(),
  /** Names of the classes by label. */
  classes: z.array(z.string().min(1).max(100)).min(2).max(MAX_CLASSES).optional(),
  /** Which of several sets in the folder. */
  files: z.string().min(1).optional(),
  /** Whether rows and columns of the images are exchanged, as EMNIST stores them. */
  transposed: z.boolean().optional(),
};

export const dataOptionsSchema = z.strictObject(dataOptionsShape);
export type DataOptions = z.output<typeof dataOptionsSchema>;
