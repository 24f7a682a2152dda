/** What a plan remembers of data that were found in a folder, so that they can be found again and spoken of without it. */
import { z } from "zod";
import { InputError } from "../../core/input-error.js";
import { dataOptionsShape, type DataOptions } from "../spec/data-options.js";

const count = z.int().min(1);

export const dataSourceSchema = z.strictObject({
  /** As the spec or --data-dir gave them; the folder absolute. */
  options: z.strictObject(dataOptionsShape),
  classNames: z.array(z.string()),
  height: count,
  width: count,
  channels: count,
  counts: z.strictObject({ train: count, test: count }),
});
export type DataSource = z.output<typeof dataSourceSchema>;

/**
 * The folder where a plan's sweeps found data of that digest.
 * @param dataDir the folder that the user names now, which wins
 * @throws InputError where the data set is not among `known` and no folder is remembered or named
 */
export function whereIs<Name extends string>(
  data: { dataset: string; dataDigest: string },
  {
    plan,
    dataDir,
    known,
    what,
  }: { plan?: { dataSources?: Record<string, DataSource> }; dataDir?: string; known: readonly Name[]; what: string },
): Name | DataOptions {
  const options = plan?.dataSources?.[data.dataDigest]?.options;
  const name = known.find((other) => other === data.dataset);
  if (options) return { ...options, dir: dataDir ?? options.dir };
  if (name !== undefined) return name;
  if (dataDir !== undefined) return { dir: dataDir, name: data.dataset };
  throw new InputError(
    `${what} was trained on "${data.dataset}", and no plan remembers where that lies, expected its folder; name it with --data-dir`,
  );
}
