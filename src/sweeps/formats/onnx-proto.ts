/** The part of onnx.proto that exported models use, and its encoding. The numbers are the format's own. */
import protobuf from "protobufjs/light.js";

/** Versions that onnxruntime 1.12 and everything since reads. */
export const [IR_VERSION, OPSET] = [8, 17];
export const PRODUCER = "handgrad";
/** How a model of ours begins: `producer_name`, then `ir_version` 8. Others, ours saved again among them, have these in the order of their numbers. */
export const ONNX_BEGINNING = /^\x12\x08handgrad\x08\x08/;

/** TensorProto.DataType */
const [FLOAT, INT64] = [1, 7];
/** AttributeProto.AttributeType, by the field that holds the value. */
const ATTRIBUTE_TYPES = { f: 1, i: 2, ints: 7 } as const;

type Field = [number: number, type: string, rule?: "repeated"];
const message = (fields: Record<string, Field>): protobuf.IType => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, [id, type, rule]]) => [name, { id, type, rule }])),
});

const root = protobuf.Root.fromJSON({
  nested: {
    Model: message({
      irVersion: [1, "int64"],
      producerName: [2, "string"],
      producerVersion: [3, "string"],
      graph: [7, "Graph"],
      opsetImport: [8, "Opset", "repeated"],
      metadataProps: [14, "Entry", "repeated"],
    }),
    Opset: message({ domain: [1, "string"], version: [2, "int64"] }),
    Entry: message({ key: [1, "string"], value: [2, "string"] }),
    Graph: message({
      node: [1, "Node", "repeated"],
      name: [2, "string"],
      initializer: [5, "Tensor", "repeated"],
      input: [11, "ValueInfo", "repeated"],
      output: [12, "ValueInfo", "repeated"],
    }),
    Node: message({
      input: [1, "string", "repeated"],
      output: [2, "string", "repeated"],
      name: [3, "string"],
      opType: [4, "string"],
      attribute: [5, "Attribute", "repeated"],
    }),
    Attribute: message({
      name: [1, "string"],
      f: [2, "float"],
      i: [3, "int64"],
      ints: [8, "int64", "repeated"],
      type: [20, "int32"],
    }),
    Tensor: message({
      dims: [1, "int64", "repeated"],
      dataType: [2, "int32"],
      name: [8, "string"],
      rawData: [9, "bytes"],
    }),
    ValueInfo: message({ name: [1, "string"], type: [2, "Type"] }),
    Type: message({ tensorType: [1, "TensorType"] }),
    TensorType: message({ elemType: [1, "int32"], shape: [2, "TensorShape"] }),
    TensorShape: message({ dim: [1, "Dimension", "repeated"] }),
    Dimension: message({ dimValue: [1, "int64"], dimParam: [2, "string"] }),
  },
});
const Model = root.lookupType("Model");

export type Attributes = Record<string, { f: number } | { i: number } | { ints: number[] }>;

/** @param output the name of what it computes */
export function node(opType: string, input: string[], output: string, attributes: Attributes = {}): object {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    const [field] = Object.keys(value) as (keyof typeof ATTRIBUTE_TYPES)[];
    return { name, type: ATTRIBUTE_TYPES[field], ...value };
  });
  return { input, output: [output], name: output, opType, attribute };
}

/** @param values little-endian */
export const tensor = (name: string, dims: number[], values: Uint8Array | BigInt64Array): object => {
  const whole = values instanceof BigInt64Array;
  return { name, dims, dataType: whole ? INT64 : FLOAT, rawData: whole ? new Uint8Array(values.buffer) : values };
};

/** Of Float32. @param shape a word stands for a dimension that the caller chooses */
export const valueInfo = (name: string, shape: (number | string)[]): object => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: { dim: shape.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size })) },
    },
  },
});

export interface OnnxGraph {
  name: string;
  node: object[];
  initializer: object[];
  input: object[];
  output: object[];
}

/** A model as bytes. @param metadata what readers are told beside the graph */
export function encodeModel(graph: OnnxGraph, metadata: Record<string, string>): Uint8Array {
  const parts = [
    { producerName: PRODUCER },
    {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPSET }],
      graph,
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    },
  ];
  return Buffer.concat(parts.map((part) => Model.encode(Model.fromObject(part)).finish()));
}
