import { SMALLEST_EXPONENT } from "../../kernels/constants";
import { exp4, log } from "./math";

/**
 * Softmax and cross-entropy of n samples; returns the sum of their losses, each times its weight. z and dz hold rows of `stride` bytes,
 * `classes` floats used; dz becomes scale·weight·(softmax - target), the targets those of src/core/reference/softmax-cross-entropy.ts.
 */
export function softmaxCrossEntropy(
  n: i32,
  classes: i32,
  z: usize,
  dz: usize,
  stride: usize,
  labels: usize,
  partners: usize,
  shares: usize,
  weights: usize,
  smoothing: f64,
  predicted: usize,
  confidence: usize,
  scale: f32,
): f64 {
  const smallest = f32x4.splat(<f32>SMALLEST_EXPONENT);
  let total: f64 = 0;
  const row = (<usize>((classes + 3) & ~3)) << 2;
  for (let s = 0; s < n; s++) {
    let best = 0;
    let max = load<f32>(z);
    for (let c = 1; c < classes; c++) {
      const value = load<f32>(z + ((<usize>c) << 2));
      if (value > max) {
        max = value;
        best = c;
      }
    }
    const label = (<usize>load<u8>(labels)) << 2;
    const max4 = f32x4.splat(max);
    let sum4 = f32x4.splat(0);
    for (let at: usize = 0; at < row; at += 16) {
      const shifted = f32x4.sub(v128.load(z + at), max4);
      // Not below the smallest exponent (a NaN is not): the exponential; below: 0.
      let e = v128.andnot(exp4(f32x4.pmax(shifted, smallest)), f32x4.lt(shifted, smallest));
      const lanes = classes - <i32>(at >> 2);
      if (lanes < 4) e = v128.and(e, i32x4.gt_s(i32x4.splat(lanes), i32x4(0, 1, 2, 3)));
      v128.store(dz + at, e);
      sum4 = f32x4.add(sum4, e);
    }
    const sum =
      f32x4.extract_lane(sum4, 0) +
      f32x4.extract_lane(sum4, 1) +
      (f32x4.extract_lane(sum4, 2) + f32x4.extract_lane(sum4, 3));
    const weight = load<f32>(weights);
    const step = scale * weight;
    const factor = f32x4.splat(step / sum);
    for (let at: usize = 0; at < row; at += 16) v128.store(dz + at, f32x4.mul(v128.load(dz + at), factor));
    const share = <f64>load<f32>(shares);
    if (smoothing === 0 && share === 1) {
      const target = load<f32>(z + label);
      const below = max - target;
      // Of logits near the largest float the difference is none.
      total += <f64>weight * (log(<f64>sum) + (below < Infinity ? <f64>below : <f64>max - <f64>target));
      store<f32>(dz + label, load<f32>(dz + label) - step);
    } else {
      const partner = (<usize>load<u8>(partners)) << 2;
      let mean: f64 = 0;
      for (let c = 0; c < classes; c++) {
        const at = (<usize>c) << 2;
        const hard = (at === label ? share : 0) + (at === partner ? 1 - share : 0);
        const target = (1 - smoothing) * hard + smoothing / <f64>classes;
        if (target !== 0) mean += target * <f64>load<f32>(z + at);
        store<f32>(dz + at, load<f32>(dz + at) - step * <f32>target);
      }
      total += <f64>weight * (log(<f64>sum) + (<f64>max - mean));
    }
    store<u8>(predicted, <u8>best);
    store<f32>(confidence, 1 / sum);
    z += stride;
    dz += stride;
    labels++;
    partners++;
    shares += 4;
    weights += 4;
    predicted++;
    confidence += 4;
  }
  return total;
}
