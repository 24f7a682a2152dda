import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fashionMnist } from "../../../src/sweeps/data/fashion-mnist.js";
import { loadDataset } from "../../../src/sweeps/data/load.js";

const { files, cacheFolder } = fashionMnist;
const beside = fileURLToPath(new URL("../../../../shared/data/fashion-mnist", import.meta.url));
const isComplete = (folder: string): boolean =>
  files.every(({ name }) => [name, `${name}.gz`].some((either) => existsSync(path.join(folder, either))));

/** A folder that was named must have the files; others may, whole or in part, as a download that was cut short leaves them. */
function findFolder(): string | undefined {
  if (process.env.FASHION_MNIST_DIR) return process.env.FASHION_MNIST_DIR;
  for (const folder of [beside, path.resolve(cacheFolder)]) if (isComplete(folder)) return folder;
  console.warn(
    `skipped: FashionMNIST as published (its four files are not in ${cacheFolder}; set FASHION_MNIST_DIR to the folder that has them)`,
  );
  return undefined;
}
const dataDir = findFolder();

describe.skipIf(!dataDir)("FashionMNIST as published", () => {
  it("loads whole and balanced", async () => {
    const { dataset, notice } = await loadDataset({ data: "fashion-mnist", dataDir, trainLimit: 10 });
    const { train, test, height, width } = dataset;
    expect([train.count, test.count, height, width, notice]).toEqual([60_000, 10_000, 28, 28, undefined]);
    expect(dataset.digest).toBe("d1fd84a877f3b78fa9a171b3de73f93e7b6f69ed94bada3feae9d96821401f5c");
    for (const [labels, each] of [
      [train.labels, 6000],
      [test.labels, 1000],
    ] as const)
      expect(dataset.classNames.map((_, label) => labels.filter((other) => other === label).length)).toEqual(
        new Array(10).fill(each),
      );
    expect([...train.labels.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
    let sum = 0;
    for (const pixel of train.images) sum += pixel;
    expect(sum / train.images.length / 255).toBeCloseTo(0.286, 3);
  });
});
