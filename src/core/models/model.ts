/** What the core, the ids and the page need to know of a family of models. */
import type { Schema, SpecOf } from "../family.js";
import type { BlockSpec } from "./blocks.js";

export interface ModelFamily<S extends Schema, Spec = SpecOf<S>> {
  schema: S;
  /** The layers, ending in the logits of `classes` classes. */
  blocks(spec: Spec, classes: number): BlockSpec[];
  /** The word in ids: lower-case letters and digits. */
  id(spec: Spec): string;
  /** The word in tables and legends. */
  word(spec: Spec): string;
  /** With all that tells it from its like, such as "MLP 100-100". */
  inFull(spec: Spec): string;
}

/** Checks that every part of a family is there, and infers its spec from the schema. */
export const model = <S extends Schema>(parts: ModelFamily<S>): ModelFamily<S> => parts;
