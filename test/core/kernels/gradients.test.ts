/** Every layer's and whole models' gradients against central differences in Float64 (reference kernels). */
import { describe, expect, it } from "vitest";
import { type Case, cases, flat, gradients, network, samples } from "../networks.js";

/** Step of the central difference: its error is about h²·f''' + 2^-53/h, smallest near 1e-5. */
const H = 1e-5;
/** Parameters that are moved, about: fewer where a pass takes long. */
const moved = ({ height }: Case): number => (height < 28 ? 75 : 25);

describe("gradients against central differences (reference, Float64)", () => {
  it.each(cases)("$name", (test) => {
    const net = network(test, "reference", "float64");
    const data = samples(test, test.batch, net.classes);
    const analytic = gradients(net, data, test.batch).gradients;
    const values = net.parameters.values;
    const count = analytic.length;
    const every = Math.max(1, Math.floor(count / moved(test)));
    let logical = 0;
    let checked = 0;
    let kinks = 0;
    for (const { shape, stride, offset } of net.parameters.layouts) {
      const walk = (axis: number, at: number): void => {
        if (axis < shape.length) {
          for (let i = 0; i < shape[axis]; i++) walk(axis + 1, at + i * stride[axis]);
          return;
        }
        const i = logical++;
        if (i % every !== 0) return;
        const value = values.get(at);
        const lossAt = (v: number): number => {
          values.set(at, v);
          let sum = 0;
          for (let start = 0; start < test.batch; start += net.microBatch) {
            net.pass.start = start;
            sum += net.forward(
              data.images,
              data.labels,
              data.order,
              start,
              Math.min(net.microBatch, test.batch - start),
              1 / test.batch,
            );
          }
          return sum / test.batch;
        };
        const difference = (h: number): number => (lossAt(value + h) - lossAt(value - h)) / (2 * h);
        const numeric = difference(H);
        checked += 1;
        // Where a ReLU or a maximum switches within ±2h a wider difference is another: no derivative to compare.
        if (!(Math.abs(numeric - analytic[i]) <= 1e-8)) {
          if (!(Math.abs(numeric - difference(2 * H)) > 1e-7))
            expect.fail(`gradient[${i}]: got ${analytic[i]}, central difference ${numeric}`);
          kinks += 1;
        }
        values.set(at, value);
      };
      walk(0, offset);
    }
    expect(checked).toBeGreaterThan(0);
    expect(kinks).toBeLessThanOrEqual(checked * 0.05);
    expect(Math.max(...flat(net, net.parameters.gradients).map(Math.abs))).toBeGreaterThan(1e-4);
  });
});
