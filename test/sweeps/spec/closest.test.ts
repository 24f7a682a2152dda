import fc from "fast-check";
import { expect, test } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { closest, didYouMean } from "../../../src/sweeps/spec/closest.js";
import { closestField } from "../../../src/sweeps/spec/fields.js";

const layers = ["conv2d", "relu", "maxPool2d", "globalMaxPool2d", "batchNorm", "dropout", "dense", "flatten"];
const optimizers = ["sgd", "nesterov", "adam", "muon"];

test.each<[word: string, known: string[], meant: string | undefined]>([
  ["conv", layers, "conv2d"],
  ["linear", layers, "dense"],
  ["maxpool", layers, "maxPool2d"],
  ["max_pool_2d", layers, "maxPool2d"],
  ["BatchNorm2d", layers, "batchNorm"],
  ["ReLU", layers, "relu"],
  ["adm", optimizers, "adam"],
  ["sdg", optimizers, "sgd"],
  ["AdamW", optimizers, "adam"],
  ["rmsprop", optimizers, undefined],
  ["hasOwnProperty", optimizers, undefined],
  ["", optimizers, undefined],
  ["--", ["--wait"], undefined],
  ["finl", ["final", "ablation"], "final"],
  ["fashion_mnist", ["auto", "fashion-mnist", "synthetic"], "fashion-mnist"],
])("%s of %j is %s", (word, known, meant) => expect(closest(word, known)).toBe(meant));

test.each([
  ["learningRate", "optimizer.lr"],
  ["learning_rate", "optimizer.lr"],
  ["lr", "optimizer.lr"],
  ["momentum", "optimizer.momentum"],
  ["weight_decay", "optimizer.weightDecay"],
  ["batch_size", "batchSize"],
  ["batch", "batchSize"],
  ["optimiser", "optimizer"],
  ["hiden", "model.hidden"],
  ["num_epochs", "epochs"],
  ["scheduler", "schedule"],
  ["augmentation", "augment"],
  ["random_state", "seed"],
  ["zzz", undefined],
])("the field meant by %s is %s", (word, field) => expect(closestField(word)).toBe(field));

test("a word but for one letter is the word, and known words are themselves", () => {
  const fields = Object.keys(trainConfigSchema.shape);
  const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.nat(30), fc.nat(3), letter, (field, place, change, other) => {
      expect(closest(field, fields)).toBe(field);
      const at = place % field.length;
      const changed = [
        field.slice(0, at) + field.slice(at + 1),
        field.slice(0, at) + other + field.slice(at),
        field.slice(0, at) + other + field.slice(at + 1),
        field.slice(0, at) + (field[at + 1] ?? "") + field[at] + field.slice(at + 2),
      ][change];
      expect([changed, closest(changed, fields)]).toEqual([changed, field]);
    }),
    { seed: 20_261_130, numRuns: 2000 },
  );
});

test("is a question, or nothing", () => {
  expect(didYouMean("adm", optimizers)).toBe('; did you mean "adam"?');
  expect([didYouMean("rmsprop", optimizers), didYouMean(3, optimizers)]).toEqual(["", ""]);
});
