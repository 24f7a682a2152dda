import type { MapTensors, Operation } from "../kernels/kernels.js";
import { sigmoid } from "../numeric/math.js";
import { elementwise } from "./elementwise.js";

/** SiLU, also called swish: y = x·σ(x) with σ(x) = 1 / (1 + e^-x) (Elfwing, Uchibe and Doya, 2018). */
export function silu(t: MapTensors): Operation {
  // σ' = σ·(1 - σ), hence dx = dy·(σ + x·σ·(1 - σ))
  return elementwise(
    t,
    "x",
    (x) => x * sigmoid(x),
    (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  );
}
