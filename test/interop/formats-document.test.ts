/** What docs/formats.md prints reads the files as it says: Node weights.bin, and PyTorch, where there is one, an export. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { trainConfigSchema, type TrainConfigInput } from "../../src/core/config.js";
import { idxHeader } from "../../src/core/data/idx.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";
import { FORMATS, type TrainedModel } from "../../src/sweeps/formats/formats.js";
import { modelTensors, namedTensors } from "../../src/sweeps/formats/parameter-names.js";
import { RunDirectory } from "../../src/sweeps/store/run-directory.js";
import { weightsDigest } from "../../src/sweeps/store/weights.js";
import { trained } from "../core/trained.js";
import { codeBlocks } from "../documents.js";
import { run } from "../process.js";
import { sampleRecord, temporaryFolder } from "../sweeps/fixtures.js";

const images = drawSyntheticDataset(1500, 400);
const folder = temporaryFolder();
const file = (name: string): string => path.join(folder, name);

function cellOf(fields: Pick<TrainConfigInput, "model" | "permutation">): TrainedModel {
  const config = trainConfigSchema.parse({
    optimizer: { kind: "adam", lr: 0.003 },
    epochs: 1,
    batchSize: 16,
    ...fields,
  });
  const { weights, curve } = trained(config, images).result;
  const record = sampleRecord(config, { curve, status: "done", weightsDigest: weightsDigest(weights) });
  return { record, images, weights };
}

/** The one block of the document in a language, as a program. */
function program(language: string, name: string): string {
  const blocks = codeBlocks.filter((block) => block.at.startsWith("docs/formats.md:") && block.language === language);
  expect(blocks).toHaveLength(1);
  writeFileSync(file(name), blocks[0].text);
  return file(name);
}

it("weights.bin is what it is said to be", async () => {
  const { record, weights } = cellOf({ model: { kind: "mlp" } });
  const directory = new RunDirectory(folder);
  await directory.writeRecord(record, weights);
  const { stdout, stderr } = await run([program("js", "weights.mjs"), directory.cellFolder(record.id)]);
  const [first] = namedTensors(modelTensors(record.config.model, images, 10), weights);
  expect({ stdout, stderr }).toEqual({ stdout: `true\n${first.values[7 * 784 + 12 * 28 + 14]}\n`, stderr: "" });
});

it("an exported CNN has its test accuracy in PyTorch", async ({ skip }) => {
  const { test } = images;
  writeFileSync(file("images.gz"), gzipSync(Buffer.concat([idxHeader([test.count, 28, 28]), test.images])));
  writeFileSync(file("labels.gz"), gzipSync(Buffer.concat([idxHeader([test.count]), test.labels])));
  const cell = cellOf({ model: { kind: "cnn" }, permutation: 1 });
  writeFileSync(file("cnn.safetensors"), FORMATS.safetensors.encode(cell));
  const args = [program("python", "cnn.py"), ...["cnn.safetensors", "images.gz", "labels.gz"].map(file)];
  const { stdout, stderr } = await run(args, { program: "python3" }).catch(({ message }: Error) => ({
    stdout: "",
    stderr: message,
  }));
  if (/ENOENT|No module named/.test(stderr)) skip("no python3 with torch and numpy: what it reads is not tried");
  const accuracy = cell.record.curve[0].testAccuracy!;
  const [there, told] = stdout.trim().split(" ").map(Number);
  expect({ told, stderr }).toEqual({ told: accuracy, stderr: "" });
  expect(there).toBeCloseTo(accuracy, 6);
  expect(accuracy).toBeGreaterThan(0.3);
});
