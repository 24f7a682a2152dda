// Entry of the WebAssembly module. All addresses are byte offsets into the one imported memory (the arena);
// the TypeScript side (../kernels.ts) owns every buffer, so nothing here allocates.
export { matmul, matmulTransposed, addColumnSums, transpose } from "./matmul";
export { packConvWeights, packFlippedConvWeights, convolve, convolveWeightGradient, spreadPixels } from "./convolution";
export { winogradFilters, winogradForward } from "./winograd";
export { flipFilters, winogradConvolve, winogradWeightGradient } from "./winograd-convolution";
export {
  packSingleChannel,
  singleChannelForward,
  singleChannelWeightGradient,
  windowLists,
  windowWeightGradient,
  windowInputGradient,
  clearHalo,
} from "./conv-relu-pool";
export { rowLists } from "./lists";
export { multiplyRowLists, multiplyColumnLists } from "./sparse";
export { zero, maxPoolForward, maxPoolBackward, averagePoolForward, averagePoolBackward } from "./maps";
export {
  reluForward,
  reluBackward,
  leakyReluForward,
  leakyReluBackward,
  siluForward,
  siluBackward,
  geluForward,
  geluBackward,
  multiply,
  add,
  copy,
} from "./activations";
export {
  batchNormSums,
  batchNormStatistics,
  batchNormRunning,
  batchNormForward,
  batchNormGradientSums,
  batchNormParameterGradients,
  batchNormBackward,
} from "./batch-norm";
export { batchNormPoolForward, batchNormPoolBackward } from "./batch-norm-pool";
export { softmaxCrossEntropy } from "./softmax";
export { addScaled, scale, blend, sumOfSquares, sgd, momentum, adam } from "./optimizers";
export { orthogonalize } from "./orthogonalize";
export { gatherRows, gatherPixels } from "./gather";
export { exponentials, log } from "./math";
export { peak, peakOfPairs } from "./peak";
