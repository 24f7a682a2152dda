/** What the command line does with a trained cell's weights: npm run export and npm run predict. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { crc32, gzipSync } from "node:zlib";
import { encode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import type { TrainConfig } from "../../../src/core/config.js";
import { idxHeader } from "../../../src/core/data/idx.js";
import { createPredictor } from "../../../src/core/training/predict.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";
import { decodeSafetensors } from "../../../src/sweeps/formats/safetensors.js";
import { modelTensors, namedTensors } from "../../../src/sweeps/formats/parameter-names.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";
import { trained } from "../../core/trained.js";
import { sampleRecord, temporaryFolder, tinyConfig } from "../fixtures.js";
import { handgradHere } from "../handgrad.js";

const data = drawSyntheticDataset(60, 20);
const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const config: TrainConfig = tinyConfig({ model: { kind: "mlp", hidden: [6] }, epochs: 1, permutation: 1 });
const { weights, curve } = trained(config, data).result;
const ending = {
  ...{ curve, status: "done" as const, dataset: data.name, dataDigest: data.digest },
  weightsDigest: weightsDigest(weights),
};
const record = sampleRecord(config, ending);
const run = (...args: string[]) => handgradHere(folder, ...args, "--run", at("run"));
const inOneLine = (text: string) => ({
  code: 2,
  stdout: "",
  stderr: expect.stringMatching(new RegExp(`^handgrad: [^\n]*${text}[^\n]*\n$`)),
});

beforeAll(async () => {
  const directory = new RunDirectory(at("run"));
  await directory.writeRecord(record, weights);
  const failed = tinyConfig({ seed: 1 });
  await directory.writeRecord(sampleRecord(failed, { status: "failed", error: "no", curve: [], weightsDigest: "" }));
  await directory.writeRecord(sampleRecord(tinyConfig({ seed: 2 }), ending));
  writeFileSync(at("mine.csv"), "a,b\r\n");
});

describe("export", () => {
  it("writes what the cell has, tells what a reader needs, and writes over its own files alone", async () => {
    const file = at("below/cell.safetensors");
    for (let time = 0; time < 2; time++)
      expect(await run("export", record.id, "--format", "safetensors", "--out", file)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/ bytes written to .*cell\.safetensors\nnames and layouts are those of PyTorch/),
      });
    const model = modelTensors(config.model, data, 10);
    const named = namedTensors(model, weights).map((tensor) => [tensor.name, tensor] as const);
    expect(decodeSafetensors(readFileSync(file), file)).toEqual(new Map(named));
    expect(await run("export", record.id, "--format", "csv", "--out", at("mine.csv"))).toMatchObject(
      inOneLine("mine.csv: got a file that is no exported table of weights"),
    );
    expect(await run("export", record.id, "--format", "npz", "--out", file)).toMatchObject(inOneLine("no exported"));
    expect(readFileSync(at("mine.csv"), "utf8")).toBe("a,b\r\n");
  });

  it("says in a line why there is nothing to write", async () => {
    for (const [args, text] of [
      [[], "got no --format, expected one of onnx, safetensors, npz, csv"],
      [["--format", "pt"], '--format: got "pt", expected onnx or safetensors or npz or csv'],
      [["--format", "csv"], "got no id"],
      [["nothing", "--format", "csv"], 'starts with "nothing"'],
      [["mlp-nesterov-perm0-seed1", "--format", "csv"], "has no record of a finished training"],
      [["mlp-nesterov-perm0-seed2", "--format", "csv"], "weights.bin is missing"],
    ] as [string[], string][])
      expect(await run("export", ...args)).toMatchObject(inOneLine(text));
  });
});

describe("predict", () => {
  const image = (i: number): Uint8Array => data.test.images.slice(784 * i, 784 * (i + 1));
  const predict = createPredictor(config, data, weights);
  const ask = async (...args: string[]) => {
    const { code, stdout, stderr } = await run("predict", record.id, ...args, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return (
      JSON.parse(stdout) as { images: { image: string; text?: string; class: string; probabilities: number[] }[] }
    ).images;
  };

  it("gives the core's probabilities of every image of an IDX file, raw or compressed, and of a picture", async () => {
    const three = Buffer.concat([idxHeader([3, 28, 28]), ...[0, 1, 2].map(image)]);
    writeFileSync(at("three.gz"), gzipSync(three));
    writeFileSync(at("three"), three);
    writeFileSync(at("zero.png"), encode({ width: 28, height: 28, channels: 1, data: image(0) }));
    // The same in colour, twice as large, and with a light background.
    const large = new Uint8Array(56 * 56 * 3);
    for (let i = 0; i < large.length; i++) {
      const [x, y] = [Math.floor(i / 3) % 56, Math.floor(i / 3 / 56)];
      large[i] = 255 - image(0)[(y >> 1) * 28 + (x >> 1)];
    }
    writeFileSync(at("large.png"), encode({ width: 56, height: 56, channels: 3, data: large }));
    const answers = await ask(at("three.gz"), at("three"), at("zero.png"), at("large.png"), "--first", "2");
    expect(answers.map(({ probabilities }) => probabilities)).toEqual(
      [0, 1, 0, 1, 0, 0].map((i) => [...predict(image(i))]),
    );
    expect(answers.map(({ image }) => path.basename(image))).toEqual([
      "three.gz 0",
      "three.gz 1",
      "three 0",
      "three 1",
      "zero.png",
      "large.png",
    ]);
    expect(answers[4].text).toBe("28×28 pixels, fitted into 28×28.");
    expect(answers[5].text).toBe(
      "56×56 pixels, fitted into 28×28. Its background is light and that of the data dark, so it was inverted.",
    );
    const best = predict(image(1)).indexOf(Math.max(...predict(image(1))));
    expect(answers[1].class).toBe(data.classNames[best]);
    const { stdout } = await run("predict", record.id, at("large.png"), at("three"));
    expect(stdout.split("\n")[0]).toBe(`${at("large.png")}: ${answers[5].text}`);
    expect(stdout).toMatch(/^image +class +second +third$/m);
    expect(stdout).toMatch(new RegExp(`three 1 +${data.classNames[best]} `));
  });

  it("says in a line what cannot be asked about", async () => {
    mkdirSync(at("folder"));
    writeFileSync(at("small"), Buffer.concat([idxHeader([1, 2, 2]), Buffer.alloc(4)]));
    const damaged = Buffer.from(encode({ width: 28, height: 28, channels: 1, data: image(0) }));
    const start = damaged.indexOf("IDAT");
    const end = start + 4 + damaged.readUInt32BE(start - 4);
    damaged.fill(255, start + 4, end).writeUInt32BE(crc32(damaged.subarray(start, end)), end);
    writeFileSync(at("damaged.png"), damaged);
    for (const [args, text] of [
      [[], "got no image, expected PNG or IDX files after the id"],
      [[at("small")], "got images of 2×2×1, expected 28×28×1"],
      [[at("mine.csv")], "expected IDX"],
      [[at("none.png")], "cannot be read"],
      [[at("folder")], "cannot be read"],
      [[at("damaged.png")], "Error while decompressing the data: invalid zlib data"],
      [[at("photo.JPG")], "photo.JPG: got a picture of another kind, expected PNG or IDX; save it as PNG"],
      [[at("three"), "--first", "0"], '--first: got "0"'],
    ] as [string[], string][])
      expect(await run("predict", record.id, ...args)).toMatchObject(inOneLine(text));
    const lost = weights.map(() => NaN);
    const diverged = sampleRecord(
      { ...config, seed: 3 },
      { ...ending, status: "diverged", weightsDigest: weightsDigest(lost) },
    );
    await new RunDirectory(at("run")).writeRecord(diverged, lost);
    expect(await run("predict", diverged.id, at("three"))).toMatchObject(
      inOneLine("it diverged, and its network answers no image"),
    );
  });
});
