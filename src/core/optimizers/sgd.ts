import type { Tensor } from "../kernels/tensor.js";

/** Velocities below this count as 0: a dead unit's would otherwise decay into subnormal numbers, which cost processors a hundredfold. */
export const SMALLEST_VELOCITY = 1e-30;

/** Stochastic gradient descent on flat arrays of one length: p ← p - lr·g. */
export function sgd(p: Tensor, g: Tensor, lr: number): void {
  for (let i = 0; i < p.size; i++) p.set(i, p.get(i) - lr * g.get(i));
}

/**
 * SGD with momentum, in PyTorch's form (Sutskever et al., "On the importance of initialization and momentum
 * in deep learning", 2013): v ← momentum·v + g; p ← p - lr·v, or with Nesterov's look-ahead p ← p - lr·(g + momentum·v).
 */
export function momentum(p: Tensor, g: Tensor, v: Tensor, lr: number, momentum: number, nesterov: boolean): void {
  for (let i = 0; i < p.size; i++) {
    const gradient = g.get(i);
    let velocity = momentum * v.get(i) + gradient;
    if (Math.abs(velocity) < SMALLEST_VELOCITY) velocity = 0;
    v.set(i, velocity);
    p.set(i, p.get(i) - lr * (nesterov ? gradient + momentum * velocity : velocity));
  }
}
