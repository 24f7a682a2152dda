/** The exponential moving average of weights and running statistics that a cell can be evaluated with. */
import type { Network } from "../network/network.js";
import { floatsOf, type Floats, type Tensor } from "../kernels/tensor.js";

export class WeightAverage {
  private readonly statistics: Floats;

  /**
   * @param values a flat array like the parameters
   * @param decay a step, in [0, 1)
   */
  constructor(
    private readonly network: Network,
    private readonly values: Tensor,
    private readonly decay: number,
  ) {
    this.statistics = floatsOf(network.statistics).slice();
  }

  /** Begins with the network's weights and statistics as they are. */
  begin(): void {
    floatsOf(this.values).set(floatsOf(this.network.parameters.values));
    this.statistics.set(floatsOf(this.network.statistics));
  }

  /**
   * Follows optimizer step t = 1, 2, …: average ← d·average + (1-d)·weights with d = min(decay, (1 + t) / (10 + t)), so
   * that early averages are of recent weights, not of the initial ones (TensorFlow's ExponentialMovingAverage with num_updates).
   */
  update(t: number): void {
    const { kernels, parameters, statistics } = this.network;
    const decay = Math.min(this.decay, (1 + t) / (10 + t));
    kernels.optimizer.blend(this.values, parameters.values, decay);
    floatsOf(statistics).forEach((value, i) => (this.statistics[i] += (1 - decay) * (value - this.statistics[i])));
  }

  /** Exchanges averages and the network's own: a second call restores every bit. */
  swap(): void {
    exchange(floatsOf(this.values), floatsOf(this.network.parameters.values));
    exchange(this.statistics, floatsOf(this.network.statistics));
    this.network.refresh();
  }

  /** Averages of the weights, padding included, and of the statistics. */
  get arrays(): Floats[] {
    return [floatsOf(this.values), this.statistics];
  }

  /** Averages of the weights in the order of `TrainState.weights`, then of the statistics. */
  pack(): Float32Array {
    const weights = this.network.parameters.pack(this.values);
    const packed = new Float32Array(weights.length + this.statistics.length);
    packed.set(weights);
    packed.set(this.statistics, weights.length);
    return packed;
  }

  /** The inverse of `pack`. */
  unpack(packed: Float32Array): void {
    this.network.parameters.unpack(packed, this.values);
    this.statistics.set(packed.subarray(packed.length - this.statistics.length));
  }
}

function exchange(a: Floats, b: Floats): void {
  const kept = a.slice();
  a.set(b);
  b.set(kept);
}
