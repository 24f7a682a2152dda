import type { MapTensors, Operation } from "../kernels/kernels.js";
import { elementwise } from "./elementwise.js";

/** y = x where x > 0, else slope·x, with a slope in [0, 1]; works in place. */
export function leakyRelu(t: MapTensors, slope: number): Operation {
  // y > 0 exactly where x > 0, hence dx = dy where y > 0, else slope·dy
  return elementwise(
    t,
    "y",
    (x) => (x > 0 ? x : slope * x),
    (y) => (y > 0 ? 1 : slope),
  );
}
