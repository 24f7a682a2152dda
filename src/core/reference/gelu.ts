import type { MapTensors, Operation } from "../kernels/kernels.js";
import { sigmoid } from "../numeric/math.js";
import { elementwise } from "./elementwise.js";

/** 2·√(2/π) */
const SCALE = 1.5957691216057308;
const CUBIC = 0.044715;
/** Beyond it the sigmoid is 0 or 1 to every bit; x³ must not overflow. */
const FAR = 30;

/**
 * GELU in its tanh form, ½x·(1 + tanh u) with u = √(2/π)·(x + 0.044715·x³) (Hendrycks and Gimpel, 2016).
 * As ½(1 + tanh u) = σ(2u), it is x·σ(z) with z = 2u.
 */
export function gelu(t: MapTensors): Operation {
  const near = (x: number): number => (x > FAR ? FAR : x < -FAR ? -FAR : x);
  const gate = (x: number): number => sigmoid(SCALE * (near(x) + CUBIC * near(x) * near(x) * near(x)));
  // dz/dx = 2·√(2/π)·(1 + 3·0.044715·x²), hence dx = dy·(σ(z) + x·σ(z)·(1 - σ(z))·dz/dx)
  return elementwise(
    t,
    "x",
    (x) => x * gate(x),
    (x) => gate(x) * (1 + near(x) * (1 - gate(x)) * SCALE * (1 + 3 * CUBIC * near(x) * near(x))),
  );
}
