import type { OptimizerSpec } from "../config.js";
import type { MatrixSize, OptimizerKernels } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/** A parameter's place in the flat arrays. */
export interface Range {
  offset: number;
  length: number;
}

/** A weight as the matrix that Muon takes it for: a filter a row, or a dense layer's [inputs, outputs]. */
export interface Matrix extends Range, MatrixSize {
  /** Outputs for each input of one of them. */
  ratio: number;
}

/** How Muon divides the parameters. */
export interface MuonParts {
  matrices: Matrix[];
  others: Range[];
  orthogonalize: (x: Tensor, size: MatrixSize) => void;
}

/**
 * Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024): a weight's step is its Nesterov
 * momentum made orthogonal, so that it is as large in every direction, however small the gradient there:
 * v ← momentum·v + g; p ← (1 - lr·weightDecay)·p - lr·√max(1, ratio)·orthogonal(g + momentum·v), overwriting g.
 * Biases, gains and the last layer are not for it; they follow Nesterov with settings of their own.
 * @param share this step's share of the learning rates, as the schedule has it
 */
export function muon(
  spec: OptimizerSpec & { kind: "muon" },
  kernels: OptimizerKernels,
  p: Tensor,
  g: Tensor,
  v: Tensor,
  { matrices, others, orthogonalize }: MuonParts,
  share: number,
): void {
  const { momentum, weightDecay = 0, others: plain } = spec;
  const lr = share * spec.lr;
  const parts = ({ offset, length }: Range): Tensor[] => [p, g, v].map((flat) => flat.lo(offset).hi(length));
  for (const matrix of matrices) {
    const [weight, direction, velocity] = parts(matrix);
    kernels.momentum(direction, direction, velocity, -momentum, momentum, false);
    orthogonalize(direction, matrix);
    if (weightDecay > 0) kernels.scale(weight, 1 - lr * weightDecay);
    kernels.addScaled(weight, direction, -lr * Math.sqrt(Math.max(1, matrix.ratio)));
  }
  for (const other of others) {
    const [values, gradient, velocity] = parts(other);
    if (plain.weightDecay) kernels.addScaled(gradient, values, plain.weightDecay);
    kernels.momentum(values, gradient, velocity, share * plain.lr, plain.momentum, true);
  }
}
