/** The digest that a record has of its cell's final weights. */
import { createHash } from "node:crypto";
import { weightBytes } from "../../core/training/weight-bytes.js";

/** sha256 (hex) of `weightBytes`. */
export function weightsDigest(weights: Float32Array): string {
  return createHash("sha256").update(weightBytes(weights)).digest("hex");
}
