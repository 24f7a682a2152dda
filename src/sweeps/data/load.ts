/** The one door to the data: FashionMNIST, or the synthetic set when asked for or when nothing else can be had. */
import type { Dataset } from "../../core/data/dataset.js";
import { NotObtainable } from "./download.js";
import { acquireFashionMnist, fashionMnistOrigin, type Origin } from "./fashion-mnist.js";
import { drawSyntheticDataset } from "./synthetic.js";

export interface LoadOptions {
  /** "auto" is FashionMNIST, or the synthetic set when that cannot be had; the others are what they say or an error. */
  data: "auto" | "fashion-mnist" | "synthetic";
  /** The folder with FashionMNIST's files. */
  dataDir?: string;
  /** How many training and test images are needed. The synthetic set is drawn no further; FashionMNIST is always whole. */
  trainLimit?: number;
  testLimit?: number;
  /** Gets lines for people, without line ends. */
  onProgress?: (line: string) => void;
}

export interface Loaded {
  /** All its arrays are views on SharedArrayBuffers. */
  dataset: Dataset;
  /** Present when the synthetic set stands in for FashionMNIST: to be shown where nobody can miss it. */
  notice?: string;
  /** A folder, host names, or "embedded". */
  source: string;
}

/**
 * Loads the data set, once, for all workers.
 * @throws InputError when a named folder lacks FashionMNIST's files or holds others, and under "fashion-mnist"
 *   when it cannot be had
 */
export async function loadDataset(options: LoadOptions, origin: Origin = fashionMnistOrigin): Promise<Loaded> {
  const synthetic = () => ({
    dataset: drawSyntheticDataset(options.trainLimit, options.testLimit),
    source: "embedded",
  });
  if (options.data === "synthetic") return synthetic();
  try {
    return await acquireFashionMnist(options.dataDir, options.onProgress ?? (() => undefined), origin);
  } catch (error) {
    if (!(error instanceof NotObtainable)) throw error;
    const remedy = `put its four files into ${origin.cacheFolder}, or name the folder that has them with --data-dir or FASHION_MNIST_DIR`;
    if (options.data === "fashion-mnist") throw new NotObtainable(`${error.message}; ${remedy}.`);
    const notice = `${error.message}. USING THE SYNTHETIC SET INSTEAD: drawn garments, not FashionMNIST, and no result on them is a result on FashionMNIST. For the real set ${remedy}.`;
    return { ...synthetic(), notice };
  }
}
