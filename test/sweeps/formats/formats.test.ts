/** Exported weights: each element under its name and in its place, in every format. */
import { strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import type { BlockSpec } from "../../../src/core/models/blocks.js";
import { FORMATS } from "../../../src/sweeps/formats/formats.js";
import { modelTensors, namedTensors } from "../../../src/sweeps/formats/parameter-names.js";
import { decodeSafetensors, encodeSafetensors } from "../../../src/sweeps/formats/safetensors.js";
import { sampleRecord } from "../fixtures.js";

const images = { height: 4, width: 5, channels: 2, classNames: ["a", "b", "ü", "d"] };
const layers: BlockSpec[] = [
  { kind: "conv2d", channels: 3, kernel: 3, padding: 1, bias: false },
  { kind: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
  { kind: "residual", layers: [{ kind: "relu" }, { kind: "conv2d", channels: 3, kernel: 1, padding: 0 }] },
  { kind: "flatten" },
  { kind: "dense", units: 4 },
];
const model = modelTensors({ kind: "layers", name: "small", layers }, images, 4);
/** Each number tells its place. */
const weights = Float32Array.from({ length: model.count }, (_, i) => i);
const named = new Map(namedTensors(model, weights).map((tensor) => [tensor.name, tensor]));

describe("names and layouts", () => {
  it("are those of nn.Sequential, a residual block being a module of its own", () => {
    expect([...named.values()].map(({ name, shape }) => [name, shape])).toEqual([
      ["0.weight", [3, 2, 3, 3]],
      ["1.weight", [3]],
      ["1.bias", [3]],
      ["1.running_mean", [3]],
      ["1.running_var", [3]],
      ["2.1.weight", [3, 3, 1, 1]],
      ["2.1.bias", [3]],
      ["4.weight", [4, 60]],
      ["4.bias", [4]],
    ]);
  });

  it("have the channels before the pixels", () => {
    const filters = named.get("0.weight")!.values;
    // [output 1, channel 1, row 2, column 0] there is [1, 2, 0, 1] here.
    expect(filters[((1 * 2 + 1) * 3 + 2) * 3 + 0]).toBe(((1 * 3 + 2) * 3 + 0) * 2 + 1);
    const matrix = named.get("4.weight")!.values;
    const start = 54 + 6 + 9 + 3;
    // Of unit 3 the weight of channel 2 at row 1, column 4, which is the input (1·5 + 4)·3 + 2 here.
    expect(matrix[3 * 60 + 2 * 20 + 1 * 5 + 4]).toBe(start + ((1 * 5 + 4) * 3 + 2) * 4 + 3);
  });

  it("of the running statistics leave out what pads them", () => {
    const start = 54 + 6 + 9 + 3 + 240 + 4;
    expect([...named.get("1.running_mean")!.values]).toEqual([start, start + 1, start + 2]);
    expect([...named.get("1.running_var")!.values]).toEqual([start + 4, start + 5, start + 6]);
  });
});

describe("formats", () => {
  const config = trainConfigSchema.parse({
    model: { kind: "layers", name: "small", layers },
    optimizer: { kind: "sgd" },
  });
  const trained = { record: sampleRecord(config), images, weights };

  it("know their own files again, and no others", () => {
    for (const [name, { encode }] of Object.entries(FORMATS)) {
      const content = encode(trained);
      expect(Buffer.from(encode(trained)).equals(Buffer.from(content)), name).toBe(true);
      const begin = Buffer.from(content).subarray(0, 4096).toString("latin1");
      for (const [other, { beginning }] of Object.entries(FORMATS))
        expect(beginning.test(begin), `${name} as ${other}`).toBe(name === other);
    }
  });

  it("know what others made of them, or in their likeness, for none of theirs", () => {
    const beginningOf = (bytes: Uint8Array) => Buffer.from(bytes).subarray(0, 4096).toString("latin1");
    const folder = zipSync({ "handgrad/README.md": [strToU8("hi"), { level: 0 }] });
    expect(FORMATS.npz.beginning.test(beginningOf(folder))).toBe(false);
    // A message of protobuf is written in the order of its fields' numbers.
    const onnx = FORMATS.onnx.encode(trained) as Uint8Array;
    const saved = Buffer.concat([onnx.subarray(10, 12), onnx.subarray(0, 10), onnx.subarray(12)]);
    expect(beginningOf(saved)).toMatch(/^\x08\x08\x12\x08handgrad/);
    expect(FORMATS.onnx.beginning.test(beginningOf(saved))).toBe(false);
    const [bytes, text] = ["{ ", "{"].map((start) =>
      Buffer.from(FORMATS.safetensors.encode(trained)).toString("latin1").replace("{ ", start),
    );
    expect([bytes, text].map((file) => FORMATS.safetensors.beginning.test(file))).toEqual([true, false]);
  });

  it("safetensors: what is written is read, and begins at a multiple of eight bytes", () => {
    const bytes = FORMATS.safetensors.encode(trained) as Uint8Array;
    expect(Number(Buffer.from(bytes).readBigUInt64LE()) % 8).toBe(0);
    expect(decodeSafetensors(bytes, "f")).toEqual(named);
    const header = JSON.parse(
      Buffer.from(bytes).toString("utf8", 8, 8 + Number(Buffer.from(bytes).readBigUInt64LE())),
    ) as { __metadata__: Record<string, string> };
    expect(JSON.parse(header.__metadata__.classes)).toEqual(images.classNames);
    expect(JSON.parse(header.__metadata__.config)).toEqual(config);
  });

  it("safetensors: what is none is refused in a line", () => {
    const whole = encodeSafetensors([...named.values()], {});
    const withHeader = (header: object, data = 8): Uint8Array => {
      const text = Buffer.from(JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([length, text, Buffer.alloc(data)]);
    };
    const tensor = (dtype: string, end = 8) => ({ w: { dtype, shape: [2], data_offsets: [0, end] } });
    expect(decodeSafetensors(withHeader(tensor("F32")), "f").size).toBe(1);
    for (const [bytes, reason] of [
      [whole.subarray(0, 4), "f: got a file that does not begin as safetensors do"],
      [Buffer.from("a text that is longer than eight bytes"), "f: got a file that does not begin as safetensors do"],
      [whole.subarray(0, -1), "f: tensor 4.bias: got bytes"],
      [withHeader(tensor("BF16", 4)), "f: tensor w: got BF16, expected F32"],
      [withHeader(tensor("F32", 4)), "f: tensor w: got bytes 0 to 4 of 8, expected 8 for [2]"],
      [withHeader(tensor("F32"), 4), "f: tensor w: got bytes 0 to 8 of 4, expected 8 for [2]"],
      [withHeader({ w: { dtype: "F32" } }), "f: header: w.shape: "],
      [withHeader({ w: { dtype: "F32", shape: [-1], data_offsets: [0, 0] } }), "f: header: w.shape.0: "],
    ] as [Uint8Array, string][])
      expect(() => decodeSafetensors(bytes, "f")).toThrow(reason);
    const counted = { ...tensor("F32"), "1.num_batches_tracked": { dtype: "I64", shape: [], data_offsets: [8, 16] } };
    expect([...decodeSafetensors(withHeader(counted, 16), "f").keys()]).toEqual(["w"]);
  });

  it("safetensors: tensors that share bytes or leave some out are refused, in whatever order they stand", () => {
    const file = (offsets: [number, number][], data: number): Uint8Array => {
      const names = offsets.map((data_offsets, i) => [`w${i}`, { dtype: "F32", shape: [1], data_offsets }]);
      const text = Buffer.from(JSON.stringify(Object.fromEntries(names)));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([length, text, Buffer.alloc(data)]);
    };
    const two: [number, number][] = [
      [4, 8],
      [0, 4],
    ];
    expect(decodeSafetensors(file(two, 8), "f").size).toBe(2);
    expect(() => decodeSafetensors(file([two[1], [2, 6]], 6), "f")).toThrow(
      "f: got tensors that share bytes before byte 4 of 6",
    );
    expect(() => decodeSafetensors(file([two[0]], 8), "f")).toThrow(
      "f: got tensors that leave out bytes before byte 4 of 8",
    );
    expect(() => decodeSafetensors(file(two, 12), "f")).toThrow("leave out bytes before byte 12 of 12, expected");
  });

  it("tell no test accuracy where none was measured", () => {
    const told = (accuracy?: number) =>
      Buffer.from(
        FORMATS.safetensors.encode({
          ...trained,
          record: {
            ...trained.record,
            curve: trained.record.curve.map((epoch) => ({ ...epoch, testAccuracy: accuracy })),
          },
        }),
      ).toString("latin1");
    expect(told(0.5)).toContain('"testAccuracy":"0.5"');
    expect(told()).not.toContain("testAccuracy");
  });

  it("npz: arrays of numpy, whose values begin at a multiple of 64 bytes", () => {
    const files = unzipSync(FORMATS.npz.encode(trained) as Uint8Array);
    expect(Object.keys(files)).toEqual([...named.keys()].map((name) => `${name}.npy`));
    const file = Buffer.from(files["0.weight.npy"]);
    const start = 10 + file.readUInt16LE(8);
    expect(start % 64).toBe(0);
    expect(file.toString("latin1", 0, start)).toMatch(
      /^\x93NUMPY\x01\x00..\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 2, 3, 3\), \} *\n$/s,
    );
    expect(Buffer.from(files["1.bias.npy"]).toString("latin1")).toContain("'shape': (3,)");
    expect(file.readFloatLE(start + 4)).toBe(named.get("0.weight")!.values[1]);
  });

  it("csv: a row for each value, after its place", () => {
    const lines = (FORMATS.csv.encode(trained) as string).split("\r\n");
    expect(lines[0]).toBe("tensor,output,input,y,x,value");
    expect(lines).toContain(`0.weight,1,1,2,0,${((1 * 3 + 2) * 3 + 0) * 2 + 1}`);
    expect(lines).toContain(`4.bias,3,,,,${named.get("4.bias")!.values[3]}`);
    expect(lines).toHaveLength(2 + 54 + 12 + 12 + 244);
  });
});
