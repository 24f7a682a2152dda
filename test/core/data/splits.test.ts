/** Held-out samples are whole images, of any number of channels. */
import { expect, it } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { splitSamples } from "../../../src/core/data/splits.js";

it.each([1, 3])("the last training samples of %d channels are held out", (channels) => {
  const image = 4 * 5 * channels;
  const samples = (count: number) => ({
    count,
    images: Uint8Array.from({ length: count * image }, (_, i) => Math.floor(i / image)),
    labels: Uint8Array.from({ length: count }, (_, i) => i),
  });
  const dataset = {
    name: "",
    digest: "",
    height: 4,
    width: 5,
    channels,
    classNames: [],
    train: samples(12),
    test: samples(3),
  };
  const config = trainConfigSchema.parse({
    model: { kind: "mlp" },
    optimizer: { kind: "sgd" },
    trainLimit: 10,
    validation: 4,
  });
  const { train, validation } = splitSamples(config, dataset);
  expect(train.count).toBe(6);
  expect([...validation!.images]).toEqual([6, 7, 8, 9].flatMap((i) => new Array<number>(image).fill(i)));
  expect([...validation!.labels]).toEqual([6, 7, 8, 9]);
});
