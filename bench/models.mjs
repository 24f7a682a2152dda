// The nets that both benchmarks train: the homework's two, and the bonus's residual network as its recipe trains it,
// without augmentation. Fields of a cell's config; its optimizer gets kind and rate from the benchmark.
export const MODELS = {
  cnn: { model: { kind: "cnn" }, batchSize: 64 },
  mlp: { model: { kind: "mlp" }, batchSize: 64 },
  resnet: { model: { kind: "resnet", width: 24 }, batchSize: 128, shardSize: 32, optimizer: { weightDecay: 5e-4 } },
};
