import type { MatrixSize } from "../kernels/kernels.js";
import type { ParameterLayout } from "../kernels/parameters.js";
import type { Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";
import {
  decoupledWeightDecaySchema,
  learningRateSchema,
  momentumSchema,
  optimizer,
  weightDecaySchema,
} from "./optimizer.js";

/** A parameter's place in the flat arrays. */
interface Range {
  offset: number;
  length: number;
}

/** A weight as the matrix that Muon takes it for: a filter a row, or a dense layer's [inputs, outputs]. */
interface WeightMatrix extends Range, MatrixSize {
  /** Outputs for each input of one of them. */
  ratio: number;
}

/**
 * Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024): a weight's step is its Nesterov
 * momentum made orthogonal, so that it is as large in every direction, however small the gradient there:
 * v ← momentum·v + g; p ← (1 - lr·weightDecay)·p - lr·√max(1, ratio)·orthogonal(g + momentum·v), overwriting g.
 * Biases, gains and the last layer are not for it; they follow Nesterov with settings of their own.
 */
export const muon = optimizer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("muon"),
        lr: learningRateSchema(z)
          .default(0.02)
          .describe("How far a step turns a weight, as a fraction of an orthogonal matrix; a schedule's peak."),
        momentum: momentumSchema(z).default(0.95),
        weightDecay: decoupledWeightDecaySchema(z),
        others: z
          .strictObject({
            lr: learningRateSchema(z).default(0.01),
            momentum: momentumSchema(z).default(0.9),
            weightDecay: weightDecaySchema(z),
          })
          .prefault({})
          .describe("Of biases, gains and the last layer, which follow Nesterov; a schedule scales both rates alike."),
      })
      .describe("Muon: every layer's weight but the last's takes orthogonal steps (Jordan et al., 2024)."),
  stateCount: () => 1,
  bind(spec, set, { values, gradients, layouts }, [velocity]) {
    const { optimizer: kernels } = set;
    const { momentum, weightDecay = 0, others: plain } = spec;
    const { matrices, others } = matricesAndOthers(layouts);
    const orthogonalize = set.orthogonalizer(matrices);
    const parts = ({ offset, length }: Range): Tensor[] =>
      [values, gradients, velocity].map((flat) => flat.lo(offset).hi(length));
    return (_, rate) => {
      const share = rate / spec.lr;
      const lr = share * spec.lr;
      for (const matrix of matrices) {
        const [p, g, v] = parts(matrix);
        kernels.momentum(g, g, v, -momentum, momentum, false);
        orthogonalize(g, matrix);
        if (weightDecay > 0) kernels.scale(p, 1 - lr * weightDecay);
        kernels.addScaled(p, g, -lr * Math.sqrt(Math.max(1, matrix.ratio)));
      }
      for (const other of others) {
        const [p, g, v] = parts(other);
        if (plain.weightDecay) kernels.addScaled(g, p, plain.weightDecay);
        kernels.momentum(p, g, v, share * plain.lr, plain.momentum, true);
      }
    };
  },
  word: "Muon",
});

/** The weights but the last layer's as matrices, and all other parameters. */
function matricesAndOthers(layouts: readonly ParameterLayout[]): { matrices: WeightMatrix[]; others: Range[] } {
  const isWeight = ({ shape }: ParameterLayout): boolean => shape.length > 1;
  const last = layouts.findLast(isWeight);
  const matrices: WeightMatrix[] = [];
  const others: Range[] = [];
  for (const layout of layouts) {
    const { shape, stride, offset, fanIn } = layout;
    const length = shape[0] * stride[0];
    if (!isWeight(layout) || layout === last) others.push({ offset, length: roundUp(length, 16) });
    else {
      const elements = shape.reduce((a, b) => a * b, 1);
      matrices.push({ offset, length, rows: shape[0], columns: stride[0], ratio: elements / (fanIn * fanIn) });
    }
  }
  return { matrices, others };
}
