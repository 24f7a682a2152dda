/** Adds up what the shards of a batch give, in the order in which they are handed in: so the sums have the same bits wherever the shards ran. */
import type { Network } from "../network/network.js";
import type { ShardFigures } from "./passes.js";
import { floatsOf, type Tensor } from "../kernels/tensor.js";

export class BatchSum {
  /** Sum over the samples so far. */
  loss = 0;
  correct = 0;
  private samples = 0;
  /** Shard statistics times the samples of their shard. */
  private readonly statistics: Float64Array;

  /** @param total where the shards' gradients are summed; absent: the network's backward passes add them up themselves */
  constructor(
    private readonly network: Network,
    private readonly total?: Tensor,
  ) {
    this.statistics = new Float64Array(network.statistics.size);
  }

  /** The batch's gradient, once all its shards are added. */
  get gradient(): Tensor {
    return this.total ?? this.network.parameters.gradients;
  }

  /** Forgets the batch before. */
  begin(): void {
    this.loss = 0;
    this.correct = 0;
    this.samples = 0;
    this.statistics.fill(0);
  }

  /** Adds a shard of n samples, whose gradient and statistics lie in the network. */
  add(n: number, { loss, correct }: ShardFigures): void {
    const { kernels, parameters, shardStatistics } = this.network;
    if (this.total && this.samples === 0) floatsOf(this.total).set(floatsOf(parameters.gradients));
    else if (this.total) kernels.optimizer.addScaled(this.total, parameters.gradients, 1);
    floatsOf(shardStatistics).forEach((value, i) => (this.statistics[i] += n * value));
    this.loss += loss;
    this.correct += correct;
    this.samples += n;
  }

  /**
   * Moves the running statistics towards the mean over the batch's shards: s ← (1 - momentum)·s + momentum·mean.
   * @param momenta one for every running statistic
   */
  moveStatistics(momenta: Float64Array): void {
    const running = floatsOf(this.network.statistics);
    momenta.forEach(
      (momentum, i) => (running[i] = (1 - momentum) * running[i] + momentum * (this.statistics[i] / this.samples)),
    );
  }
}
