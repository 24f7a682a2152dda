/** FashionMNIST, as published at https://github.com/zalandoresearch/fashion-mnist (MIT licence). */
import path from "node:path";
import type { PublishedDataset } from "./known-dataset.js";

export const fashionMnist = {
  name: "fashion-mnist",
  height: 28,
  width: 28,
  channels: 1,
  counts: { train: 60_000, test: 10_000 },
  classNames: [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ],
  text: {
    title: "FashionMNIST",
    about:
      "FashionMNIST has 60,000 training and 10,000 test images of 28×28 grey pixels in ten classes of equal size. Each pixel is one byte.",
  },
  files: [
    {
      name: "train-images-idx3-ubyte",
      bytes: 47_040_016,
      compressedBytes: 26_421_880,
      sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    },
    {
      name: "train-labels-idx1-ubyte",
      bytes: 60_008,
      compressedBytes: 29_515,
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    },
    {
      name: "t10k-images-idx3-ubyte",
      bytes: 7_840_016,
      compressedBytes: 4_422_102,
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    },
    {
      name: "t10k-labels-idx1-ubyte",
      bytes: 10_008,
      compressedBytes: 5_148,
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
  ],
  baseUrls: [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
  ],
  stallMilliseconds: 15_000,
  cacheFolder: path.join("data", "fashion-mnist"),
  folderVariable: "FASHION_MNIST_DIR",
} as const satisfies PublishedDataset;
