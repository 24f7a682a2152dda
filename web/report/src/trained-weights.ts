/** Final weights that the page has of its cells beside those that travel with it: trained here, or given by the reader. */

export class TrainedWeights {
  private readonly weights = new Map<string, Float32Array>();
  private readonly listeners = new Set<(id: string) => void>();

  /** @param weights as of `TrainResult.weights`; whoever uses them checks their digest */
  put(id: string, weights: Float32Array): void {
    this.weights.set(id, weights);
    for (const listener of [...this.listeners]) listener(id);
  }

  get(id: string): Float32Array | undefined {
    return this.weights.get(id);
  }

  /** Tells of each cell whose weights are put here; returns how to stop. */
  subscribe(listener: (id: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
