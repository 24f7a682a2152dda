/** How a spec names labelled images of the user's own: a folder or file, and what cannot be seen there. */
import { z } from "zod";

/** Labels are bytes. */
export const MAX_CLASSES = 256;

export const dataOptionsShape = {
  dir: z.string().min(1).describe("The folder, or the `.npz` file, relative to where the command runs."),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "a name of lower-case letters, digits, - and _")
    .optional()
    .describe("What the data set is called. Absent: the folder's name."),
  classes: z
    .array(z.string().min(1).max(100))
    .min(2)
    .max(MAX_CLASSES)
    .optional()
    .describe("Names of the classes, label by label. Absent: the names of their folders, or the labels."),
  files: z.string().min(1).optional().describe("Which of several sets in the folder, such as `emnist-letters`."),
  transposed: z
    .boolean()
    .optional()
    .describe("Whether rows and columns of the images are exchanged. Absent: those of EMNIST are, and no others."),
};

export const dataOptionsSchema = z.strictObject(dataOptionsShape);
export type DataOptions = z.output<typeof dataOptionsSchema>;
